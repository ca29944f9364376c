import { Centrifuge } from 'centrifuge'
import type { WebSocket as ServerSocket } from 'ws'
import { serverPing } from '../../../../src/index.js'
import type { Kind } from './client.js'

interface Command {
  readonly id?: number
  readonly connect?: object
  readonly subscribe?: { readonly channel: string }
  readonly unsubscribe?: { readonly channel: string }
}

/** Seconds between pings of the server, the unit of its protocol. */
const ping = 1

/** A client of Centrifugo's JSON protocol: commands and replies one per line; `{}` is a ping and its reply. */
class Session {
  readonly #socket: ServerSocket
  readonly #channels = new Set<string>()
  #pinging: NodeJS.Timeout | undefined
  #answered = true

  constructor(socket: ServerSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      for (const line of data.toString().split('\n')) this.#command(JSON.parse(line) as Command)
    })
    socket.on('close', () => clearInterval(this.#pinging))
  }

  publish(channel: string, data: unknown): void {
    if (this.#channels.has(channel)) this.#reply({ push: { channel, pub: { data } } })
  }

  #command({ id, connect, subscribe, unsubscribe }: Command): void {
    if (id === undefined) this.#answered = true
    else if (connect !== undefined) {
      this.#reply({ id, connect: { client: `${id}`, version: '6.0.0', ping, pong: true } })
      this.#pinging = setInterval(() => this.#ping(), ping * 1_000)
    } else if (subscribe !== undefined) {
      this.#channels.add(subscribe.channel)
      this.#reply({ id, subscribe: {} })
    } else if (unsubscribe !== undefined) {
      this.#channels.delete(unsubscribe.channel)
      this.#reply({ id, unsubscribe: {} })
    }
  }

  #ping(): void {
    if (!this.#answered) {
      this.#socket.close(3012, 'no pong')
      return
    }
    this.#answered = false
    this.#reply({})
  }

  #reply(reply: object): void {
    this.#socket.send(JSON.stringify(reply))
  }
}

/** centrifuge, with as much of Centrifugo as a subscription needs. */
export const centrifuge: Kind = {
  name: 'centrifuge',
  serve(sockets) {
    const sessions = new Map<ServerSocket, Session>()
    sockets.on('connection', (socket) => {
      sessions.set(socket, new Session(socket))
      socket.on('close', () => sessions.delete(socket))
    })
    return {
      sockets,
      publish: (text) => {
        for (const session of sessions.values()) session.publish('feed', text)
      },
    }
  },
  connect(url, WebSocket) {
    const heard: string[] = []
    const client = new Centrifuge(url, { websocket: WebSocket, minReconnectDelay: 20, maxReconnectDelay: 50 })
    const subscription = client.newSubscription('feed')
    subscription.on('publication', ({ data }) => heard.push(data as string))
    subscription.subscribe()
    client.connect()
    return { heard, close: () => client.disconnect() }
  },
  // The server drops a client that is silent for longer than its ping allows; the client answers by itself.
  heartbeat: (_, timeout) => serverPing({ interval: ping * 1_000, timeout }),
}
