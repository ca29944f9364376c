import { createRequire } from 'node:module'
import { WebSocket as Ws } from 'ws'
import { createConnection, off, type WebSocketClass } from '../../dist/src/index.js'
import { wsTransport } from '../../dist/src/transports/ws.js'
import { ReconnectingWebSocket } from '../../dist/src/websocket/index.js'

export type Payload = string | Uint8Array

export interface Client {
  send(data: Payload): unknown
  /** Bytes that were accepted and that the network has not taken. */
  readonly bufferedAmount: number
  close(): void
}

/** Hears each message once it is a string or an ArrayBuffer. */
export type Hear = (data: unknown) => void

export interface Contender {
  readonly name: string
  /** What it is, beyond its name. The control is the bare socket once more: by how much it differs from itself is noise. */
  readonly role: 'control' | 'ours' | 'peer'
  /** In `bench/package.json`. */
  readonly package?: string
  open(url: string, deflate: boolean, hear: Hear): Promise<Client>
}

/** What the others are compared with. */
export type Bare = Pick<Contender, 'name' | 'open'>

const again = (bare: Bare): Contender => ({ ...bare, name: `${bare.name} again`, role: 'control' })

const require = createRequire(import.meta.url)

/** By name only: the packages are not ours, and their types are not needed. */
function load(name: string): unknown {
  const loaded = require(name) as { default?: unknown }
  return loaded.default ?? loaded
}

interface SocketLike extends Client {
  binaryType: string
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void
}

type SocketClass = new (url: string, protocols?: string | string[]) => SocketLike

function opened(socket: SocketLike, hear: Hear): Promise<Client> {
  if ('binaryType' in socket) socket.binaryType = 'arraybuffer'
  socket.addEventListener('message', ({ data }) => hear(data))
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(socket))
    socket.addEventListener('error', () => reject(new Error('it does not open')))
  })
}

/** `ws` as a class of the standard's shape, with or without compression. */
function wsClass(deflate: boolean): SocketClass {
  class Chosen extends Ws {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols, { perMessageDeflate: deflate })
      // Not every wrapper passes it on.
      this.binaryType = 'arraybuffer'
    }
  }
  return Chosen as unknown as SocketClass
}

const unbounded = { messages: Infinity, bytes: Infinity }

/** By the events of `ws` itself, which cost less than those of the standard. */
const bareWs: Bare = {
  name: 'ws',
  open: (url, deflate, hear) =>
    new Promise((resolve, reject) => {
      const socket = new Ws(url, { perMessageDeflate: deflate })
      socket.binaryType = 'arraybuffer'
      socket.on('message', (data, isBinary) => hear(isBinary ? data : (data as Buffer).toString()))
      socket.on('open', () => resolve(socket))
      socket.on('error', reject)
    }),
}

const overWs: Contender = {
  name: 'statewire/ws',
  role: 'ours',
  async open(url, deflate, hear) {
    const transport = wsTransport({ perMessageDeflate: deflate })
    const connection = createConnection(url, { transport, queue: unbounded })
    connection.on('message', hear)
    await connection.opened()
    return {
      send: (data) => connection.send(data),
      close: () => void connection.close(),
      get bufferedAmount() {
        return connection.bufferedAmount
      },
    }
  },
}

type Make = (socket: SocketClass, url: string) => SocketLike

/** Those that wrap a class of the standard's shape; how each is given one. */
const wrappers: readonly { name: string; package: string; make: Make }[] = [
  {
    name: 'reconnecting-websocket',
    package: 'reconnecting-websocket',
    make: (WebSocket, url) => {
      const Peer = load('reconnecting-websocket') as new (
        url: string,
        protocols: undefined,
        options: object,
      ) => SocketLike
      return new Peer(url, undefined, { WebSocket })
    },
  },
  {
    name: 'partysocket',
    package: 'partysocket',
    make: (WebSocket, url) => {
      const Peer = load('partysocket/ws') as new (url: string, protocols: undefined, options: object) => SocketLike
      return new Peer(url, undefined, { WebSocket })
    },
  },
  {
    name: 'robust-websocket',
    package: 'robust-websocket',
    make: (WebSocket, url) => {
      Object.assign(globalThis, { WebSocket })
      // It wants one before it can be loaded; Node 20 has none.
      if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { onLine: true } })
      const Peer = load('robust-websocket') as new (url: string, protocols: null, options: object) => SocketLike
      return new Peer(url, null, { ignoreConnectivityEvents: true })
    },
  },
  {
    name: 'websocket-ts',
    package: 'websocket-ts',
    make: (WebSocket, url) => {
      Object.assign(globalThis, { WebSocket })
      const { Websocket } = load('websocket-ts') as { Websocket: new (url: string) => Listening }
      return plain(new Websocket(url))
    },
  },
]

interface Listening {
  binaryType: string
  readonly bufferedAmount: number
  addEventListener(type: string, listener: (socket: unknown, event: { readonly data?: unknown }) => void): void
  send(data: Payload): unknown
  close(): void
}

/** Its listeners have the event as their second argument. */
function plain(socket: Listening): SocketLike {
  return {
    addEventListener: (type, listener) => socket.addEventListener(type, (_, event) => listener(event)),
    send: (data) => socket.send(data),
    close: () => socket.close(),
    get bufferedAmount() {
      return socket.bufferedAmount
    },
    get binaryType() {
      return socket.binaryType
    },
    set binaryType(type) {
      socket.binaryType = type
    },
  }
}

/** One function instead of a class, and what it hears is told to options. */
const sockette = (classOf: (deflate: boolean) => SocketClass): Contender => ({
  name: 'sockette',
  role: 'peer',
  package: 'sockette',
  open: (url, deflate, hear) => {
    Object.assign(globalThis, { WebSocket: classOf(deflate) })
    const create = load('sockette') as (url: string, options: object) => Omit<Client, 'bufferedAmount'>
    return new Promise((resolve, reject) => {
      const made = create(url, {
        onmessage: ({ data }: { readonly data: unknown }) => hear(data),
        onopen: ({ target }: { readonly target: SocketLike }) =>
          resolve({
            send: (data) => made.send(data),
            close: () => made.close(),
            get bufferedAmount() {
              return target.bufferedAmount
            },
          }),
        onerror: () => reject(new Error('it does not open')),
      })
    })
  },
})

function wrapped(classOf: (deflate: boolean) => SocketClass): Contender[] {
  const wrapping = wrappers.map(({ name, package: of, make }): Contender => ({
    name,
    role: 'peer',
    package: of,
    open: (url, deflate, hear) => opened(make(classOf(deflate), url), hear),
  }))
  return [...wrapping, sockette(classOf)]
}

function withArrayBuffers(Standard: SocketClass): SocketClass {
  return class extends Standard {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols)
      this.binaryType = 'arraybuffer'
    }
  }
}

export interface Group {
  readonly title: string
  /** Whether it can be told to compress or not. */
  readonly deflate: boolean
  /** Whether the goals are about it, so that their cases are measured more often. */
  readonly weighed: boolean
  readonly bare: Bare
  readonly contenders: readonly Contender[]
}

/** Over `ws`, and over the WebSocket that the runtime has, if it has one. */
export function groups(): readonly Group[] {
  const global = (globalThis as { WebSocket?: SocketClass }).WebSocket
  const ws: Group = {
    title: 'over `ws`',
    deflate: true,
    weighed: true,
    bare: bareWs,
    contenders: [
      again(bareWs),
      overWs,
      {
        name: 'statewire/websocket',
        role: 'ours',
        open: (url, deflate, hear) =>
          opened(
            new ReconnectingWebSocket(url, [], {
              transport: wsTransport({ perMessageDeflate: deflate }),
              maxEnqueuedMessages: Infinity,
            }),
            hear,
          ),
      },
      ...wrapped(wsClass),
    ],
  }
  if (global === undefined) return [ws]
  const bare: Bare = { name: 'WebSocket', open: (url, _, hear) => opened(new global(url), hear) }
  const platform: Group = {
    title: "over the runtime's WebSocket",
    deflate: false,
    weighed: false,
    bare,
    contenders: [
      again(bare),
      {
        name: 'statewire',
        role: 'ours',
        async open(url, _, hear) {
          const connection = createConnection(url, { heartbeat: off(), queue: unbounded })
          connection.on('message', hear)
          await connection.opened()
          return {
            send: (data) => connection.send(data),
            close: () => void connection.close(),
            get bufferedAmount() {
              return connection.bufferedAmount
            },
          }
        },
      },
      {
        name: 'statewire/websocket',
        role: 'ours',
        open: (url, _, hear) =>
          opened(
            new ReconnectingWebSocket(url, [], {
              WebSocket: global as unknown as WebSocketClass,
            }),
            hear,
          ),
      },
      ...wrapped(() => withArrayBuffers(global)),
    ],
  }
  return [ws, platform]
}

export const packages = [...wrappers.map((each) => each.package), 'sockette']
