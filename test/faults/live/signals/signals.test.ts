// A signal that lives as long as the application, with short-lived connections.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packaged } from '../../../runtimes/engines/engine.js'
import { run } from '../../../support/processes.js'

const results = join(import.meta.dirname, '../../../test-results')
let folder: string
let file: string

beforeAll(async () => {
  await mkdir(results, { recursive: true })
  folder = await mkdtemp(join(results, 'signals-'))
  file = join(folder, 'child.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'child.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    outfile: file,
    logLevel: 'error',
  })
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const nodes = ['20', '22', '24', '26'].map((version) => [version, packaged(`node${version}/bin/node`)] as const)

describe.each(nodes)('in Node %s', (version, path) => {
  const isMissing = !existsSync(path)
  if (isMissing && process.env['CI']) {
    throw new Error(`Node ${version} is not there: npm ci --prefix test/runtimes --ignore-scripts`)
  }

  test.skipIf(isMissing)(
    'a signal retains nothing of ended connections, and many live ones cause no warning',
    { timeout: 120_000 },
    async () => {
      const { stdout } = await run(path, ['--expose-gc', file])
      const { left, warnings, aborted } = JSON.parse(stdout) as {
        left: Record<string, number>
        warnings: string[]
        aborted: boolean
      }
      expect(Object.keys(left)).toHaveLength(20)
      // The collector may leave the last one of each on the stack.
      expect(Object.entries(left).filter(([, count]) => count > 3)).toEqual([])
      expect([warnings, aborted]).toEqual([[], false])
    },
  )
})
