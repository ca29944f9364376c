import { WebSocket as Ws } from 'ws'
import { createConnection, noHeartbeat, type WebSocketClass } from '../../dist/src/index.js'
import { wsTransport } from '../../dist/src/transports/ws.js'
import { ReconnectingWebSocket } from '../../dist/src/websocket/index.js'
import { opened, type Bare, type Contender, type SocketClass } from './client.js'
import { wrapped } from './peers.js'

const again = (bare: Bare): Contender => ({ ...bare, name: `${bare.name} again`, role: 'control' })

/** `ws` as a standard class, with or without compression. */
function wsClass(deflate: boolean): SocketClass {
  class Chosen extends Ws {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols, { perMessageDeflate: deflate })
      // Some wrappers do not pass it on.
      this.binaryType = 'arraybuffer'
    }
  }
  return Chosen as unknown as SocketClass
}

const unbounded = { messages: Infinity, bytes: Infinity }

/** Uses the events of `ws`, which cost less than standard ones. */
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
  /** Whether compression can be configured. */
  readonly deflate: boolean
  /** Whether it has goals; its cases are measured more often. */
  readonly weighed: boolean
  readonly bare: Bare
  readonly contenders: readonly Contender[]
}

/** Over `ws`, and over the runtime's own WebSocket if there is one. */
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
          const connection = createConnection(url, { heartbeat: noHeartbeat(), queue: unbounded })
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
