// One process for each function an app provides: whatever the function does, the process continues and exits with 0.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packaged } from '../runtimes/engines/engine.js'
import { bites, seams, type Seam } from './seams.js'
import { ending } from '../support/processes.js'

const root = join(import.meta.dirname, '../..')

const runtimes: readonly (readonly [name: string, path: string, args: readonly string[]])[] = [
  ['node20', packaged('node20/bin/node'), []],
  ['node22', packaged('node22/bin/node'), []],
  ['node24', packaged('node24/bin/node'), []],
  ['node26', packaged('node26/bin/node'), []],
  ['bun', packaged('@oven/bun-linux-x64/bin/bun'), ['run']],
  ['deno', packaged('@deno/linux-x64-glibc/deno'), ['run', '--allow-all', '--quiet']],
]

let folder: string
let file: string

beforeAll(async () => {
  await mkdir(join(root, 'test-results'), { recursive: true })
  folder = await mkdtemp(join(root, 'test-results', 'callbacks-'))
  file = join(folder, 'survivor.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'survivor.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    outfile: file,
    logLevel: 'error',
  })
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** One process for each. */
const families: readonly (readonly [string, (seam: Seam) => boolean])[] = [
  ['listeners', (seam) => /^(?:on |subscribe|observable|inspect)/.test(seam)],
  ['listeners of an abort signal', (seam) => seam.includes(' signal')],
  [
    'the URL provider, prepare, the codec and the policies',
    (seam) => /^(?:url|prepare|codec\.\w+|retry|backoff)$/.test(seam),
  ],
  ['the heartbeat', (seam) => seam.startsWith('heartbeat.')],
  ['the environment, the clock and random', (seam) => /^(?:environment|clock)\.|^random$/.test(seam)],
  ['handlers and listeners of the drop-in class', (seam) => seam.startsWith('socket ')],
]

interface Ending {
  readonly code: number | string | null
  readonly lines: readonly string[]
  readonly errors: string
}

/** How the process ended, and its output. */
async function run(path: string, args: readonly string[]): Promise<Ending> {
  const { code, signal, stdout, stderr } = await ending(path, args, { timeout: 240_000 })
  return { code: signal ?? code, lines: stdout.trim().split('\n'), errors: stderr }
}

test('every user callback belongs to one family', () => {
  for (const seam of seams) expect([seam, families.filter(([, belongs]) => belongs(seam)).length]).toEqual([seam, 1])
})

describe.each(runtimes)('on %s', (name, path, args) => {
  const isMissing = !existsSync(path)
  if (isMissing && process.env['CI'])
    throw new Error(`${name} is not there: npm ci --prefix test/runtimes --ignore-scripts`)

  test.skipIf(isMissing).each(families)(
    'a process survives whatever its app does in %s',
    { timeout: 300_000 },
    async (_, belongs) => {
      const names = seams.filter(belongs)
      const ended = await run(path, [...args, file, ...names])
      const survived = [...Object.keys(bites), 'rejects with a promise of another realm']
      const lines = names.flatMap((seam) => survived.map((bite) => `survived ${seam}: ${bite}`))
      // Any output after the last line is what ended it.
      expect(ended).toMatchObject({ lines: [...lines, 'done'], code: 0 })
    },
  )

  test.skipIf(isMissing).each(['--console-throws', '--no-console'])(
    'a process survives errors without a listener with %s',
    { timeout: 120_000 },
    async (how) => {
      const ended = await run(path, [...args, file, how, 'on message', 'on error', 'socket onmessage', 'codec.decode'])
      expect([ended.code, ended.lines.at(-1)]).toEqual([0, 'done'])
    },
  )
})

describe('on workerd', () => {
  const path = packaged('miniflare/package.json')
  const isMissing = !existsSync(path)
  if (isMissing && process.env['CI'])
    throw new Error('workerd is not there: npm ci --prefix test/runtimes --ignore-scripts')

  test.skipIf(isMissing)(
    'a worker survives whatever its app does, with nothing unhandled',
    { timeout: 300_000 },
    async () => {
      const { outputFiles } = await build({
        entryPoints: [join(import.meta.dirname, 'worker.ts')],
        bundle: true,
        format: 'esm',
        target: 'es2022',
        platform: 'neutral',
        mainFields: ['module', 'main'],
        write: false,
        logLevel: 'error',
      })
      const { Miniflare } = createRequire(path)('miniflare') as { Miniflare: new (options: object) => MiniflareLike }
      const worker = new Miniflare({ modules: true, script: outputFiles[0]!.text, compatibilityDate: '2026-06-01' })
      try {
        const answer = await worker.dispatchFetch('http://run.test/')
        expect(await answer.json()).toEqual({ lives: seams.length * Object.keys(bites).length, unhandled: [] })
      } finally {
        await worker.dispose()
      }
    },
  )
})

interface MiniflareLike {
  dispatchFetch(url: string): Promise<Response>
  dispose(): Promise<void>
}
