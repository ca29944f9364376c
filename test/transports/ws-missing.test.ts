import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

// Bun brings a `ws` of its own, so it cannot be missing there; Deno starts scripts in another way.
const isNode = !('Bun' in globalThis) && !('Deno' in globalThis)

describe.runIf(isNode)('statewire/ws without the package ws, compiled and alone in a folder', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statewire-ws-missing-'))
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const to = ['--outDir', folder, '--rootDir', root, '--module', 'nodenext', '--target', 'es2022']
    await run(process.execPath, [tsc, '--ignoreConfig', '--noCheck', ...to, 'src/transports/ws.ts'], { cwd: root })
  }, 30_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const script = `
    const { wsTransport } = await import('./src/transports/ws.js')
    try {
      console.log(typeof wsTransport().connect)
    } catch ({ name, code, message }) {
      console.log(name, code, message)
    }
  `
  const tryIt = async (): Promise<string> =>
    (await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder })).stdout.trim()

  it('imports, and says what to install when wsTransport is called', async () => {
    expect(await tryIt()).toMatch(/^ConnectionError ERR_MISSING_PEER .*8\.18.*npm install ws.*WebSocket/)
  })

  it('works as soon as the package is there', async () => {
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    expect(await tryIt()).toBe('function')
  })
})
