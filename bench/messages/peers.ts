import { load, opened, type Client, type Contender, type Payload, type SocketClass, type SocketLike } from './client.js'

interface Robust extends SocketLike {
  open(): void
}

type Make = (socket: SocketClass, url: string) => SocketLike

/** Peers that wrap a standard class, and how each receives it. */
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
      // It requires a `WebSocket` when it is loaded; Node 20 has none.
      if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { onLine: true } })
      const Peer = load('robust-websocket') as new (url: string, protocols: null, options: object) => Robust
      const socket = new Peer(url, null, { ignoreConnectivityEvents: true, automaticOpen: false })
      // Set by the class when it opens; it would be `blob`.
      socket.binaryType = 'arraybuffer'
      socket.open()
      return socket
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

/** Its listeners receive the event as the second argument. */
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

/** A function instead of a class, with listeners as options. */
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

export function wrapped(classOf: (deflate: boolean) => SocketClass): Contender[] {
  const wrapping = wrappers.map(({ name, package: of, make }): Contender => ({
    name,
    role: 'peer',
    package: of,
    open: (url, deflate, hear) => opened(make(classOf(deflate), url), hear),
  }))
  return [...wrapping, sockette(classOf)]
}
