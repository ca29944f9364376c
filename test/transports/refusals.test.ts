// What is reported of a refused upgrade, by the server or by a forward proxy.
import { once } from 'node:events'
import { type Agent as HttpAgent, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createServer as createTcpServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { HttpProxyAgent, HttpsProxyAgent as HpAgent } from 'hpagent'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import {
  createConnection,
  fixedBackoff,
  type CloseEvent,
  type ConnectionError,
  type ConnectionOptions,
} from '../../src/index.js'
import { wsTransport, type WsTransportOptions } from '../../src/transports/ws.js'
import { until } from './dialed.js'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function listen(server: Server): Promise<number> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Answers every upgrade with a given response. */
async function refusing(answer: (socket: Socket, request: IncomingMessage) => void): Promise<string> {
  const server = createServer()
  server.on('upgrade', (request, socket: Socket) => {
    socket.resume()
    // An HTTP server's sockets stay half-open by default.
    socket.on('end', () => socket.end())
    answer(socket, request)
  })
  return `ws://127.0.0.1:${await listen(server)}/`
}

const head = (status: string, headers: readonly string[]): string =>
  `HTTP/1.1 ${status}\r\n${headers.map((each) => `${each}\r\n`).join('')}\r\n`

/** Dials until the first attempt has failed. */
async function lose(url: string, ws: WsTransportOptions = {}, options: ConnectionOptions = {}): Promise<CloseEvent> {
  const connection = createConnection(url, { transport: wsTransport(ws), backoff: fixedBackoff(60_000), ...options })
  undo.push(() => connection.close())
  return new Promise((resolve) => connection.on('close', resolve, { once: true }))
}

describe('an upgrade the server refuses', () => {
  it('reports status, headers and body', async () => {
    const url = await refusing((socket) => {
      const body = '{"error":"no such feed"}'
      socket.end(
        head('400 Bad Request', [
          'Content-Type: application/json',
          'X-Request-Id: 17',
          'Vary: a',
          'Vary: b',
          `Content-Length: ${body.length}`,
        ]) + body,
      )
    })
    const { error, status } = await lose(url)
    expect([error?.code, status]).toEqual(['ERR_HANDSHAKE', 400])
    expect(error?.message).toMatch(/the server .*HTTP 400.*error\.response/)
    expect(error?.response).toEqual({
      from: 'server',
      status: 400,
      headers: { 'content-type': 'application/json', 'x-request-id': '17', vary: 'a, b', 'content-length': '24' },
      body: '{"error":"no such feed"}',
    })
  })

  it('reports no body if there is none or it is compressed', async () => {
    for (const answer of [
      head('503 Service Unavailable', ['Content-Length: 0']),
      head('304 Not Modified', []),
      `${head('500 Internal Server Error', ['Content-Encoding: gzip', 'Content-Length: 3'])}abc`,
    ]) {
      const { error } = await lose(await refusing((socket) => socket.end(answer)))
      expect(error?.response?.body).toBe('')
    }
  })

  it('reports the first 4 KiB of an endless body and frees the connection', async () => {
    let isGone = false
    const url = await refusing((socket) => {
      socket.on('close', () => (isGone = true))
      socket.write(head('500 Internal Server Error', ['Content-Type: text/plain']))
      const more = setInterval(() => socket.write('é'.repeat(1_000)), 1)
      socket.on('close', () => clearInterval(more))
    })
    const { error } = await lose(url)
    expect(error?.response?.body).toBe('é'.repeat(2_048))
    await until(() => expect(isGone).toBe(true))
  })

  it('waits at most a second for a delayed body, then reports what arrived', async () => {
    let isGone = false
    const url = await refusing((socket) => {
      socket.on('close', () => (isGone = true))
      socket.write(`${head('500 Internal Server Error', ['Content-Length: 100'])}so far`)
    })
    const { error } = await lose(url)
    expect(error?.response?.body).toBe('so far')
    await until(() => expect(isGone).toBe(true))
  })

  it('ends immediately if closed or abandoned while its body is read', async () => {
    for (const options of [{}, { connectTimeout: 150 }]) {
      let isGone = false
      const asked = new Promise<string>((resolve, reject) => {
        refusing((socket) => {
          socket.on('close', () => (isGone = true))
          socket.write(`${head('500 Internal Server Error', ['Content-Length: 100'])}so far`)
        }).then(resolve, reject)
      })
      const connection = createConnection(await asked, {
        transport: wsTransport(),
        backoff: fixedBackoff(60_000),
        ...options,
      })
      if (!('connectTimeout' in options)) setTimeout(() => void connection.close(), 100)
      await until(() => expect(['ended', 'backoff']).toContain(connection.state))
      await until(() => expect(isGone).toBe(true))
      await connection.close()
    }
  })

  it('leaks nothing into messages, logs, JSON or inspectors, and no cookie anywhere', async () => {
    const sentinels = ['cookie-sentinel', 'header-sentinel', 'body-sentinel', 'url-sentinel', 'own-sentinel']
    const url = await refusing((socket) => {
      const headers = [
        'Set-Cookie: session=cookie-sentinel',
        'Set-Cookie2: cookie-sentinel',
        'Authentication-Info: cookie-sentinel',
        'Proxy-Authentication-Info: cookie-sentinel',
        'X-Why: header-sentinel',
      ]
      socket.end(`${head('403 Forbidden', headers)}body-sentinel`)
    })
    const seen: unknown[] = []
    const connection = createConnection(`${url}?token=url-sentinel`, {
      transport: wsTransport({ headers: { authorization: 'Bearer own-sentinel' } }),
      backoff: fixedBackoff(60_000),
      inspect: (event) => seen.push(event),
    })
    undo.push(() => connection.close())
    const close = await new Promise<CloseEvent>((resolve) => connection.on('close', resolve))
    const error = close.error!
    // Available to code that accesses it explicitly.
    expect(error.response).toMatchObject({ headers: { 'x-why': 'header-sentinel' }, body: 'body-sentinel' })
    const { loss } = connection.status
    const shown = [error, close, loss, seen].flatMap((value) => [JSON.stringify(value), inspect(value, { depth: 20 })])
    const spread: unknown = Object.assign({}, error)
    shown.push(String(error), error.stack ?? '', inspect(spread), inspect(structuredClone(error), { depth: 20 }))
    for (const sentinel of sentinels) expect(shown.join('\n')).not.toContain(sentinel)
    expect(JSON.stringify(error.response)).not.toContain('cookie-sentinel')
    expect(JSON.stringify(error.response)).not.toContain('own-sentinel')
  })
})

interface Proxy {
  readonly url: string
  /** The target of `CONNECT`. */
  readonly asked: string[]
}

/** A forward proxy that connects to any requested target, unless it answers otherwise. */
async function proxy(refusal?: string): Promise<Proxy> {
  const asked: string[] = []
  const server = createServer((_: IncomingMessage, response: ServerResponse) => void response.writeHead(405).end())
  server.on('connect', (request, near: Socket, first: Buffer) => {
    asked.push(request.url ?? '')
    if (refusal !== undefined) return void near.end(refusal)
    const far = connect(Number(new URL(`http://${request.url}`).port), '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      far.write(first)
      far.pipe(near).pipe(far)
    })
    undo.push(() => far.destroy())
    far.on('error', () => near.destroy())
    near.on('error', () => far.destroy())
  })
  return { url: `http://127.0.0.1:${await listen(server)}`, asked }
}

interface Through {
  readonly what: string
  readonly url: string
  readonly agent: (proxy: string) => HttpAgent
  /** The agent discards the answer, except its status. */
  readonly onlyStatus?: true
}

const throughs: Through[] = [
  { what: 'https-proxy-agent', url: 'wss://example.test/', agent: (url) => new HttpsProxyAgent(url) },
  { what: 'https-proxy-agent for ws:', url: 'ws://example.test/', agent: (url) => new HttpsProxyAgent(url) },
  { what: 'hpagent', url: 'wss://example.test/', agent: (proxy) => new HpAgent({ proxy }), onlyStatus: true },
  {
    what: 'hpagent for ws:',
    url: 'ws://example.test/',
    agent: (proxy) => new HttpProxyAgent({ proxy }),
    onlyStatus: true,
  },
]
// Since Node 24.5.
const [major = 0] = process.versions.node.split('.').map(Number)
if (major >= 24) {
  throughs.push({
    what: "Node's own agent",
    url: 'wss://example.test/',
    agent: (url) => new HttpsAgent({ proxyEnv: { HTTPS_PROXY: url } } as never),
    onlyStatus: true,
  })
}

describe.each(throughs)('a proxy behind $what', ({ url, agent, onlyStatus }) => {
  it.each([
    ['403 Forbidden', true],
    ['404 Not Found', true],
    ['401 Unauthorized', true],
    ['426 Upgrade Required', true],
    ['502 Bad Gateway', true],
    ['503 Service Unavailable', true],
    ['407 Proxy Authentication Required', false],
  ])('that answers CONNECT with %s is named as the source of the answer', async (status, willRetry) => {
    const headers = ['Proxy-Authenticate: Basic realm="office"', 'Set-Cookie: a=b', 'Content-Length: 6']
    const { url: address, asked } = await proxy(`${head(status, headers)}denied`)
    const close = await lose(url, { agent: agent(address) })
    const code = Number(status.slice(0, 3))
    expect(asked.length).toBeGreaterThan(0)
    expect(close).toMatchObject({ status: code, willRetry, error: { code: 'ERR_HANDSHAKE', status: code } })
    expect(close.error?.message).toMatch(new RegExp(`^the proxy, not the server, .*HTTP ${code}`))
    expect(close.error?.response).toEqual({
      from: 'proxy',
      status: code,
      headers: onlyStatus ? {} : { 'proxy-authenticate': 'Basic realm="office"', 'content-length': '6' },
      body: onlyStatus ? '' : 'denied',
    })
  })

  it('that requires credentials ends the connection, unless retry decides otherwise', async () => {
    const { url: address } = await proxy(head('407 Proxy Authentication Required', ['Content-Length: 0']))
    const heard: [boolean, ConnectionError | undefined][] = []
    const close = await lose(
      url,
      { agent: agent(address) },
      { retry: ({ byDefault, error }) => (heard.push([byDefault, error]), true) },
    )
    expect(close.willRetry).toBe(true)
    expect(heard).toEqual([[false, close.error]])
  })
})

describe('through a proxy that allows the connection', () => {
  it("the server's answer is attributed to the server", async () => {
    const server = await refusing((socket) => socket.end(`${head('404 Not Found', ['Content-Length: 4'])}none`))
    const { url: address, asked } = await proxy()
    const port = new URL(server).port
    const { error } = await lose(`ws://localhost:${port}/`, { agent: new HttpsProxyAgent(address) })
    expect(error?.response).toMatchObject({ from: 'server', status: 404, body: 'none' })
    expect(error?.message).toMatch(/^the server /)
    expect(asked).toEqual([`localhost:${port}`])
  })

  it('an upgrade opens', async () => {
    const server = createServer()
    const sockets = new WebSocketServer({ server })
    undo.push(() => sockets.clients.forEach((each) => each.terminate()))
    const port = await listen(server)
    const { url: address } = await proxy()
    for (const agent of [new HttpsProxyAgent(address), new HttpProxyAgent({ proxy: address })]) {
      const connection = createConnection(`ws://localhost:${port}/`, { transport: wsTransport({ agent }) })
      await connection.opened()
      await connection.close()
    }
  })
})

it('an early answer is still attributed to the server', async () => {
  const server = createTcpServer((socket) => void socket.end(head('503 Service Unavailable', ['Content-Length: 0'])))
  const { error } = await lose(`ws://127.0.0.1:${await listen(server)}/`)
  expect(error?.response?.from ?? 'server').toBe('server')
})
