import { createRequire } from 'node:module'
import { WebSocket as Ws } from 'ws'
import { createConnection, fixed } from '../../dist/src/index.js'
import { wsTransport } from '../../dist/src/transports/ws.js'
import { ReconnectingWebSocket } from '../../dist/src/websocket/index.js'

export interface Held {
  /** Drops the socket and dials anew; resolves when it is open again. */
  reconnect(): Promise<void>
}

/** Opens one; what it returns is all that is held of it. */
export type Open = (url: string) => Promise<Held>

interface Peer {
  addEventListener(type: 'open' | 'message', listener: () => void): void
  reconnect(): void
}

const require = createRequire(import.meta.url)

/** Connecting is measured, not waiting; and what is open is at rest at once. */
const fast = { minReconnectionDelay: 1, maxReconnectionDelay: 1, minUptime: 1 }

function wrapped(name: string): Open {
  const loaded = require(name) as { default?: unknown }
  const PeerClass = (loaded.default ?? loaded) as new (url: string, protocols: undefined, options: object) => Peer
  return (url) => held(new PeerClass(url, undefined, { ...fast, WebSocket: Ws }))
}

function held(socket: Peer): Promise<Held> {
  return new Promise((resolve) => {
    let opened = (): void => resolve({ reconnect: () => new Promise((done) => ((opened = done), socket.reconnect())) })
    socket.addEventListener('message', () => {})
    socket.addEventListener('open', () => opened())
  })
}

const dropIn: Open = (url) => held(new ReconnectingWebSocket(url, [], { ...fast, transport: wsTransport() }))

async function bare(url: string): Promise<Held> {
  const dial = (): Promise<Ws> =>
    new Promise((resolve, reject) => {
      const socket = new Ws(url)
      socket.on('message', () => {})
      socket.on('error', reject)
      socket.on('open', () => resolve(socket))
    })
  let socket = await dial()
  return {
    reconnect: async () => {
      socket.terminate()
      socket = await dial()
    },
  }
}

async function ours(url: string): Promise<Held> {
  const connection = createConnection(url, { transport: wsTransport(), stableAfter: 0, backoff: fixed(1) })
  connection.on('message', () => {})
  await connection.opened()
  return { reconnect: () => (connection.reconnect(), connection.opened()) }
}

/** The first is what the others are compared with. */
export const contenders: Readonly<Record<string, () => Open>> = {
  ws: () => bare,
  'statewire/ws': () => ours,
  'statewire/websocket': () => dropIn,
  'reconnecting-websocket': () => wrapped('reconnecting-websocket'),
  partysocket: () => wrapped('partysocket/ws'),
}
