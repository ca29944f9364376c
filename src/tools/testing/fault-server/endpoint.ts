import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ServerOptions, WebSocket } from 'ws'
import { ConnectionError } from '../../../core/errors.js'
import { streamPair } from './pair.js'

/** Hears of the WebSocket that a connection to the built-in endpoint has become. */
export type Connected = (socket: WebSocket, request: IncomingMessage) => void

/** What speaks at the server's end of a link. */
export interface Endpoint {
  /** A new connection to it. Data, an end or a `destroy` of the stream are all it ever sees of the client. */
  connect(connected: Connected): Duplex
  close(): void
}

/** The built-in endpoint: `ws`, and an HTTP parser in front of it, over streams that are not sockets. */
export async function builtInEndpoint(options: ServerOptions): Promise<Endpoint> {
  const { WebSocketServer } = await import('ws').catch((cause: unknown) => {
    throw new ConnectionError(
      'ERR_MISSING_PEER',
      "The fault server's own endpoint needs the package 'ws': npm install --save-dev ws (or give it an `upstream`)",
      { cause },
    )
  })
  const sockets = new WebSocketServer({ ...options, noServer: true })
  // Never listens: connections are handed to it. So it needs no timers of its own, and gets none.
  const http = createServer({ keepAlive: false, requestTimeout: 0, headersTimeout: 0 }, (_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' })
    response.end('This server speaks WebSocket only.\n')
  })
  const waiting = new WeakMap<Duplex, Connected>()
  http.on('upgrade', (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, (socket) => waiting.get(stream)?.(socket, request))
  })
  return {
    connect(connected) {
      const [near, far] = streamPair()
      // The client's misbehaviour is the purpose of it all; `ws` reports it to whoever listens to the WebSocket.
      far.on('error', () => {})
      waiting.set(far, connected)
      http.emit('connection', far)
      return near
    },
    close() {
      sockets.close()
      http.close()
    },
  }
}

/** A real server elsewhere: bytes are forwarded to its host and port as they are. */
export function upstreamEndpoint(url: URL): Endpoint {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port === '' ? 80 : url.port)
  return {
    connect: () => connect({ host, port, allowHalfOpen: true, noDelay: true }),
    close() {},
  }
}
