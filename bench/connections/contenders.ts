import { createRequire } from 'node:module'
import { WebSocket as Ws } from 'ws'
import { connect } from '../../dist/src/core/index.js'
import { createConnection, fixedBackoff, protocolPing } from '../../dist/src/index.js'
import { wsTransport } from '../../dist/src/transports/ws.js'
import { ReconnectingWebSocket } from '../../dist/src/websocket/index.js'

/**
 * Opens one that listens for messages; `again` drops its socket and redials. Both resolve when it is open and all it
 * retains is allocated.
 */
export interface Contender<Held extends object = object> {
  open(url: string): Promise<Held>
  again(held: Held): Promise<Held>
}

const require = createRequire(import.meta.url)

// Shared parts are created once; the measurement is the cost of one more connection.

const ignore = (): void => {}

/** Measures connecting without delays; an open connection is idle at once. */
const fast = { minReconnectionDelay: 1, maxReconnectionDelay: 1, minUptime: 1 }

/** Pings are not part of opening, and waiting connections must not send any. */
const heartbeat = protocolPing({ interval: 600_000 })

/** Resolves when `wait` has called its callback, and cleans up. */
const once = (wait: (done: () => void) => () => void): Promise<void> =>
  new Promise((resolve) => {
    const forget = wait(() => {
      forget()
      resolve()
    })
  })

const dial = (url: string): Promise<Ws> =>
  new Promise((resolve, reject) => {
    const socket = new Ws(url)
    socket.on('message', ignore)
    socket.once('error', reject)
    socket.once('open', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })

const bare: Contender<Ws> = {
  open: dial,
  again(socket) {
    socket.terminate()
    return dial(socket.url)
  },
}

interface Peer {
  addEventListener(type: 'open' | 'message', listener: () => void): void
  removeEventListener(type: 'open', listener: () => void): void
  reconnect(): void
}

const opened = (peer: Peer): Promise<void> =>
  once((done) => {
    peer.addEventListener('open', done)
    return () => peer.removeEventListener('open', done)
  })

const standard = (make: (url: string) => Peer): Contender<Peer> => ({
  async open(url) {
    const peer = make(url)
    peer.addEventListener('message', ignore)
    await opened(peer)
    return peer
  },
  async again(peer) {
    peer.reconnect()
    await opened(peer)
    return peer
  },
})

function wrapped(name: string): Contender<Peer> {
  const loaded = require(name) as { default?: unknown }
  const PeerClass = (loaded.default ?? loaded) as new (url: string, protocols: undefined, options: object) => Peer
  const options = { ...fast, WebSocket: Ws }
  return standard((url) => new PeerClass(url, undefined, options))
}

function dropIn(): Contender<Peer> {
  const options = { ...fast, heartbeat, transport: wsTransport() }
  return standard((url) => new ReconnectingWebSocket(url, undefined, options))
}

interface Ours {
  on(type: 'open' | 'message', listener: () => void): () => void
  reconnect(): void
}

const ours = (make: (url: string) => Ours): Contender<Ours> => ({
  async open(url) {
    const connection = make(url)
    connection.on('message', ignore)
    await once((done) => connection.on('open', done))
    return connection
  },
  async again(connection) {
    connection.reconnect()
    await once((done) => connection.on('open', done))
    return connection
  },
})

const settings = () => ({ transport: wsTransport(), heartbeat, stableAfter: 0, backoff: fixedBackoff(1) })

/** The first is the baseline. */
export const contenders: Readonly<Record<string, () => Contender>> = {
  ws: () => bare,
  'statewire/core': () => {
    const options = settings()
    return ours((url) => connect(url, options))
  },
  'statewire/ws': () => {
    const options = settings()
    return ours((url) => createConnection(url, options))
  },
  'statewire/websocket': () => dropIn(),
  'reconnecting-websocket': () => wrapped('reconnecting-websocket'),
  partysocket: () => wrapped('partysocket/ws'),
}
