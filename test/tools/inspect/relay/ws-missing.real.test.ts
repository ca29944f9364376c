import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../../support/processes.js'

const root = join(import.meta.dirname, '../../../..')

describe('statewire/inspect/relay without the package ws, compiled and alone in a folder', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statewire-relay-missing-'))
    const { imports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { imports: object }
    const here = JSON.stringify({ type: 'module', imports }).replaceAll('./dist/', './')
    await writeFile(join(folder, 'package.json'), here)
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const to = ['--outDir', folder, '--rootDir', root, '--module', 'nodenext', '--target', 'es2022']
    await run(process.execPath, [tsc, '--ignoreConfig', '--noCheck', ...to, 'src/tools/inspect/relay/index.ts'], {
      cwd: root,
    })
    // The relay needs no xstate to show XState's actors; the folder contains it all the same.
    await run('mkdir', [join(folder, 'node_modules')])
    await symlink(join(root, 'node_modules/xstate'), join(folder, 'node_modules/xstate'))
  }, 30_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const script = (options: string): string => `
    const { createRelay } = await import('./src/tools/inspect/relay/index.js')
    try {
      const relay = await createRelay(${options})
      console.log(relay.url)
      await relay.close()
    } catch ({ name, code, message }) {
      console.log(name, code, message)
    }
  `
  const tryIt = async (options: string): Promise<string> =>
    (await run(process.execPath, ['--input-type=module', '-e', script(options)], { cwd: folder })).stdout.trim()

  it('imports, and createRelay names the package to install', async () => {
    expect(await tryIt('{ viewer: "" }')).toMatch(
      /^ConnectionError ERR_MISSING_PEER .*8\.23.*npm install ws.*WebSocketServer/,
    )
  })

  it('works once the package is installed, and requires the viewer of the package', async () => {
    await symlink(join(root, 'node_modules/ws'), join(folder, 'node_modules/ws'))
    expect(await tryIt('{ viewer: "" }')).toMatch(/^ws:\/\/127\.0\.0\.1:/)
    expect(await tryIt('{}')).toMatch(/^ConnectionError ERR_OPTION viewer \(undefined\) must be the HTML/)
  })
})
