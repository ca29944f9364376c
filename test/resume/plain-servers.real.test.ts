import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer, type ServerOptions } from 'ws'
import { createConnection, webSocketTransport, type ConnectionOptions } from '../../src/index.js'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { resumable, type Continuity, type ResumeOptions } from '../../src/resume/index.js'
import { sessionServer } from '../../src/server/index.js'
import { wsTransport } from '../../src/transports/ws.js'

// Servers that don't speak the protocol, with real handshakes: the runtimes judge the subprotocol themselves.

const disposals: (() => unknown)[] = []
afterEach(async () => {
  for (const dispose of disposals.splice(0).toReversed()) await dispose()
})

/** A `ws` server, which sends back what it gets. */
async function echo(options: ServerOptions = {}): Promise<{ server: WebSocketServer; url: string; got: string[] }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options })
  await once(server, 'listening')
  const got: string[] = []
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('message', (data, isBinary) => {
      got.push((data as Buffer).toString())
      socket.send(data, { binary: isBinary })
    })
  })
  disposals.push(() => {
    for (const socket of server.clients) socket.terminate()
    return new Promise((resolve) => void server.close(resolve))
  })
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, got }
}

describe.each([
  ['ws', wsTransport],
  ['the WebSocket of Node', webSocketTransport],
])('over %s', (_, transport) => {
  function dial(url: string, resume: ResumeOptions = {}, options: ConnectionOptions = {}) {
    const session = resumable(resume)
    const continuity: Continuity[] = []
    session.on('continuity', (event) => void continuity.push(event))
    const connection = createConnection(url, {
      transport: transport(),
      backoff: fixedBackoff(20),
      ...options,
      features: [session],
    })
    disposals.push(() => connection.close())
    const heard: unknown[] = []
    connection.on('message', (message) => void heard.push(message))
    connection.on('error', () => {})
    return { connection, session, continuity, heard }
  }

  const until = async (condition: () => unknown): Promise<void> => {
    for (const deadline = Date.now() + 10_000; !condition(); await sleep(2)) {
      if (Date.now() > deadline) throw new Error('not in 10 s')
    }
  }

  /** It has failed some attempts, and no message has gone out or come in. */
  const neverOpens = async ({ connection, session, heard, continuity }: ReturnType<typeof dial>): Promise<void> => {
    let opened = 0
    connection.on('open', () => void opened++)
    expect(connection.send('waits')).toBe('queued')
    await until(() => connection.status.attempt >= 3)
    expect([opened, heard, continuity, session.state]).toEqual([0, [], [], 'fresh'])
    expect(connection.withdraw()).toEqual(['waits'])
  }

  it('a server that returns the first name unseen is found out by its answer to the hello', async () => {
    const { url, got } = await echo()
    await neverOpens(dial(url))
    // Nothing of the app reached a server that doesn't know what it promised.
    expect(got.every((frame) => frame.startsWith('h{'))).toBe(true)
  })

  it('a server that returns the first name unseen and says nothing is found out by the connect timeout', async () => {
    const { server, url } = await echo()
    server.removeAllListeners('connection')
    await neverOpens(dial(url, {}, { connectTimeout: 50 }))
  })

  it('a server that returns the first name unseen is found out although the session is not required', async () => {
    const { url } = await echo()
    await neverOpens(dial(url, { required: false }))
  })

  it('with a protocol of the app, a server that returns the first name unseen works without a session', async () => {
    const { url, got } = await echo()
    const { connection, session, heard, continuity } = dial(url, { required: false }, { protocols: 'feed.v2' })
    connection.send('a')
    await until(() => heard.length === 1)
    expect([connection.protocol, session.state, heard, got, continuity]).toEqual(['feed.v2', 'plain', ['a'], ['a'], []])
    await expect(session.delivered()).rejects.toMatchObject({ code: 'ERR_SESSION_LOST' })
  })

  it('with a protocol of the app and a required session, it does not open', async () => {
    const { url, got } = await echo()
    await neverOpens(dial(url, {}, { protocols: 'feed.v2' }))
    expect(got.every((frame) => frame.startsWith('h{'))).toBe(true)
  })

  it.each([
    ['required', { required: true }, {}],
    ['not required', { required: false }, {}],
    ['not required, with a protocol of the app', { required: false }, { protocols: 'feed.v2' }],
  ])('a server that ignores every name does not open: %s', async (_title, resume, options) => {
    const { url } = await echo({ handleProtocols: () => false })
    await neverOpens(dial(url, resume, options))
  })

  it('a server that selects only the protocol of the app works without a session, unless one is required', async () => {
    const { url } = await echo({ handleProtocols: (offered) => (offered.has('feed.v2') ? 'feed.v2' : false) })
    const { session, connection, heard } = dial(url, { required: false }, { protocols: ['feed.v2', 'feed.v1'] })
    connection.send('a')
    await until(() => heard.length === 1)
    expect([session.state, connection.protocol]).toEqual(['plain', 'feed.v2'])
    await neverOpens(dial(url, { required: true }, { protocols: ['feed.v2', 'feed.v1'] }))
  })

  it('a session server selects a session although the plain name comes first', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    const sessions = sessionServer({ server, authenticate: () => ({ principal: 'ann' }) })
    disposals.push(
      () => new Promise((resolve) => void server.close(resolve)),
      () => sessions.close(),
    )
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { session, connection, continuity } = dial(url, { required: false }, { protocols: ['feed.v2', 'feed.v1'] })
    await until(() => continuity.length === 1)
    expect([session.state, connection.protocol, continuity[0]?.kind]).toEqual(['attached', 'feed.v2', 'begun'])
  })

  it('a session is lost as unknown when the next server does not know sessions, and begins again with one that does', async () => {
    const server = new WebSocketServer({ noServer: true })
    const http = await import('node:http').then(({ createServer }) => createServer())
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const sessions = sessionServer({ authenticate: () => ({ principal: 'ann' }) })
    let speaks = true
    server.options.handleProtocols = (offered) =>
      speaks && offered.has('resume.v1.feed.v2') ? 'resume.v1.feed.v2' : 'feed.v2'
    http.on('upgrade', (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (client) => {
        if (speaks) sessions.accept(client, request)
      }),
    )
    const drop = (): void => {
      for (const client of server.clients) client.terminate()
    }
    disposals.push(
      () => new Promise((resolve) => void http.close(resolve)),
      () => sessions.close(),
      drop,
    )
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`
    const { session, connection, continuity } = dial(url, { required: false }, { protocols: 'feed.v2' })
    await until(() => continuity.length === 1)
    // It has no handler, so the message stays unacknowledged.
    connection.send('a')
    await sleep(30)
    speaks = false
    drop()
    await until(() => session.state === 'plain' && connection.state === 'open')
    expect(continuity[1]).toMatchObject({ kind: 'lost', reason: 'unknown', delivered: 0, uncertain: ['a'] })
    speaks = true
    drop()
    await until(() => continuity.length === 3)
    expect([continuity[2]?.kind, session.state]).toEqual(['begun', 'attached'])
  })
})
