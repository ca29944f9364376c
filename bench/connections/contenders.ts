import { createRequire } from 'node:module'
import { WebSocket as Ws } from 'ws'
import { createConnection, fixed } from '../../dist/src/index.js'
import { wsTransport } from '../../dist/src/transports/ws.js'

export interface Held {
  /** Drops the socket and dials anew; resolves when it is open again. */
  reconnect(): Promise<void>
}

/** Opens one; what it returns is all that is held of it. */
export type Open = (url: string) => Promise<Held>

interface Peer {
  addEventListener(type: 'open', listener: () => void): void
  reconnect(): void
}

const require = createRequire(import.meta.url)

function wrapped(name: string): Open {
  const loaded = require(name) as { default?: unknown }
  const PeerClass = (loaded.default ?? loaded) as new (url: string, protocols: undefined, options: object) => Peer
  const options = { WebSocket: Ws, minReconnectionDelay: 1, maxReconnectionDelay: 1, minUptime: 1e9 }
  return (url) =>
    new Promise((resolve) => {
      const socket = new PeerClass(url, undefined, options)
      let opened = (): void =>
        resolve({ reconnect: () => new Promise((done) => ((opened = done), socket.reconnect())) })
      socket.addEventListener('open', () => opened())
    })
}

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
  'reconnecting-websocket': () => wrapped('reconnecting-websocket'),
  partysocket: () => wrapped('partysocket/ws'),
}
