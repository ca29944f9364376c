// The types of the package, by the compilers that its users have. They are no dependency of ours: npm ci --prefix runtimes --ignore-scripts
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { haveTools, packedProject, root, run, tools, type Project } from './packed.js'

let project: Project
beforeAll(async () => {
  project = await packedProject()
  for (const name of ['@types/node', 'undici-types', '@types/ws']) await project.link(name)
}, 60_000)
afterAll(() => project.remove())

/** Each entry whose types are ours; those of `statewire/machine` are XState's. */
const app = `
  import { createConnection, textHeartbeat, type Connection, type ConnectionStatus, type Frame } from 'statewire'
  import { wsTransport } from 'statewire/ws'
  import { ReconnectingWebSocket } from 'statewire/websocket'
  import { FakeTransport, TestClock } from 'statewire/testing'
  import type { ConnectionInspection } from 'statewire/inspect'
  const connection: Connection<{ n: number }, string> = createConnection<{ n: number }, string>('wss://a.test', {
    transport: wsTransport({ coalesce: false }),
    heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong' }),
    codec: { encode: (text) => text, decode: (frame: Frame) => JSON.parse(frame as string) },
    clock: new TestClock(),
  })
  export const counts: { readonly sent: number } = connection.sendMany(['a', 'b'], { ttl: 5 })
  export const readable: ReadableStream<{ n: number }> = connection.readable
  export const writable: WritableStream<string> = connection.writable
  export const explain = (status: ConnectionStatus): number => (status.state === 'backoff' ? status.delay : 0)
  export const seen: ConnectionInspection[] = []
  export const socket: WebSocket = new ReconnectingWebSocket('wss://a.test')
  export const transport = new FakeTransport()
  // @ts-expect-error -- types are there, and bite
  connection.send(1)
`

const compilers: readonly [name: string, path: string][] = [
  ['5.4', join(tools, 'typescript54/bin/tsc')],
  ['5.9', join(tools, 'typescript59/bin/tsc')],
  ['6', join(tools, 'typescript6/bin/tsc')],
  ['7', join(root, 'node_modules/.bin/tsc')],
]

describe('an app that checks the types of its libraries', { timeout: 60_000 }, () => {
  for (const [version, path] of compilers) {
    for (const resolution of ['nodenext', 'bundler'] as const) {
      const here = version === '7' || haveTools
      const test = here || process.env['CI'] ? it : it.skip
      test(`compiles under TypeScript ${version} with ${resolution}${here ? '' : ' [SKIPPED: npm ci --prefix runtimes]'}`, async () => {
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
