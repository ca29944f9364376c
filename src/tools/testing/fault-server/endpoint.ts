import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ServerOptions, WebSocket } from 'ws'
import { ConnectionError } from '../../../core/errors.js'
import { streamPair } from './pair.js'

/** Called with the WebSocket of a connection to the built-in endpoint. */
export type Connected = (socket: WebSocket, request: IncomingMessage) => void

/** The server side of a link. */
export interface Endpoint {
  /** Opens a connection to it. The endpoint sees of the client only data, an end, or a `destroy` of the stream. */
  connect(connected: Connected): Duplex
  close(): void
}

/** The built-in endpoint: `ws` behind an HTTP parser, over in-process streams instead of sockets. */
export async function builtInEndpoint(options: ServerOptions): Promise<Endpoint> {
  const { WebSocketServer } = await import('ws').catch((cause: unknown) => {
    throw new ConnectionError(
      'ERR_MISSING_PEER',
      'the fault server needs the package ws; run `npm install --save-dev ws`, or pass an upstream',
      { cause },
    )
  })
  const sockets = new WebSocketServer({ ...options, noServer: true })
  // Never listens; connections are passed in. So it needs no timeouts.
  const http = createServer({ keepAlive: false, requestTimeout: 0, headersTimeout: 0 }, (_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' })
    response.end('This server supports only WebSocket.\n')
  })
  const waiting = new WeakMap<Duplex, Connected>()
  http.on('upgrade', (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, (socket) => waiting.get(stream)?.(socket, request))
  })
  return {
    connect(connected) {
      const [near, far] = streamPair()
      // Stream errors are expected; `ws` reports them on the WebSocket.
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

/** A real server: bytes are forwarded to its host and port unchanged. */
export function upstreamEndpoint(url: URL): Endpoint {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port === '' ? 80 : url.port)
  return {
    connect: () => connect({ host, port, allowHalfOpen: true, noDelay: true }),
    close() {},
  }
}
