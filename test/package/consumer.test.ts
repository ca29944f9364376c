import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packedProject, root, run, type Project } from './packed.js'

const tsc = join(root, 'node_modules/.bin/tsc')

let at: Project
let project: string
let installed: string
const link = (name: string): Promise<void> => at.link(name)

/** The compiler's errors for a module of that project. */
async function compile(name: string, text: string, flags: readonly string[]): Promise<string> {
  await writeFile(join(project, name), text)
  const strict = [
    '--strict',
    '--exactOptionalPropertyTypes',
    '--noUncheckedIndexedAccess',
    '--noEmit',
    '--ignoreConfig',
  ]
  const { stdout } = await run(tsc, [...strict, ...flags, name], { cwd: project }).catch(
    (failed: unknown) => failed as { stdout: string },
  )
  return stdout
}

beforeAll(async () => {
  at = await packedProject()
  project = at.folder
  installed = at.installed
}, 60_000)

afterAll(() => at.remove())

const app = `
  import { ConnectionError, createConnection, fullJitter, textHeartbeat, type ConnectionOptions, type ConnectionStatus } from 'statewire'
  const options: ConnectionOptions = { protocols: 'a', heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong' }), backoff: fullJitter() }
  const connection = createConnection(({ attempt }) => \`wss://a.test/?\${attempt}\`, options)
  connection.on('close', ({ code, delay }: { code: number; delay: number | undefined }) => [code, delay])
  export const result: 'sent' | 'queued' | 'dropped' = connection.send('x', { ttl: 1 })
  export const explain = (status: ConnectionStatus): number => (status.state === 'backoff' ? status.delay : 0)
  export const failed = (error: unknown): boolean => error instanceof ConnectionError && error.code === 'ERR_URL'
  connection.inspect((event) => event.rootId)
  // @ts-expect-error -- types are there, and bite
  connection.send(1)
`

const dropIn = `
  import { ReconnectingWebSocket, type ReconnectingCloseEvent } from 'statewire/websocket'
  const Bound = ReconnectingWebSocket.with({ maxRetries: 0, queue: false })
  const socket = new Bound(async () => 'wss://a.test', () => ['a'])
  socket.addEventListener('close', ({ code, willReconnect }) => [code, willReconnect])
  socket.onmessage = ({ data }) => socket.send(data)
  export const delay = ({ retryDelay }: ReconnectingCloseEvent): number | undefined => retryDelay
  export const open: boolean = socket.readyState === Bound.OPEN
  // @ts-expect-error -- types are there, and bite
  Bound.with({ maxRetries: '0' })
`

const sessions = `
  import { createConnection } from 'statewire'
  import { resumable, type Continuity, type ResumeOptions, type ResumeSession } from 'statewire/resume'
  const options: ResumeOptions = { auth: async ({ attempt }) => attempt, persist: { storage: sessionStorage, key: 'chat' } }
  const session: ResumeSession = resumable(options)
  export const connection = createConnection('wss://a.test', { features: [session] })
  session.on('continuity', (event: Continuity) => (event.kind === 'lost' ? event.undelivered : event.kind))
  connection.on('close', ({ uncertain }) => uncertain.messages)
  export const delivered: Promise<void> = session.delivered()
  // @ts-expect-error -- types are there, and bite
  resumable({ acknowledge: 'automatic' })
  // @ts-expect-error -- a connection without the session has no such event
  createConnection('wss://a.test').on('continuity', () => {})
`

const sessionsServer = `
  import { ConnectionError, memoryStore, sessionServer, type Payload, type Session, type SessionStore } from 'statewire/server'
  import { WebSocketServer } from 'ws'
  interface User { readonly name: string }
  const store: SessionStore = memoryStore()
  const sessions = sessionServer<Payload, string, User>({
    server: new WebSocketServer({ noServer: true }),
    store,
    authenticate: ({ auth, request }) => (auth === request.url ? { principal: 'ann', data: { name: 'Ann' } } : undefined),
  })
  sessions.on('session', (session: Session<Payload, string, User>, { resumed }) => {
    session.on('message', async (message, { number }) => void (await session.send(\`\${number} \${message.length} \${resumed}\`)))
  })
  export const sent: Promise<number> = sessions.send('id', 'text', { key: 'once' })
  export const failed = (error: unknown): boolean => error instanceof ConnectionError && error.code === 'ERR_SESSION_FULL'
  // @ts-expect-error -- types are there, and bite
  sessionServer({ store })
`

interface Named {
  readonly exports: object
  readonly imports: object
  readonly bin: object
  readonly repository: { readonly url: string }
  readonly bugs: { readonly url: string }
  readonly homepage: string
}

const pathsIn = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : Object.values(value as object).flatMap(pathsIn)

describe('the packed package', { timeout: 30_000 }, () => {
  it('contains every file that its package.json names', () => {
    const { exports, imports, bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Named
    const named = [exports, imports, bin].flatMap(pathsIn)
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((path) => !existsSync(join(installed, path)))).toEqual([])
  })

  const filesIn = (folder: string): string[] =>
    readdirSync(join(installed, folder), { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => relative(installed, join(each.parentPath, each.name)))

  it('contains the sources its declarations point to, no others, and no build state', () => {
    const maps = filesIn('.').filter((file) => file.endsWith('.map'))
    expect(maps.length).toBeGreaterThan(20)
    const sources = maps.flatMap((map) => {
      const read = JSON.parse(readFileSync(join(installed, map), 'utf8')) as {
        sources: string[]
        sourcesContent?: unknown
      }
      // A source is included once: in the package, not also in a source map.
      expect(read.sourcesContent, map).toBe(undefined)
      return read.sources.map((source) => join(dirname(map), source))
    })
    expect(new Set([...filesIn('src'), ...filesIn('machines')])).toEqual(new Set(sources))
    expect(filesIn('.').filter((file) => /tsbuildinfo|tsconfig|\.test\.|\.js\.map$|\.(?:svg|css)$/.test(file))).toEqual(
      [],
    )
  })

  it('contains no source map for a missing file, and no comment that refers to one', () => {
    for (const file of filesIn('dist').filter((name) => /\.(?:js|d\.ts)$/.test(name))) {
      const [, map] = /^\/\/# sourceMappingURL=(.*)$/m.exec(readFileSync(join(installed, file), 'utf8')) ?? []
      if (map !== undefined) expect(existsSync(join(installed, dirname(file), map)), file).toBe(true)
    }
  })

  it('contains no code that is unreachable from the entries and commands', () => {
    const { exports, imports, bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Named
    const used = new Set<string>()
    const follow = (file: string): void => {
      if (used.has(file)) return
      used.add(file)
      const text = readFileSync(join(installed, file), 'utf8')
      for (const [, path = ''] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g))
        follow(join(dirname(file), path))
    }
    for (const path of [exports, imports, bin].flatMap(pathsIn)) if (path.endsWith('.js')) follow(join(path))
    expect(used.size).toBeGreaterThan(50)
    // A module that contains only types is empty.
    const isCode = (file: string): boolean => readFileSync(join(installed, file), 'utf8').trim() !== 'export {};'
    expect(filesIn('dist').filter((file) => file.endsWith('.js') && !used.has(file) && isCode(file))).toEqual([])
    // The lab finds its own page.
    const pages = filesIn('dist').filter((file) => file.endsWith('.html'))
    expect(pages.toSorted()).toEqual(['dist/lab/lab.html', 'dist/viewer/viewer.html'])
  })

  it('names its repository, issue tracker and home page', () => {
    const { repository, bugs, homepage } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Named
    const home = /^git\+(https:\/\/.*)\.git$/.exec(repository.url)?.[1]
    expect([bugs.url, homepage]).toEqual([`${home}/issues`, `${home}#readme`])
  })
})

describe('an app that type-checks its libraries', { timeout: 30_000 }, () => {
  const flags = ['--skipLibCheck', 'false', '--target', 'es2022']

  it.each([
    ['in a browser, with a bundler', ['--module', 'esnext', '--moduleResolution', 'bundler', '--types', '']],
    ['in a browser, with the modules of Node', ['--module', 'nodenext', '--types', '']],
    ['with a lib of its own', ['--module', 'nodenext', '--types', '', '--lib', 'es2022,dom']],
  ])('compiles %s, also without xstate', async (_, more) => {
    expect(existsSync(join(project, 'node_modules/xstate'))).toBe(false)
    expect(await compile('app.ts', app, [...flags, ...more])).toBe('')
    const asked = '\nexport const standard: typeof WebSocket = Bound\n'
    expect(await compile('drop-in.ts', dropIn + asked, [...flags, ...more])).toBe('')
  })

  it('compiles in Node, without the DOM', async () => {
    await link('@types/node')
    await link('undici-types')
    const node = ['--module', 'nodenext', '--lib', 'es2023', '--types', 'node']
    expect(await compile('app.ts', app, [...flags, ...node])).toBe('')
    expect(await compile('drop-in.ts', dropIn, [...flags, ...node])).toBe('')
  })

  it('compiles with the transport of ws, given its types', async () => {
    await link('@types/ws')
    const text = `
      import { createConnection } from 'statewire'
      import { wsTransport } from 'statewire/ws'
      const transport = wsTransport({ headers: { authorization: 'a' }, certificateErrors: 'fatal' })
      export const connection = createConnection('wss://a.test', { transport })
      // @ts-expect-error -- the connection decides
      wsTransport({ handshakeTimeout: 1 })
    `
    expect(await compile('ws.ts', text, [...flags, '--module', 'nodenext', '--lib', 'es2023', '--types', 'node'])).toBe(
      '',
    )
  })

  it.each([
    ['in a browser, with a bundler', ['--module', 'esnext', '--moduleResolution', 'bundler', '--types', '']],
    ['in a browser, with the modules of Node', ['--module', 'nodenext', '--types', '']],
  ])('compiles with sessions %s', async (_, more) => {
    expect(await compile('sessions.ts', sessions, [...flags, ...more])).toBe('')
  })

  it('compiles with the session server, given the types of ws, without redis and @nats-io/jetstream', async () => {
    for (const peer of ['redis', '@nats-io/jetstream']) {
      expect(existsSync(join(project, 'node_modules', peer)), peer).toBe(false)
    }
    for (const module of [['nodenext'], ['esnext', '--moduleResolution', 'bundler']]) {
      const node = ['--module', ...module, '--lib', 'es2023', '--types', 'node']
      expect(await compile('sessions-server.ts', sessionsServer, [...flags, ...node])).toBe('')
    }
  })

  it('compiles with the testing entry', async () => {
    const text = `
      import { createConnection } from 'statewire'
      import { FakeTransport, TestClock } from 'statewire/testing'
      export const connection = createConnection('wss://a.test', { transport: new FakeTransport(), clock: new TestClock() })
    `
    expect(
      await compile('kit.ts', text, [...flags, '--module', 'nodenext', '--lib', 'es2023', '--types', 'node']),
    ).toBe('')
  })
})

describe('an app with skipLibCheck', { timeout: 30_000 }, () => {
  it('compiles with the chart and the inspection, whose types come from xstate', async () => {
    await link('xstate')
    const text = `
      import { createConnection } from 'statewire'
      import { connectionMachine } from 'statewire/xstate'
      import { projectInspection, type ConnectionInspection } from 'statewire/inspect'
      import { createActor } from 'xstate'
      export const id: string = connectionMachine.id
      createActor(connectionMachine, { input: { host: {} as never }, inspect: (event) => projectInspection(event) })
      export const seen: ConnectionInspection[] = []
      createConnection('wss://a.test', { inspect: (event) => seen.push(event) })
    `
    expect(
      await compile('chart.ts', text, ['--skipLibCheck', '--target', 'es2022', '--module', 'nodenext', '--types', '']),
    ).toBe('')
  })
})
