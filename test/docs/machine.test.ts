// The blocks of docs/machine.md are run as printed there.
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from './pages.js'
import { run } from '../support/processes.js'

const page = readFileSync(join(root, 'docs/machine.md'), 'utf8')
const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)]
  .map(([, code = '']) => code)
  // That one needs a browser.
  .filter((code) => !code.includes('@statelyai/inspect'))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'statewire-machine-'))
  await mkdir(join(folder, 'node_modules'))
  await symlink(root, join(folder, 'node_modules/statewire'))
  await symlink(join(root, 'node_modules/xstate'), join(folder, 'node_modules/xstate'))
})
afterAll(() => rm(folder, { recursive: true }))

async function output(code: string): Promise<string> {
  const { code: script } = await transform(code, { loader: 'ts', format: 'esm' })
  const file = join(folder, 'block.mjs')
  await writeFile(file, script)
  const { stdout, stderr } = await run(process.execPath, [file], { cwd: folder })
  return stdout + stderr
}

test('each code block runs, and its assertions pass', { timeout: 60_000 }, async () => {
  expect(blocks).toHaveLength(5)
  for (const code of blocks) {
    expect(code).toContain('console.assert(')
    expect(await output(code), code).toBe('')
  }
})

test('a failing assertion is reported', { timeout: 60_000 }, async () => {
  expect(await output(blocks[0]!.replace("=== 'dial'", "=== 'no'"))).toContain('Assertion failed')
})
