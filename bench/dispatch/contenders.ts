import { createRequire } from 'node:module'
import { WebSocket as WsClass } from 'ws'
import type { WebSocketClass } from '../../src/index.js'
import { wsTransport } from '../../src/transports/ws.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'

/** The members that all contenders share. */
export interface SocketLike {
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void
  send(data: string): unknown
  close(): void
}

export interface Contender {
  readonly name: string
  dial(url: string): SocketLike
}

export interface Group {
  /** The class that creates the sockets; its own row is the baseline. */
  readonly inner: string
  readonly contenders: readonly Contender[]
}

type PeerClass = new (url: string, protocols: undefined, options: { WebSocket: unknown }) => SocketLike

const require = createRequire(import.meta.url)

/** Imported by name, because their types are not needed. */
function peer(name: string): PeerClass {
  const loaded = require(name) as PeerClass & { default?: PeerClass }
  return loaded.default ?? loaded
}

function over(inner: string, WebSocket: WebSocketClass, ...more: Contender[]): Group {
  const wrapped = (name: string, Peer: PeerClass): Contender => ({
    name,
    dial: (url) => new Peer(url, undefined, { WebSocket }),
  })
  return {
    inner,
    contenders: [
      { name: `${inner} alone`, dial: (url) => new WebSocket(url) as unknown as SocketLike },
      wrapped('reconnecting-websocket', peer('reconnecting-websocket')),
      wrapped('partysocket', peer('partysocket/ws')),
      { name: 'statewire/websocket', dial: (url) => new ReconnectingWebSocket(url, [], { WebSocket }) },
      ...more,
    ],
  }
}

export function groups(): readonly Group[] {
  const { WebSocket: global } = globalThis as { WebSocket?: WebSocketClass }
  const overWs = over('ws', WsClass, {
    name: 'statewire/websocket over wsTransport()',
    dial: (url) => new ReconnectingWebSocket(url, [], { transport: wsTransport() }),
  })
  return global === undefined ? [overWs] : [overWs, over("Node's WebSocket", global)]
}
