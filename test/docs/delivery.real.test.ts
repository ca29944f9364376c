// The programs of docs/delivery.md and docs/server.md, as printed there, over real sockets.
import { once } from 'node:events'
import * as nodeHttp from 'node:http'
import type { AddressInfo } from 'node:net'
import { compileFunction } from 'node:vm'
import { transform } from 'esbuild'
import { afterEach, describe, expect, test, vi } from 'vitest'
import * as ws from 'ws'
import * as statewire from '../../src/index.js'
import type { Connection } from '../../src/index.js'
import * as resume from '../../src/resume/index.js'
import type { Continuity, ResumeSession } from '../../src/resume/index.js'
import * as server from '../../src/server/index.js'
import type { Metric, SessionServer, SessionServerOptions } from '../../src/server/index.js'
import { wsTransport } from '../../src/transports/ws.js'
import { blocksOn } from './programs.js'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

interface Running<Exports> {
  readonly exports: Exports
  /** Resolves with the program. */
  readonly done: Promise<unknown>
  readonly http: nodeHttp.Server | undefined
  readonly sessions: SessionServer<unknown, unknown> | undefined
  readonly connection: Connection | undefined
  readonly printed: readonly string[]
}

/** Runs a block. `port`: where its client finds the server. `given`: what it declares, by name. */
async function run<Exports = object>(
  code: string | undefined,
  settings: { port?: number; given?: Record<string, unknown>; options?: Partial<SessionServerOptions> } = {},
): Promise<Running<Exports>> {
  if (code === undefined) throw new Error('the page has no such block')
  const { port, given = {}, options = {} } = settings
  // `await` at the top of a module.
  const { code: script } = await transform(code, { loader: 'ts', target: 'es2022', format: 'esm' })
  const body = script
    .replaceAll(
      /^import (.*?) from "(.*?)";$/gm,
      (_, names: string, from: string) => `const ${names} = require("${from}");`,
    )
    .replaceAll(/^export \{([^]*?)\};$/gm, (_, names: string) => `Object.assign(exports, {${names}});`)
  const result: { -readonly [K in keyof Running<Exports>]: Running<Exports>[K] } = {
    exports: {} as Exports,
    done: Promise.resolve(),
    http: undefined,
    sessions: undefined,
    connection: undefined,
    printed: [],
  }
  const modules: Record<string, object> = {
    ws,
    'node:http': {
      createServer(...handlers: []) {
        const http = (result.http = nodeHttp.createServer(...handlers))
        const listen = http.listen.bind(http) as (port: number, host: string) => nodeHttp.Server
        http.listen = (() => listen(0, '127.0.0.1')) as typeof http.listen
        ends.push(() => {
          http.closeAllConnections()
          http.close()
        })
        return http
      },
    },
    statewire: {
      ...statewire,
      createConnection(_url: string, more: object) {
        const seams = { transport: wsTransport(), backoff: () => 20 }
        const connection = statewire.createConnection(`ws://127.0.0.1:${port}`, { ...more, ...seams })
        result.connection = connection
        ends.push(() => connection.close())
        return connection
      },
    },
    'statewire/resume': resume,
    'statewire/server': {
      ...server,
      sessionServer(its: SessionServerOptions) {
        const sessions = server.sessionServer({ ...its, ...options })
        result.sessions = sessions as unknown as SessionServer<unknown, unknown>
        ends.push(() => sessions.close())
        return sessions
      },
    },
  }
  const printed: string[] = []
  result.printed = printed
  const print = (...words: unknown[]) => void printed.push(words.join(' '))
  const scope = {
    require: (name: string) => modules[name],
    exports: result.exports,
    console: { log: print, warn: print, error: print },
    ...given,
  }
  const program = compileFunction(`return (async () => {${body}\n})()`, Object.keys(scope)) as (
    ...values: unknown[]
  ) => Promise<void>
  result.done = program(...Object.values(scope))
  await Promise.race([result.done, new Promise((resolve) => setImmediate(resolve))])
  return result
}

async function portOf({ http }: Running<unknown>): Promise<number> {
  if (!http!.listening) await once(http!, 'listening')
  return (http!.address() as AddressInfo).port
}

const [smallestServer, smallestClient, sorting, saving] = blocksOn('delivery.md')
const [notifying, topics, , counting] = blocksOn('server.md')

/** A server of the test's own. */
async function serve(options: Partial<SessionServerOptions> = {}) {
  const http = nodeHttp.createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const sockets = new ws.WebSocketServer({ server: http })
  const sessions = server.sessionServer({ server: sockets, authenticate: () => ({ principal: 'alice' }), ...options })
  ends.push(async () => {
    await sessions.close()
    http.close()
  })
  return { port: (http.address() as AddressInfo).port, sockets, sessions }
}

describe('docs/delivery.md', () => {
  test('its smallest client and server exchange a message, and the client learns that it is handled', async () => {
    const running = await run(smallestServer)
    const { done, printed } = await run(smallestClient, { port: await portOf(running) })
    await done
    expect(printed).toContain('the server has handled it')
    await vi.waitFor(() => expect(printed).toContain('done: buy 1'))
  })

  test('its smallest server refuses a client without the token', async () => {
    const port = await portOf(await run(smallestServer))
    const stranger = statewire.createConnection(`ws://127.0.0.1:${port}`, {
      transport: wsTransport(),
      features: [resume.resumable({ auth: () => 'token of mallory' })],
    })
    stranger.on('close', () => {})
    expect(await stranger.ended()).toMatchObject({ code: 4401 })
  })

  test('its client of sorted lists sends what was not handled again, and asks about the one that failed', async () => {
    const handled: string[] = []
    let failed = false
    const { port, sessions } = await serve()
    sessions.on('error', () => {})
    sessions.on('session', (session) => {
      session.on('message', async (message) => {
        const { id } = JSON.parse(String(message)) as { id: string }
        // All five have arrived by then.
        await new Promise((resolve) => setTimeout(resolve, 30))
        if (id === '3' && !failed) {
          failed = true
          throw new Error('the database is away')
        }
        handled.push(id)
      })
    })
    const asked: string[] = []
    const reloaded: number[] = []
    const { exports, printed } = await run<{ connection: Connection<string, object>; session: ResumeSession }>(
      sorting,
      {
        port,
        given: {
          token: () => Promise.resolve('any'),
          ask: ({ id }: { id: string }) => asked.push(id),
          reload: (from: number) => reloaded.push(from),
        },
      },
    )
    await exports.connection.opened()
    for (const id of ['1', '2', '3', '4', '5']) exports.connection.send({ id })
    await vi.waitFor(() => expect(handled).toEqual(['1', '2', '4', '5']), 10_000)
    expect(asked).toEqual(['3'])
    expect(reloaded).toEqual([0])
    expect(printed).toEqual(['lost (ended) after 2 handled orders'])
    await exports.session.delivered()
  })

  test('its client that acknowledges itself gets again, after a reload, what it had not saved', async () => {
    const { port, sockets, sessions } = await serve()
    const records = new Map<string, string>()
    const sessionStorage = {
      getItem: (key: string) => records.get(key) ?? null,
      setItem: (key: string, value: string) => void records.set(key, value),
      removeItem: (key: string) => void records.delete(key),
    }
    sessions.on('session', async (session) => {
      for (const text of ['a', 'b', 'c']) await session.send(text)
    })
    /** The client, run as a page. */
    const page = (save: (message: string) => Promise<void>) =>
      run(saving, { port, given: { token: () => Promise.resolve('any'), save, sessionStorage } })
    const saved: string[] = []
    const tried: string[] = []
    const first = await page((message) => {
      tried.push(message)
      if (message === 'b') return Promise.reject(new Error('the disk is full'))
      saved.push(message)
      return Promise.resolve()
    })
    await vi.waitFor(() => expect(first.printed.length).toBeGreaterThan(0), 10_000)
    // What is acknowledged is stored by then.
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(tried).toEqual(['a', 'b'])
    const kept = new Map(records)
    // The page is gone: its goodbye doesn't reach the server.
    for (const socket of sockets.clients) socket.terminate()
    await first.connection!.close()
    for (const [key, value] of kept) records.set(key, value)
    await page((message) => Promise.resolve(void saved.push(message)))
    await vi.waitFor(() => expect(saved).toEqual(['a', 'b', 'c']), 10_000)
  })
})

describe('docs/server.md', () => {
  test('its notification is sent again with the same key if the store fails, and arrives once', async () => {
    const memory = server.memoryStore()
    let failures = 2
    const store: server.SessionStore = {
      async open(node, events) {
        const opened = await memory.open(node, events)
        const append = opened.append.bind(opened)
        // As a store that dies after it has stored the message.
        opened.append = async (...given) => {
          const answer = await append(...given)
          if (failures-- > 0) throw new Error('the connection was reset')
          return answer
        }
        return opened
      },
    }
    const http = nodeHttp.createServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    const program = await run<{ notify(id: string, order: string, text: string): Promise<boolean> }>(notifying, {
      given: { find: () => Promise.resolve({ principal: 'alice' }) },
      options: { store, server: new ws.WebSocketServer({ server: http }) },
    })
    ends.push(() => http.close())
    program.sessions!.on('error', () => {})
    const session = resume.resumable()
    const client = statewire.createConnection(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, {
      transport: wsTransport(),
      features: [session],
    })
    ends.push(() => client.close())
    const received: unknown[] = []
    client.on('message', (message) => received.push(message))
    await client.opened()
    expect(await program.exports.notify(session.id, '17', 'order 17 is paid')).toBe(true)
    expect(await program.exports.notify(session.id, '18', 'order 18 is paid')).toBe(true)
    await vi.waitFor(() => expect(received).toEqual(['order 17 is paid', 'order 18 is paid']))
    expect(await program.exports.notify('unknown'.padEnd(22, 'x'), '19', 'no')).toBe(false)
  })

  test('its topic reaches each session, and its metrics count', async () => {
    const listen = async () => {
      const http = nodeHttp.createServer().listen(0, '127.0.0.1')
      await once(http, 'listening')
      ends.push(() => http.close())
      return { sockets: new ws.WebSocketServer({ server: http }), port: (http.address() as AddressInfo).port }
    }
    const connect = async (port: number) => {
      const session = resume.resumable()
      const happened: Continuity['kind'][] = []
      session.on('continuity', ({ kind }) => happened.push(kind))
      const client = statewire.createConnection(`ws://127.0.0.1:${port}`, {
        transport: wsTransport(),
        features: [session],
        backoff: () => 20,
      })
      ends.push(() => client.close())
      const received: unknown[] = []
      client.on('message', (message) => received.push(message))
      await client.opened()
      return { client, received, happened }
    }
    const { sockets, port } = await listen()
    const program = await run<{ price(now: number): Promise<void> }>(topics, { options: { server: sockets } })
    const clients = [await connect(port), await connect(port)]
    await program.exports.price(1)
    for (const socket of sockets.clients) socket.terminate()
    await program.exports.price(2)
    for (const { received } of clients) await vi.waitFor(() => expect(received).toEqual(['1', '2']), 10_000)

    const counted = await listen()
    const monitor = await run<{ shown(): Record<string, number> }>(counting, { options: { server: counted.sockets } })
    const one = await connect(counted.port)
    for (const socket of counted.sockets.clients) socket.terminate()
    await vi.waitFor(() => expect(one.happened).toEqual(['begun', 'kept']), 10_000)
    const names: Metric['type'][] = ['begun', 'away', 'resumed']
    for (const name of names) expect(monitor.exports.shown(), name).toMatchObject({ [name]: 1 })
    expect(monitor.exports.shown()).toMatchObject({ sessions: 1 })
  })
})
