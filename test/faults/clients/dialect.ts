import type { WebSocket } from 'ws'

interface Operation {
  readonly id?: string
  readonly type: string
  readonly payload?: { readonly query?: string; readonly auth?: string }
}

/** Answers a client in the dialect of its subprotocol. Returns the app's message, if it is one. */
export function answer(message: string, socket: WebSocket): string | undefined {
  if (socket.protocol !== 'graphql-transport-ws') {
    if (message !== 'heartbeat') return message
    socket.send(message)
    return undefined
  }
  const { id, type, payload } = JSON.parse(message) as Operation
  if (type === 'connection_init') socket.send('{"type":"connection_ack"}')
  if (type === 'connection_init') return payload?.auth
  if (type === 'ping') socket.send('{"type":"pong"}')
  if (type !== 'subscribe' || payload?.query === undefined) return undefined
  if (payload.query === 'feed') {
    feeds.set(socket, id!)
    return undefined
  }
  socket.send(JSON.stringify({ id, type: 'next', payload: { data: payload.query } }))
  socket.send(JSON.stringify({ id, type: 'complete' }))
  return payload.query
}

const feeds = new WeakMap<WebSocket, string>()

/** How the server sends the app an unsolicited message. */
export function inDialect(message: string, socket: WebSocket): string {
  if (socket.protocol !== 'graphql-transport-ws') return message
  return JSON.stringify({ id: feeds.get(socket), type: 'next', payload: { data: message } })
}
