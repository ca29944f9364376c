// Many clients of one service, and the service's records of them.
import type { IncomingMessage } from 'node:http'
import { expect } from 'vitest'
import type { WebSocket } from 'ws'
import type { FaultServer } from '../../../src/tools/testing/index.js'
import { afterwards, connect, overs, serve, type Life, type LifeOptions } from '../support/room.js'
import type { SendData, MessageData } from '../../../src/index.js'

export interface Arrival {
  readonly client: string
  readonly server: number
  /** Of the proxy's configuration. */
  readonly generation: number
}

/**
 * One service on one or several servers: each echoes, and together they record who is connected. A client is a path.
 */
export class Service {
  readonly servers: FaultServer[] = []
  readonly arrivals: Arrival[] = []
  readonly sockets = new Map<string, Set<WebSocket>>()
  /** What each client sent, in order. */
  readonly heard = new Map<string, string[]>()
  /** The most sockets one client had at a time. */
  most = 0

  static async start(servers = 1): Promise<Service> {
    const service = new Service()
    for (let index = 0; index < servers; index++) {
      const onConnection = (socket: WebSocket, request: IncomingMessage): void =>
        service.#attend(index, socket, request)
      service.servers.push(await serve({ onConnection, logFrames: false }))
    }
    return service
  }

  get ports(): readonly number[] {
    return this.servers.map(({ port }) => port)
  }

  get present(): number {
    return [...this.sockets.values()].filter(({ size }) => size > 0).length
  }

  #attend(server: number, socket: WebSocket, { url = '', headers }: IncomingMessage): void {
    const present = this.sockets.get(url) ?? new Set()
    const heard = this.heard.get(url) ?? []
    this.sockets.set(url, present.add(socket))
    this.heard.set(url, heard)
    this.most = Math.max(this.most, present.size)
    this.arrivals.push({ client: url, server, generation: Number(headers['x-generation']) })
    socket.on('close', () => present.delete(socket))
    socket.on('message', (data: Buffer, binary) => {
      heard.push(data.toString())
      socket.send(data, { binary })
    })
  }
}

/**
 * This many clients, alternating between this runtime's WebSocket implementations, each with a path of its own. Not
 * dialed yet.
 */
export function crowd(
  size: number,
  url: string,
  options: (index: number) => LifeOptions<MessageData, SendData>,
): Life[] {
  return Array.from({ length: size }, (_, index) =>
    connect(overs[index % overs.length]!, `${url}/${index}`, options(index)),
  )
}

export async function allOpen(lives: readonly Life[], within = 20_000): Promise<void> {
  await Promise.all(lives.map(({ connection }) => connection.opened({ signal: AbortSignal.timeout(within) })))
}

/** How long a client pauses before its next message. Milliseconds. */
const pause = 20

/**
 * A client that sends numbers, each once the previous one was echoed, and three whenever there is no link.
 *
 * As at most one is in flight, an echo proves all earlier sends, and the `uncertain` count can be compared with what
 * was lost.
 */
export class Talk {
  readonly queued: string[] = []
  readonly #life: Life
  readonly #client: string
  #said = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #going = true

  constructor(life: Life, client: string) {
    this.#life = life
    this.#client = client
    life.connection.on('message', (message) => {
      if (this.#going && message === `${this.#said - 1}`) this.#timer = setTimeout(() => this.#say(), pause)
    })
    life.connection.on('close', ({ willRetry }) => {
      clearTimeout(this.#timer)
      for (let n = 0; n < 3 && willRetry && this.#going; n++) this.#say()
    })
    afterwards(() => this.#hush())
    this.#say()
  }

  get said(): number {
    return this.#said
  }

  /** Sends a last message. */
  stop(): void {
    this.#hush()
    this.#say()
  }

  #hush(): void {
    this.#going = false
    clearTimeout(this.#timer)
  }

  #say(): void {
    const message = `${this.#said++}`
    if (this.#life.connection.send(message) === 'queued') this.queued.push(message)
  }

  /** Whether the last message was echoed. */
  get answered(): boolean {
    return this.#life.heard.at(-1) === `${this.#said - 1}`
  }

  /** Queued messages have arrived; missing ones were reported as uncertain; none is duplicated or out of order. */
  account({ heard }: Service): number {
    const arrived = (heard.get(this.#client) ?? []).map(Number)
    expect(arrived, 'in order, and none twice').toEqual([...new Set(arrived)].sort((a, b) => a - b))
    expect(this.#life.dropped).toEqual([])
    expect(arrived).toEqual(expect.arrayContaining(this.queued.map(Number)))
    const uncertain = this.#life.closes.reduce((sum, close) => sum + close.uncertain.messages, 0)
    const lost = this.#said - arrived.length
    expect(lost, 'lost').toBeLessThanOrEqual(uncertain)
    return lost
  }
}
