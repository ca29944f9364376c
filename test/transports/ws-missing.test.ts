import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../support/processes.js'

const root = join(import.meta.dirname, '../..')

// Bun has its own `ws`, so it cannot be missing there; Deno starts scripts differently.
const isNode = !('Bun' in globalThis) && !('Deno' in globalThis)

describe.runIf(isNode)('statewire/ws without the package ws, compiled and alone in a folder', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statewire-ws-missing-'))
    await describePackage()
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const to = ['--outDir', folder, '--rootDir', root, '--module', 'nodenext', '--target', 'es2022']
    await run(process.execPath, [tsc, '--ignoreConfig', '--noCheck', ...to, 'src/transports/ws.ts'], { cwd: root })
  }, 30_000)
  /** The folder's manifest: the package's own `imports`, whose files are here instead of in `dist`. */
  async function describePackage(more = {}): Promise<void> {
    const { imports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { imports: object }
    const manifest = JSON.stringify({ type: 'module', imports, ...more })
    await writeFile(join(folder, 'package.json'), manifest.replaceAll('./dist/', './'))
  }
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

  it('imports, and wsTransport names the package to install', async () => {
    expect(await tryIt()).toMatch(/^ConnectionError ERR_MISSING_PEER .*8\.23.*npm install ws.*WebSocket/)
  })

  it('names the package to install if it lacks a required feature', async () => {
    await mkdir(join(folder, 'node_modules'))
    for (const [name, what] of [
      ['ws7', 'pause'],
      ['stub', 'on, once'],
    ] as const) {
      await rm(join(folder, 'node_modules/ws'), { force: true })
      await symlink(name === 'stub' ? folder : join(root, 'node_modules', name), join(folder, 'node_modules/ws'))
      // What bundlers and jsdom get: a function that throws.
      await writeFile(join(folder, 'index.cjs'), 'module.exports = function () { throw new Error() }')
      await describePackage({ main: 'index.cjs' })
      expect(await tryIt()).toMatch(new RegExp(`^ConnectionError ERR_MISSING_PEER .*without ${what}.*npm install ws`))
    }
  })

  it('names the package to install if its version answers pings without a bound', async () => {
    const modules = join(folder, 'node_modules/ws')
    await rm(modules, { force: true })
    await cp(join(root, 'node_modules/ws'), modules, { recursive: true })
    const manifest = await readFile(join(modules, 'package.json'), 'utf8')
    await writeFile(join(modules, 'package.json'), manifest.replace(/"version": "[^"]+"/, '"version": "8.22.2"'))
    expect(await tryIt()).toMatch(/^ConnectionError ERR_MISSING_PEER .*8\.23 or later, and loaded 8\.22\.2/)
    await rm(join(folder, 'node_modules'), { recursive: true })
  })

  it('works once the package is installed', async () => {
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    expect(await tryIt()).toBe('function')
  })
})
