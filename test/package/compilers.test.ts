// The package's types, checked by its users' compilers, which are not dependencies of this package: npm ci --prefix
// test/runtimes --ignore-scripts
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { haveTools, packedProject, root, run, tools, type Project } from './packed.js'

let project: Project
beforeAll(async () => {
  project = await packedProject()
  for (const name of ['@types/node', 'undici-types', '@types/ws', 'ws', 'xstate']) await project.link(name)
}, 60_000)
afterAll(() => project.remove())

/** Each entry with the package's own types; those of `statewire/xstate` come from XState. */
const app = `
  import { createConnection, textHeartbeat, type Connection, type ConnectionStatus, type MessageData } from 'statewire'
  import { wsTransport } from 'statewire/ws'
  import { ReconnectingWebSocket } from 'statewire/websocket'
  import { resumable, type Continuity } from 'statewire/resume'
  import { memoryStore, sessionServer, type Session } from 'statewire/server'
  import { FakeTransport, TestClock } from 'statewire/testing'
  import type { ConnectionInspection } from 'statewire/inspect'
  const connection: Connection<{ n: number }, string> = createConnection<{ n: number }, string>('wss://a.test', {
    transport: wsTransport({ coalesce: false }),
    heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong' }),
    codec: { encode: (text) => text, decode: (frame: MessageData) => JSON.parse(frame as string) },
    clock: new TestClock(),
  })
  export const counts: { readonly sent: number } = connection.sendMany(['a', 'b'], { ttl: 5 })
  export const readable: ReadableStream<{ n: number }> = connection.readable
  export const writable: WritableStream<string> = connection.writable
  export const explain = (status: ConnectionStatus): number => (status.state === 'backoff' ? status.delay : 0)
  export const seen: ConnectionInspection[] = []
  export const socket: WebSocket = new ReconnectingWebSocket('wss://a.test')
  export const transport = new FakeTransport()
  const session = resumable<string>()
  export const resumed = createConnection<string, string, [typeof session]>('wss://a.test', { features: [session] })
  session.on('continuity', (event: Continuity<string>) => event.kind)
  export const sessions = sessionServer({ store: memoryStore(), authenticate: () => ({ principal: 'ann' }) })
  export const send = (to: Session): Promise<number> => to.send('hello')
  // @ts-expect-error -- types are there, and bite
  connection.send(1)
`

const compilers: readonly [name: string, path: string][] = [
  ['5.4', join(tools, 'typescript54/bin/tsc')],
  ['5.9', join(tools, 'typescript59/bin/tsc')],
  ['6', join(tools, 'typescript6/bin/tsc')],
  ['7', join(root, 'node_modules/.bin/tsc')],
]

describe('an app that type-checks its libraries', { timeout: 60_000 }, () => {
  for (const [version, path] of compilers) {
    for (const resolution of ['nodenext', 'bundler'] as const) {
      const here = version === '7' || haveTools
      const test = here || process.env['CI'] ? it : it.skip
      test(`compiles under TypeScript ${version} with ${resolution}${here ? '' : ' [SKIPPED: npm ci --prefix test/runtimes]'}`, async () => {
        const folder = join(project.folder, `${version}-${resolution}`)
        await mkdir(folder)
        await writeFile(join(folder, 'app.ts'), app)
        const compilerOptions = {
          target: 'es2022',
          module: resolution === 'nodenext' ? 'nodenext' : 'esnext',
          moduleResolution: resolution,
          lib: ['es2023', 'dom', 'dom.iterable'],
          types: ['node'],
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: false,
          noEmit: true,
        }
        await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }))
        const { stdout } = await run(process.execPath, [path, '-p', folder]).catch(
          (failed: unknown) => failed as { stdout: string },
        )
        expect(stdout).toBe('')
      })
    }
  }
})

const imported = `
  import { createConnection, type Connection } from 'statewire'
  import { wsTransport } from 'statewire/ws'
  const connection: Connection = createConnection('wss://a.test', { transport: wsTransport(), autoOpen: false })
  console.log(connection.state)
`
const importedLater = `
  import type { Connection } from 'statewire' with { 'resolution-mode': 'import' }
  async function main(): Promise<void> {
    const { createConnection } = await import('statewire')
    const connection: Connection = createConnection('wss://a.test', { autoOpen: false })
    console.log(connection.state)
  }
  void main()
`
const paths = {
  statewire: ['../node_modules/statewire/dist/src/index'],
  'statewire/ws': ['../node_modules/statewire/dist/src/transports/ws'],
}

/** What docs/node.md says of each way, by compiler: `runs`, or the code of an error. */
const ways: readonly [module: string, version: string, code: string, options: object, outcome: string][] = [
  ['nodenext', '7', imported, {}, 'runs'],
  ['nodenext', '5.9', imported, {}, 'runs'],
  ['nodenext', '5.4', imported, {}, 'TS1479'],
  ['nodenext', '5.4', importedLater, {}, 'runs'],
  ['node16', '7', imported, {}, 'TS1479'],
  ['node16', '7', importedLater, {}, 'runs'],
  ['node16', '5.4', importedLater, {}, 'runs'],
  ['commonjs', '5.9', imported, { moduleResolution: 'node10' }, 'TS2307'],
  ['commonjs', '5.9', imported, { moduleResolution: 'node10', paths }, 'runs'],
  ['commonjs', '5.4', imported, { moduleResolution: 'node10', paths }, 'runs'],
]

describe('a CommonJS package', { timeout: 60_000 }, () => {
  for (const [index, [module, version, code, options, outcome]] of ways.entries()) {
    const path = compilers.find(([name]) => name === version)![1]
    const here = version === '7' || haveTools
    const test = here || process.env['CI'] ? it : it.skip
    const how = code === imported ? 'import' : 'await import'
    const more = 'paths' in options ? ' and paths' : ''
    const skipped = here ? '' : ' [SKIPPED: npm ci --prefix test/runtimes]'
    test(`under TypeScript ${version} with ${module}${more}, ${how}: ${outcome}${skipped}`, async () => {
      const folder = join(project.folder, `commonjs-${index}`)
      await mkdir(folder)
      await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }')
      await writeFile(join(folder, 'app.ts'), code)
      const compilerOptions = {
        target: 'es2022',
        module,
        lib: ['es2023', 'dom', 'dom.iterable'],
        types: ['node'],
        strict: true,
        skipLibCheck: true,
        outDir: 'out',
        ...options,
      }
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }))
      const compiled = await run(process.execPath, [path, '-p', folder]).catch(
        (failed: unknown) => failed as { stdout: string },
      )
      if (outcome === 'runs') {
        expect(compiled.stdout).toBe('')
        const { stdout } = await run(process.execPath, [join(folder, 'out/app.js')])
        expect(stdout).toBe('idle\n')
      } else expect(compiled.stdout).toContain(`error ${outcome}`)
    })
  }
})

describe('without @types/ws', { timeout: 60_000 }, () => {
  it('statewire/ws has no types for the options of ws, and an app that checks its libraries gets an error', async () => {
    const bare = await packedProject()
    try {
      for (const name of ['@types/node', 'undici-types', 'ws', 'xstate']) await bare.link(name)
      await writeFile(join(bare.folder, 'app.ts'), imported)
      const compile = async (...flags: string[]): Promise<string> => {
        const options = [
          '--module',
          'nodenext',
          '--target',
          'es2022',
          '--lib',
          'es2023,dom,dom.iterable',
          '--types',
          'node',
        ]
        const tsc = [join(root, 'node_modules/typescript/bin/tsc'), '--ignoreConfig', '--noEmit', '--strict']
        const { stdout } = await run(process.execPath, [...tsc, ...options, ...flags, 'app.ts'], {
          cwd: bare.folder,
        }).catch((failed: unknown) => failed as { stdout: string })
        return stdout
      }
      expect(await compile()).toMatch(/statewire\/dist\/src\/transports\/ws.*error TS7016.*'ws'/)
      expect(await compile('--skipLibCheck')).toBe('')
    } finally {
      await bare.remove()
    }
  })
})
