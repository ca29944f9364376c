// Attempts that never become a link.
import { createServer as createTlsServer } from 'node:https'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { faults } from '../../src/tools/testing/index.js'
import { webSocketTransport, type WebSocketClass } from '../../src/transports/browser.js'
import { wsTransport } from '../../src/transports/ws.js'
import { certificate, key } from '../transports/certificate.js'
import { listen, proxy, rawServer } from './support/peers.js'
import {
  afterwards,
  connect,
  ended,
  next,
  oneLinkAtATime,
  opened,
  overs,
  overWs,
  serve,
  until,
} from './support/room.js'

describe.each(overs)('over $name', (over) => {
  const seesStatus = over.name === 'ws'

  test.each([
    [200, { body: '<html>Please log in</html>' }],
    [302, { headers: { location: 'http://127.0.0.1:1/login' } }],
  ])('a captive portal (HTTP %i) is retried until it allows the connection (N15)', async (status, answer) => {
    const server = await serve()
    server.use({ fault: faults.http(status, answer), times: 2 })
    const life = connect(over, server.url)
    await opened(life)
    expect(life.closes).toHaveLength(2)
    for (const close of life.closes)
      expect(close).toMatchObject({ code: 1006, willRetry: true, status: seesStatus ? status : undefined })
    expect(server.counts.upgraded).toBe(1)
  })

  test('an unresolvable name is retried, and the provider may return another (N16)', async () => {
    const server = await serve()
    const life = connect(over, ({ attempt }) => (attempt <= 2 ? 'ws://statewire.invalid/' : server.url))
    await opened(life)
    expect(life.closes).toMatchObject([
      { code: 1006, willRetry: true, error: { code: 'ERR_SOCKET' } },
      { code: 1006, willRetry: true, error: { code: 'ERR_SOCKET' } },
    ])
  })

  test("a port that doesn't speak TLS and an untrusted certificate are retried (N17)", async () => {
    const server = await serve()
    const tls = createTlsServer({ cert: certificate, key })
    const sockets = new WebSocketServer({ server: tls })
    const port = await listen(tls)
    afterwards(() => {
      sockets.close()
      tls.close()
      tls.closeAllConnections()
    })
    const urls = [server.url.replace('ws:', 'wss:'), `wss://localhost:${port}/`]
    const life = connect(over, ({ attempt }) => urls[attempt - 1] ?? server.url)
    await opened(life)
    expect(life.closes).toMatchObject([
      { code: 1006, willRetry: true, error: { code: 'ERR_SOCKET' } },
      { code: 1006, willRetry: true, error: { code: 'ERR_SOCKET' } },
    ])
  })

  test('a proxy that strips the Upgrade header makes the server answer 426 (N18, H04)', async () => {
    const server = await serve()
    const port = await proxy(server.port, {
      change: (bytes) => Buffer.from(bytes.toString('latin1').replace(/^upgrade: websocket\r\n/im, ''), 'latin1'),
    })
    const life = connect(over, ({ attempt }) => (attempt === 1 ? `ws://127.0.0.1:${port}/` : server.url))
    life.connection.open()
    if (seesStatus) {
      await ended(life)
      expect(life.closes).toMatchObject([{ status: 426, willRetry: false, error: { code: 'ERR_HANDSHAKE' } }])
      expect(life.connection.status).toMatchObject({ state: 'ended', why: 'refused' })
    } else {
      await life.connection.opened()
      expect(life.closes).toMatchObject([{ code: 1006, willRetry: true }])
    }
  })

  test('hung handshakes are closed one after another, each before the next begins (H08)', async () => {
    const server = await serve()
    server.use({ fault: faults.hang(), times: 3 })
    const life = connect(over, server.url, { connectTimeout: 200 })
    await opened(life)
    const hung = server.log.filter(({ what }) => what === 'rule').map(({ link }) => link)
    expect(hung).toHaveLength(3)
    const requests = server.log.filter(({ what }) => what === 'requested')
    for (const [n, link] of hung.entries()) {
      const gone = server.log.find((entry) => entry.what === 'client.gone' && entry.link === link)
      expect(gone?.seq, `attempt ${n + 1} is gone`).toBeLessThan(requests[n + 1]!.seq)
    }
    expect(life.closes.map(({ error }) => error?.code)).toEqual(Array(3).fill('ERR_CONNECT_TIMEOUT'))
  })

  test("a 101 that doesn't match the request fails the attempt (H07)", async () => {
    const server = await serve()
    const unasked = faults.changeUpgrade({ headers: { 'Sec-WebSocket-Protocol': 'nobody.asked' } })
    server.use({ fault: faults.badAccept(), times: 1 })
    server.use({ fault: unasked, times: 1 })
    server.use({ fault: faults.changeUpgrade({ headers: { Upgrade: undefined } }), times: 1 })
    server.use({ fault: faults.answer('HTTP/1.1 oh no\r\n\r\n'), times: 1 })
    // Node's WebSocket waits forever if the Upgrade header is missing; the deadline ends the attempt.
    const life = connect(over, server.url, { protocols: 'feed.v2', connectTimeout: 700 })
    await opened(life)
    expect(life.closes.map(({ code, attempt, willRetry }) => [code, attempt, willRetry])).toEqual(
      [1, 2, 3, 4].map((attempt) => [1006, attempt, true]),
    )
    expect(life.states.filter((state) => state === 'open')).toHaveLength(1)
    expect(life.connection.protocol).toBe('feed.v2')
  })

  test('a provider that throws, rejects, returns an invalid value or hangs fails the attempt within the deadline (H12)', async () => {
    const server = await serve()
    let aborted = 0
    const life = connect(
      over,
      ({ attempt, signal }) => {
        if (attempt === 1) throw new Error('no token in the store')
        if (attempt === 2) return Promise.reject(new Error('the token service is down'))
        if (attempt === 3) return undefined as unknown as string
        if (attempt > 4) return server.url
        signal.addEventListener('abort', () => (aborted += 1))
        return new Promise(() => {})
      },
      { connectTimeout: 500 },
    )
    await opened(life)
    expect(life.closes.map(({ error }) => error?.code)).toEqual([
      'ERR_PROVIDER',
      'ERR_PROVIDER',
      'ERR_PROVIDER',
      'ERR_CONNECT_TIMEOUT',
    ])
    expect(aborted).toBe(1)
    expect(server.counts.upgraded).toBe(1)
  })

  test('a 101 without an application message after it is abandoned, and the queue waits for a working link (H13)', async () => {
    let greetings = 0
    const heard: unknown[] = []
    const server = await serve({
      onMessage: (message, socket) => {
        if (message !== 'hello') heard.push(message)
        else if ((greetings += 1) > 2) socket.send('welcome')
      },
    })
    const life = connect(over, server.url, {
      connectTimeout: 500,
      prepare: async (link) => {
        link.send('hello')
        await link.read()
      },
    })
    expect(life.connection.send('first')).toBe('queued')
    await opened(life)
    await until(() => expect(heard).toEqual(['first']))
    expect(life.closes.map(({ attempt, error }) => [attempt, error?.code])).toEqual([
      [1, 'ERR_CONNECT_TIMEOUT'],
      [2, 'ERR_CONNECT_TIMEOUT'],
    ])
    expect(life.connection.status.attempt).toBe(3)
    oneLinkAtATime(over, server)
  })

  test('a message in the same packet as the 101 reaches the listener, after open (H14)', async () => {
    const server = await serve()
    server.use(faults.firstFrameWithUpgrade('at once'))
    const order: unknown[] = []
    const life = connect(over, server.url)
    life.connection.on('open', () => order.push('open'))
    life.connection.on('message', (message) => order.push(message))
    await opened(life)
    await until(() => expect(order).toEqual(['open', 'at once']))
  })

  test('the app can give up after a number of refusals, whether or not it sees the status (H03, H04)', async () => {
    const server = await serve()
    server.use(faults.http(500))
    const life = connect(over, server.url, { retry: ({ attempt }) => attempt < 4 })
    life.connection.open()
    await ended(life)
    expect(server.counts.requested).toBe(4)
    expect(life.closes.at(-1)).toMatchObject({ willRetry: false, delay: undefined })
  })

  test('a constructor that throws fails the attempt, and ends the connection if it always will (H11)', async () => {
    const server = await serve()
    const throwing = (thrown: Error, times = Infinity): WebSocketClass =>
      class extends WebSocket {
        constructor(url: string, protocols?: string[]) {
          if (times > 0) {
            times -= 1
            throw thrown
          }
          super(url, protocols)
        }
      }
    for (const [name, code] of [
      ['SecurityError', 'ERR_URL'],
      ['SyntaxError', 'ERR_OPTION'],
    ] as const) {
      const transport = webSocketTransport({ WebSocket: throwing(new DOMException('no', name)) })
      const life = connect(over, server.url, { transport })
      life.connection.open()
      await ended(life)
      expect(life.closes).toMatchObject([{ code: 1006, willRetry: false, error: { code } }])
    }
    const transport = webSocketTransport({ WebSocket: throwing(new Error('Insufficient resources'), 2) })
    const life = connect(over, server.url, { transport })
    await opened(life)
    expect(life.closes.map(({ willRetry }) => willRetry)).toEqual([true, true])
  })
})

describe('over ws', () => {
  test.each([401, 403])('%i is retried once with a fresh ticket, then the connection ends (H03)', async (status) => {
    const server = await serve()
    server.use(faults.http(status))
    let tickets = 0
    const life = connect(overWs, () => `${server.url}/?ticket=${(tickets += 1)}`)
    life.connection.open()
    await ended(life)
    expect(server.log.filter(({ what }) => what === 'requested').map(({ detail }) => detail)).toMatchObject([
      { path: '/?ticket=1' },
      { path: '/?ticket=2' },
    ])
    expect(life.closes.map((close) => [close.status, close.willRetry])).toEqual([
      [status, true],
      [status, false],
    ])
  })

  test('a valid fresh ticket opens the connection (H03)', async () => {
    const server = await serve()
    server.use({ fault: faults.http(401), match: { path: /stale/ } })
    const life = connect(overWs, ({ previous }) => `${server.url}/?${previous?.status === 401 ? 'fresh' : 'stale'}`)
    await opened(life)
    expect(life.closes).toHaveLength(1)
  })

  test.each([429])('%i with Retry-After delays the next attempt accordingly (H05)', async (status) => {
    const server = await serve()
    server.use({ fault: faults.http(status, { headers: { 'Retry-After': '1' } }), times: 1 })
    const life = connect(overWs, server.url)
    await opened(life)
    expect(life.delays).toEqual([{ delay: 1_050, hinted: true }])
    const [first, second] = server.log.filter(({ what }) => what === 'requested')
    expect(second!.at - first!.at).toBeGreaterThan(950)
  })

  test('a redirect is a retryable refusal, followed only if the option says so (H06)', async () => {
    const server = await serve()
    server.use({ fault: faults.http(307, { headers: { location: '/there' } }), match: { path: '/here' } })
    const refused = connect(overWs, `${server.url}/here`)
    refused.connection.open()
    await next(refused.connection, 'backoff')
    expect(refused.closes).toMatchObject([{ status: 307, willRetry: true }])
    await refused.connection.close()
    const follows = connect(overWs, `${server.url}/here`, { transport: wsTransport({ followRedirects: true }) })
    await opened(follows)
    expect(follows.closes).toEqual([])
  })

  test('an invalid certificate ends the connection if the transport option says so (N17)', async () => {
    const tls = createTlsServer({ cert: certificate, key })
    const port = await listen(tls)
    afterwards(() => tls.close())
    const life = connect(overWs, `wss://localhost:${port}/`, {
      transport: wsTransport({ certificateErrors: 'fatal' }),
    })
    life.connection.open()
    await ended(life)
    expect(life.closes).toMatchObject([{ willRetry: false, error: { code: 'ERR_SOCKET' } }])
    expect(life.watched.dials).toBe(1)
  })

  test('a refused upgrade leaves no socket behind, even if the server keeps it open (A07)', async () => {
    let open = 0
    let most = 0
    let asked = 0
    const port = await rawServer((socket) => {
      open += 1
      most = Math.max(most, open)
      socket.on('close', () => (open -= 1))
      socket.on('data', () => {
        asked += 1
        // A body that never ends.
        socket.write('HTTP/1.1 503 Busy\r\nContent-Length: 1000\r\n\r\n<html>')
      })
    })
    const life = connect(overWs, `ws://127.0.0.1:${port}`, { retry: ({ attempt }) => attempt < 5 })
    life.connection.open()
    await ended(life)
    await until(() => expect(open).toBe(0))
    expect([asked, most]).toEqual([5, 1])
    expect(life.watched.alive).toBe(0)
  })
})
