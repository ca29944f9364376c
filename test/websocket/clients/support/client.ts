import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { Heartbeat } from '../../../../src/index.js'
import { ReconnectingWebSocket, type ReconnectingWebSocketOptions } from '../../../../src/websocket/index.js'
import type { FaultServer } from '../../../../src/tools/testing/index.js'
import { afterwards, serve, Watched, type Over } from '../../../faults/support/room.js'

/** A server as published by its maker, or written after its protocol. */
export interface Backend {
  readonly sockets: WebSocketServer
  /** Sends this to the current subscribers. */
  publish(text: string): void
}

/** A third-party client, subscribed or about to be. */
export interface Client {
  /** The messages its subscription has delivered. */
  readonly heard: readonly string[]
  /** Ends it the way its users do, and waits for what its API promises to end. */
  close(): unknown
}

/** A client with its server, and how it receives a WebSocket class. */
export interface Kind {
  readonly name: string
  serve(sockets: WebSocketServer): Backend
  connect(url: string, WebSocket: typeof globalThis.WebSocket): Client
  /** The ping and pong to use on a socket that cannot ping, so that silence is detected in this protocol. */
  heartbeat(interval: number, timeout: number): Heartbeat
}

/** The lifetime of one socket that a client created. */
interface Made {
  readonly socket: ReconnectingWebSocket
  readonly closes: { readonly code: number; readonly wasClean: boolean; readonly willReconnect: boolean }[]
}

/** A client behind the fault server, and every socket that it creates. */
export interface Rig {
  readonly faults: FaultServer
  readonly backend: Backend
  readonly client: Client
  readonly made: readonly Made[]
  readonly watched: Watched
  /** The largest number of the client's sockets that were not CLOSED at the same time. */
  readonly most: () => number
  /** The largest number that the server had at the same time. It cannot detect a half-open one. */
  readonly mostAtServer: () => number
}

export async function rig(kind: Kind, over: Over, options: ReconnectingWebSocketOptions = {}): Promise<Rig> {
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => sockets.once('listening', resolve))
  afterwards(() => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  })
  let mostAtServer = 0
  sockets.on('connection', () => (mostAtServer = Math.max(mostAtServer, sockets.clients.size)))
  const backend = kind.serve(sockets)
  const faults = await serve({ upstream: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}` })
  const watched = new Watched(over.transport())
  const made: Made[] = []
  let most = 0
  const Bound = ReconnectingWebSocket.with({
    transport: watched,
    maxRetries: 0,
    heartbeat: over.name === 'ws' ? over.heartbeat(200, 800) : kind.heartbeat(200, 800),
    ...options,
  })
  class Counted extends Bound {
    constructor(...args: ConstructorParameters<typeof Bound>) {
      super(...args)
      const one: Made = { socket: this, closes: [] }
      made.push(one)
      most = Math.max(most, made.filter(({ socket }) => socket.readyState !== 3).length)
      this.addEventListener('close', (event) => one.closes.push(event))
    }
  }
  const client = kind.connect(`${faults.url}/${randomUUID()}`, Counted)
  afterwards(() => client.close())
  return { faults, backend, client, made, watched, most: () => most, mostAtServer: () => mostAtServer }
}
