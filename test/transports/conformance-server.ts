import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'

/** What the server recorded of one visit, identified by the `id` in its query. */
export interface Facts {
  /** Whether the upgrade request has arrived. */
  arrived: boolean
  /** Whether the TCP connection is over. */
  gone: boolean
  /** The content of the client's close frame. */
  close: { code: number; reason: string } | null
  headers: Record<string, string | string[] | undefined>
  pings: number
  /** How many bytes arrived over TCP, once it is over. */
  bytes: number
}

export interface ConformanceServer {
  /** `ws://host:port`, followed by the path of a behavior. */
  readonly url: string
  /** A URL without a listener. */
  readonly refused: string
  close(): Promise<void>
}

interface Visit {
  readonly request: IncomingMessage
  readonly tcp: Socket
  readonly head: Buffer
  readonly query: URLSearchParams
  readonly facts: Facts
}

/** One complete server frame, unmasked. `opcode` may contain reserved bits. */
function frame(opcode: number, payload: string | Uint8Array = ''): Buffer {
  const body = Buffer.from(payload as Uint8Array)
  if (body.length > 125) throw new RangeError('frames made by hand are short')
  return Buffer.concat([Buffer.from([0x80 | opcode, body.length]), body])
}

function closeFrame(code: number, reason = ''): Buffer {
  const body = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)])
  return frame(0x8, body)
}

/** The head of a 101 response, built by hand for servers that misbehave. */
function switching({ request }: Visit, headers: Record<string, string> = {}): string {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const all = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': createHash('sha1').update(key).digest('base64'),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`
}

/** Writes one packet: the 101 and the raw frames after it. */
function packet(visit: Visit, ...frames: Buffer[]): void {
  visit.tcp.write(Buffer.concat([Buffer.from(switching(visit)), ...frames]))
  // Read, or a client's FIN would go unnoticed; the data is discarded.
  visit.tcp.resume()
}

export async function startConformanceServer(): Promise<ConformanceServer> {
  const visits = new Map<string, Facts>()
  const peers = new Map<string, WebSocket>()
  const connections = new Set<Socket>()
  const reset = new Set<string>()

  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered, request) => queryOf(request).get('choose') ?? [...offered][0] ?? false,
  })
  const deflating = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0 } })

  function accept(visit: Visit, then: (peer: WebSocket) => void, server = sockets): void {
    server.handleUpgrade(visit.request, visit.tcp, visit.head, (peer) => {
      peers.set(visit.query.get('id') ?? '', peer)
      peer.on('error', () => {})
      peer.on('ping', () => (visit.facts.pings += 1))
      peer.on('close', (code, reason) => (visit.facts.close = { code, reason: reason.toString() }))
      then(peer)
    })
  }

  const echo = (peer: WebSocket): void => {
    peer.on('message', (data, binary) => peer.send(data as Buffer, { binary }))
  }

  const behaviours: Record<string, (visit: Visit) => void> = {
    '/echo': (visit) => accept(visit, echo),
    '/deflate': (visit) => accept(visit, echo, deflating),
    '/quiet': (visit) => accept(visit, () => {}),
    '/headers': (visit) => accept(visit, (peer) => peer.send(JSON.stringify(visit.request.headers))),
    '/ping': (visit) => accept(visit, (peer) => peer.ping('are you there')),
    '/close': (visit) =>
      accept(visit, (peer) => {
        const code = visit.query.get('code')
        if (code === null) peer.close()
        else peer.close(Number(code), visit.query.get('reason') ?? '')
      }),
    // t0 b0 t1 b1 …, the number of the message in text or in one byte, all in one write.
    '/burst': (visit) => {
      const count = Number(visit.query.get('n') ?? 10)
      const frames = Array.from({ length: count }, (_, i) => [frame(0x1, `t${i}`), frame(0x2, new Uint8Array([i]))])
      packet(visit, ...frames.flat())
    },
    '/empty': (visit) => packet(visit, frame(0x1), frame(0x2)),
    '/first-frame-with-101': (visit) => packet(visit, frame(0x1, 'first')),
    '/late-frames': (visit) => packet(visit, frame(0x1, 'before'), closeFrame(1000), frame(0x1, 'after'), frame(0x1)),
    '/illegal-close': (visit) => packet(visit, closeFrame(Number(visit.query.get('code')))),
    '/bad-utf8': (visit) => packet(visit, frame(0x1, new Uint8Array([0xc3, 0x28]))),
    '/bad-utf8-and-hold': (visit) => {
      visit.tcp.off('end', letGo)
      packet(visit, frame(0x1, new Uint8Array([0xc3, 0x28])))
    },
    '/reserved-bit': (visit) => packet(visit, frame(0x41, 'x')),
    '/bad-opcode': (visit) => packet(visit, frame(0x3, 'x')),
    '/ignore-close': (visit) => packet(visit),
    '/hang': ({ tcp }) => void tcp.resume(),
    '/reset-in-handshake': ({ tcp }) => void tcp.resetAndDestroy(),
    '/reset-after-open': (visit) => void visit.tcp.write(switching(visit), () => visit.tcp.resetAndDestroy()),
    // Only on the first visit; a returning client stays connected.
    '/reset-once': (visit) => {
      const id = visit.query.get('id') ?? ''
      if (reset.has(id)) return accept(visit, echo)
      reset.add(id)
      visit.tcp.write(switching(visit), () => visit.tcp.resetAndDestroy())
    },
    '/end-after-open': (visit) => void visit.tcp.end(switching(visit)),
    '/bad-accept': (visit) =>
      void visit.tcp.end(switching(visit, { 'Sec-WebSocket-Accept': 'bm90IHlvdXJzIGF0IGFsbCE=' })),
    '/wrong-protocol': (visit) => void visit.tcp.end(switching(visit, { 'Sec-WebSocket-Protocol': 'nobody.asked' })),
    // A body that never ends, so the client has to disconnect; with `whole` in the query the server does.
    '/status': ({ tcp, query }) => {
      const code = Number(query.get('code'))
      const headers = ['retry-after', 'location'].flatMap((name) =>
        query.has(name) ? [`${name}: ${query.get(name)}`] : [],
      )
      const whole = query.has('whole')
      const head = [
        `HTTP/1.1 ${code} ${STATUS_CODES[code]}`,
        ...headers,
        'Content-Type: text/html',
        `Content-Length: ${whole ? 6 : 1000}`,
        ...(whole ? ['Connection: close'] : []),
      ]
      tcp.write(`${head.join('\r\n')}\r\n\r\n<html>`)
      if (whole) tcp.end()
      tcp.resume()
    },
  }

  // Tests in any runtime query and control the server over plain HTTP.
  const http = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const id = searchParams.get('id') ?? ''
    response.setHeader('Access-Control-Allow-Origin', '*')
    if (pathname === '/facts') return void response.end(JSON.stringify(visits.get(id) ?? null))
    if (pathname === '/tell') return peers.get(id)?.send(searchParams.get('text') ?? '', () => response.end())
    response.writeHead(404).end()
  })
  http.on('connection', (tcp: Socket) => {
    connections.add(tcp)
    tcp.on('error', () => {})
    // An HTTP server's sockets stay half-open by default; every behavior must end TCP.
    tcp.on('end', letGo)
    tcp.on('close', () => connections.delete(tcp))
  })
  http.on('upgrade', (request, tcp: Socket, head) => {
    const query = queryOf(request)
    const facts: Facts = { arrived: true, gone: false, close: null, headers: request.headers, pings: 0, bytes: 0 }
    visits.set(query.get('id') ?? '', facts)
    tcp.on('close', () => Object.assign(facts, { gone: true, bytes: tcp.bytesRead }))
    const behave = behaviours[new URL(request.url ?? '/', 'http://localhost').pathname]
    if (behave === undefined) return void tcp.end('HTTP/1.1 500 No Such Behaviour\r\n\r\n')
    behave({ request, tcp, head, query, facts })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))

  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    refused: `ws://127.0.0.1:${await freePort()}/`,
    close: () =>
      new Promise((resolve) => {
        for (const tcp of connections) tcp.destroy()
        http.close(() => resolve())
      }),
  }
}

function letGo(this: Socket): void {
  this.end()
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL(request.url ?? '/', 'http://localhost').searchParams
}

async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
