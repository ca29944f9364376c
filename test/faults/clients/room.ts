import { setTimeout as sleep } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import { createFaultServer, type FaultServer } from '../../../src/tools/testing/index.js'
import { answer, inDialect } from './dialect.js'
import type { Client, Peer, ClientEvents, Wishes } from './peer.js'
import { unheard } from './remarks.js'

/**
 * A server you can break on command, and one client of one peer. Times in milliseconds, on the clock of
 * `performance.now`.
 */
export class Room implements AsyncDisposable {
  readonly server: FaultServer
  readonly peer: Peer
  /** What the server's app received, and what the client's app received. */
  readonly delivered: string[] = []
  readonly heard: string[] = []
  /** When the client reported that it was open, and that it had lost a link or failed an attempt. */
  readonly opens: number[] = []
  readonly losses: number[] = []
  uncertain = 0
  #client: Client | undefined
  /** Called inside the client's own event. */
  onOpen: (() => void) | undefined

  private constructor(server: FaultServer, peer: Peer, delivered: string[]) {
    this.server = server
    this.peer = peer
    this.delivered = delivered
  }

  static async create(peer: Peer): Promise<Room> {
    const delivered: string[] = []
    const server = await createFaultServer({
      logFrames: false,
      onMessage: (message, socket) => {
        const meant = answer(String(message), socket)
        if (meant !== undefined) delivered.push(meant)
      },
    })
    return new Room(server, peer, delivered)
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error('no client has dialed')
    return this.#client
  }

  dial(wishes: Partial<Wishes> = {}): void {
    const events: ClientEvents = {
      opened: () => {
        this.opens.push(performance.now())
        this.onOpen?.()
      },
      lost: () => void this.losses.push(performance.now()),
      heard: (message) => void this.heard.push(message),
      uncertain: (messages) => void (this.uncertain += messages),
    }
    this.#client = this.peer.dial({ url: this.server.url, ...wishes }, events)
  }

  /** A client whose first link has been open for a moment. */
  static async opened(peer: Peer, wishes?: Partial<Wishes>): Promise<Room> {
    const room = await Room.create(peer)
    room.dial(wishes)
    if (!(await until(() => room.opens.length > 0, 10_000))) throw new Error('it never opened, before any fault')
    await sleep(300)
    return room
  }

  /** Breaks the link and stops the server. Resolves when the client has noticed. */
  async down(): Promise<void> {
    await this.server.stopListening()
    const noticed = this.next('losses', 10_000)
    this.server.reset()
    if ((await noticed) === undefined) throw new Error('it did not notice a reset')
  }

  /** How long the client took to report it, from now; `undefined` if it took longer than the limit. */
  async next(what: 'opens' | 'losses', within: number): Promise<number | undefined> {
    const { length } = this[what]
    const since = performance.now()
    await until(() => this[what].length > length, within)
    const at = this[what][length]
    return at === undefined ? undefined : at - since
  }

  /** How many connections were made since. */
  dials(): () => number {
    const { accepted } = this.server.counts
    return () => this.server.counts.accepted - accepted
  }

  /** The server sends a message on the newest link. */
  say(message: string): void {
    const socket: WebSocket | undefined = this.server.links.at(-1)?.socket
    if (socket === undefined) throw new Error('there is no link to speak on')
    socket.send(inDialect(message, socket))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await unheard(async () => {
      this.#client?.close()
      await this.server.close()
      // The client reacts to the end of its links a turn or two later.
      await sleep(50)
    })
  }
}

/** Whether it came true in time. Polling every 10 ms is finer than the table's resolution. */
export async function until(condition: () => boolean, within: number): Promise<boolean> {
  const end = performance.now() + within
  while (!condition()) {
    if (performance.now() >= end) return false
    await sleep(10)
  }
  return true
}

export { sleep }
