import {
  connectTimeout,
  fixedUrl,
  interval,
  load,
  provideWebSocket,
  timeout,
  wsClass,
  type Peer,
  type ClientEvents,
} from '../peer.js'

interface SocketLike {
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void
  send(data: string): unknown
  close(): void
}

interface Reconnecting extends SocketLike {
  reconnect(): void
}

interface Listeners {
  onopen(): void
  onclose(): void
  onerror(): void
  onmessage(event: { readonly data: unknown }): void
}

function listeners(events: ClientEvents): Listeners {
  return {
    onopen: () => events.opened(),
    onclose: () => events.lost(),
    onerror: () => events.lost(),
    onmessage: ({ data }) => events.heard(String(data)),
  }
}

function listen(socket: SocketLike, events: ClientEvents): void {
  socket.addEventListener('open', () => events.opened())
  socket.addEventListener('close', () => events.lost())
  socket.addEventListener('error', () => events.lost())
  socket.addEventListener('message', ({ data }) => events.heard(String(data)))
}

type ReconnectingClass = new (
  url: string | (() => Promise<string>),
  protocols: undefined,
  options: { WebSocket: unknown; connectionTimeout: number; maxRetries?: number },
) => Reconnecting

/** Two packages with one interface: the second is a fork of the first. */
function reconnecting(name: string, loadClass: () => ReconnectingClass): Peer {
  return {
    name,
    package: name,
    settings: 'defaults (connect timeout 4 s); it has no heartbeat',
    dialect: 'text',
    has: { reconnect: true, heartbeat: false, asyncUrl: true, retries: true },
    dial({ url, retries }, events) {
      const Reconnecting = loadClass()
      const maxRetries = retries === undefined ? {} : { maxRetries: retries }
      const socket = new Reconnecting(url, undefined, {
        WebSocket: wsClass(),
        connectionTimeout: connectTimeout,
        ...maxRetries,
      })
      listen(socket, events)
      return {
        send: (message) => socket.send(message),
        close: () => socket.close(),
        reconnect: () => socket.reconnect(),
        reopen: () => socket.reconnect(),
      }
    },
  }
}

export const reconnectingWebSocket = reconnecting(
  'reconnecting-websocket',
  () => load('reconnecting-websocket') as ReconnectingClass,
)
export const partysocket = reconnecting(
  'partysocket',
  () => (load('partysocket/ws') as { default: ReconnectingClass }).default,
)

interface Robust extends SocketLike {
  open(): void
}

type ShouldReconnect = ((event: unknown, socket: { readonly attempts: number }) => number | false) & {
  handle1000?: boolean
}

export const robustWebSocket: Peer = {
  name: 'robust-websocket',
  package: 'robust-websocket',
  settings:
    'the backoff of its README, 500 ms · 1.5ⁿ, instead of the default list, which gives up after three; `handle1000`; timeout 4 s; it has no heartbeat',
  dialect: 'text',
  has: { reconnect: true, heartbeat: false, asyncUrl: false, retries: true },
  dial(wishes, events) {
    provideWebSocket()
    // It requires one at load time; Node 20 has none.
    if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { onLine: true } })
    const RobustWebSocket = load('robust-websocket') as new (url: string, protocols: null, options: object) => Robust
    const { retries = Infinity } = wishes
    const shouldReconnect: ShouldReconnect = (_, { attempts }) => attempts <= retries && 1.5 ** attempts * 500
    shouldReconnect.handle1000 = true
    const socket = new RobustWebSocket(fixedUrl(wishes), null, {
      timeout: connectTimeout,
      shouldReconnect,
      ignoreConnectivityEvents: true,
    })
    listen(socket, events)
    return {
      send: (message) => socket.send(message),
      close: () => socket.close(),
      reopen: () => socket.open(),
    }
  },
}

interface Sockette {
  send(data: string): unknown
  close(): void
  reconnect(): void
  open(): void
}

export const sockette: Peer = {
  name: 'sockette',
  package: 'sockette',
  settings: 'defaults (a retry every second); it has neither heartbeat nor connect timeout',
  dialect: 'text',
  has: { reconnect: true, heartbeat: false, asyncUrl: false, retries: true },
  dial(wishes, events) {
    provideWebSocket()
    const create = load('sockette') as (url: string, options: object) => Sockette
    const socket = create(fixedUrl(wishes), { ...listeners(events), maxAttempts: wishes.retries ?? Infinity })
    return {
      send: (message) => socket.send(message),
      close: () => socket.close(),
      reconnect: () => socket.reconnect(),
      reopen: () => socket.open(),
    }
  },
}

interface WebsocketTs {
  readonly Websocket: new (url: string, protocols: undefined, options: object) => SocketLikeTs
  readonly ArrayQueue: new () => unknown
  readonly ExponentialBackoff: new (base: number, expMax: number) => unknown
}

interface SocketLikeTs {
  addEventListener(type: string, listener: (socket: unknown, event: { readonly data?: unknown }) => void): void
  send(data: string): unknown
  close(): void
}

export const websocketTs: Peer = {
  name: 'websocket-ts',
  package: 'websocket-ts',
  settings:
    'the exponential backoff of its README, from 1 s to 64 s, and `ArrayQueue`; it has neither heartbeat nor connect timeout',
  dialect: 'text',
  has: { reconnect: true, heartbeat: false, asyncUrl: false, retries: true },
  dial(wishes, events) {
    provideWebSocket()
    const { Websocket, ArrayQueue, ExponentialBackoff } = load('websocket-ts') as WebsocketTs
    const socket = new Websocket(fixedUrl(wishes), undefined, {
      buffer: new ArrayQueue(),
      retry: { backoff: new ExponentialBackoff(1_000, 6), maxRetries: wishes.retries },
    })
    socket.addEventListener('open', () => events.opened())
    socket.addEventListener('close', () => events.lost())
    socket.addEventListener('error', () => events.lost())
    socket.addEventListener('message', (_, { data }) => events.heard(String(data)))
    return { send: (message) => socket.send(message), close: () => socket.close() }
  },
}

interface Heartbeating extends Listeners {
  send(data: string): unknown
  close(): void
}

export const heartbeatJs: Peer = {
  name: 'websocket-heartbeat-js',
  package: 'websocket-heartbeat-js',
  settings: '`pingTimeout` 2 s, `pongTimeout` 1 s; it has no connect timeout',
  dialect: 'text',
  has: { reconnect: true, heartbeat: true, asyncUrl: false, retries: true },
  dial(wishes, events) {
    provideWebSocket()
    const { default: Heartbeat } = load('websocket-heartbeat-js') as { default: new (options: object) => Heartbeating }
    const socket = new Heartbeat({
      url: fixedUrl(wishes),
      pingTimeout: interval,
      pongTimeout: timeout,
      repeatLimit: wishes.retries ?? null,
    })
    Object.assign(socket, listeners(events))
    return { send: (message) => socket.send(message), close: () => socket.close() }
  },
}

/** The control, without a connection manager. */
export const bareWs: Peer = {
  name: 'ws',
  settings: 'the control: no reconnecting, no heartbeat; `handshakeTimeout` 4 s',
  dialect: 'text',
  has: { reconnect: false, heartbeat: false, asyncUrl: false, retries: false },
  dial(wishes, events) {
    const WebSocket = wsClass() as new (url: string, options: object) => SocketLike
    const socket = new WebSocket(fixedUrl(wishes), { handshakeTimeout: connectTimeout })
    listen(socket, events)
    return { send: (message) => socket.send(message), close: () => socket.close() }
  },
}
