import { byteLength, checkData, quickSize, snapshot } from '../bytes.js'
import { ConnectionError, isConnectionError } from '../errors.js'
import { ignore, onRejection } from '../guards.js'
import type { Data, Socket } from '../transports/transport.js'
import { SendQueue, type QueueBounds, type QueueHost } from './queue.js'

export interface SendOptions {
  /**
   * How long the message may wait for a socket; older than that it is not sent but dropped as `expired`. Milliseconds.
   * Trap: no timer watches it, so you are told when its turn comes, or when its room is needed.
   * @default Infinity
   */
  ttl?: number | undefined
  /** Of the messages that wait under one key only the latest is kept; the others are dropped as `replaced`. */
  key?: string | undefined
}

/** `sent`: handed to the socket (which proves nothing about arrival). `queued`: waits. `dropped`: the overflow policy let it go. */
export type SendResult = 'sent' | 'queued' | 'dropped'

/** What became of the messages of one `sendMany`: each is counted once. */
export interface SendCounts {
  readonly sent: number
  readonly queued: number
  /** Each of them is a `dropped` event as well. */
  readonly dropped: number
}

/** How far a flush came. `more`: one slice is out and the next may follow at once. `full`: the socket takes no more for now. */
export type Flushed = 'done' | 'more' | 'full'

const none: Tally = { messages: 0, bytes: 0 }

/** What leaves the queue in one go; between two of these the event loop gets its turn. */
const slice = { messages: 1_024, bytes: 1 << 20 }

/** Messages, and bytes of binary messages plus characters of text. */
export interface Tally {
  readonly messages: number
  readonly bytes: number
}

/** What was handed to a socket and is not known to have arrived. */
export type Uncertain = Tally

export interface OutboundOptions<Out> {
  readonly queue: QueueBounds
  readonly highWaterMark: number
  readonly codec: { encode(message: Out): Data } | undefined
}

export interface OutboundHost<Out> extends QueueHost<Out> {
  /** Throws `ERR_ENDED` if the connection is closing or has ended. */
  mustAccept(call: string): void
  /** Something waits although the socket is open: ask `flush` again soon. */
  blocked(): void
  /** Runs work that drops messages; the app is told when it is done, so that what it then sends does not fall into the middle. */
  turn(work: () => void): void
}

/** From the app to the socket: straight through when it is open, by way of the queue when it is not. */
export class Outbound<Out> {
  sent = 0
  sentSize = 0
  readonly queue: SendQueue<Out>
  readonly #options: OutboundOptions<Out>
  readonly #host: OutboundHost<Out>
  #socket: Socket | undefined
  /** What the present socket was given. */
  #messages = 0
  #bytes = 0
  /** How much of that has arrived for certain. */
  #proven: Tally = none

  constructor(options: OutboundOptions<Out>, host: OutboundHost<Out>) {
    this.#options = options
    this.#host = host
    this.queue = new SendQueue(options.queue, host)
  }

  /** The socket is open and prepared: what waits goes out, then what comes goes straight through. */
  attach(socket: Socket): void {
    this.#socket = socket
    this.queue.refusedForGood = false
    this.flush()
  }

  /** There is a socket, as far as we know. */
  get attached(): boolean {
    return this.#socket !== undefined
  }

  /** What was refused for lack of room could be accepted now: nothing waits, and the socket, if one is needed, has room. */
  get drained(): boolean {
    if (this.queue.size > 0 || this.#isOverMark(this.#socket)) return false
    return this.attached || !this.queue.refusedForGood
  }

  /** Throws `ERR_DATA`, `ERR_ENCODE` or `ERR_QUEUE_FULL`; then nothing was accepted. */
  send(message: Out, options?: SendOptions): SendResult {
    const data = this.#toData(message)
    // `encode` belongs to the app, and may have closed the connection.
    if (this.#options.codec !== undefined) this.#host.mustAccept('send()')
    if (this.queue.size === 0) return this.#place(message, data, options)
    let result: SendResult = 'queued'
    // What expires on the way is reported when this message has its place, because a listener may close.
    this.#host.turn(() => (result = this.#place(message, data, options)))
    return result
  }

  #place(message: Out, data: Data, options: SendOptions | undefined): SendResult {
    const socket = this.#ready()
    if (socket !== undefined) {
      const written = this.#write(socket, data)
      if (written === true) return 'sent'
      if (written !== false) throw written
    }
    let result: SendResult = 'queued'
    this.#host.turn(() => (result = this.#enqueue(message, data, this.#sizeOf(data), options)))
    return result
  }

  /** As many `send`, but all or nothing: what can be refused is refused before the first is accepted. */
  sendMany(messages: Iterable<Out>, options?: SendOptions): SendCounts {
    const batch = Array.from(messages, (message) => ({ message, data: this.#toData(message) }))
    // The iterable belongs to the app, and may have closed the connection.
    this.#host.mustAccept('sendMany()')
    const counts = { sent: 0, queued: 0, dropped: 0 }
    this.#host.turn(() => {
      // Asked once: the mark is where backpressure begins, and a batch is not to be torn by it.
      const socket = this.#ready()
      let next = 0
      for (; socket !== undefined && next < batch.length; next++) {
        const { message, data } = batch[next]!
        const written = this.#write(socket, data)
        if (written === false) break
        if (written !== true) this.#host.dropped(message, 'refused')
        counts[written === true ? 'sent' : 'dropped']++
      }
      const rest = batch.slice(next).map((each) => ({ ...each, bytes: this.#sizeOf(each.data) }))
      const bytes = rest.reduce((sum, each) => sum + each.bytes, 0)
      // What was sent cannot be taken back, so then the rest is let go one by one.
      if (next === 0) this.queue.admit(rest.length, bytes)
      for (const each of rest) {
        try {
          counts[this.#enqueue(each.message, each.data, each.bytes, options)]++
        } catch {
          this.#host.dropped(each.message, 'overflow')
          counts.dropped++
        }
      }
    })
    return counts
  }

  /** Sends what waits: up to the high-water mark, and no more than a slice. */
  flush(): Flushed {
    const sent = { messages: 0, bytes: 0 }
    for (let entry = this.queue.peek(); entry; entry = this.queue.peek()) {
      const socket = this.#socket
      if (socket === undefined || this.#isOverMark(socket)) return 'full'
      if (sent.messages >= slice.messages || sent.bytes >= slice.bytes) return 'more'
      const written = this.#write(socket, entry.data)
      if (written === false) return 'full'
      sent.messages++
      sent.bytes += entry.bytes
      if (written === true) this.queue.shift()
      else this.queue.refuse()
    }
    return 'done'
  }

  /** Takes everything out of the queue; it is the app's again. */
  withdraw(): Out[] {
    let taken: Out[] = []
    this.#host.turn(() => (taken = this.queue.takeAll()))
    return taken
  }

  /** What the present socket was given so far. Noted with a ping, it is what the answer to that ping proves. */
  get handed(): Tally {
    return { messages: this.#messages, bytes: this.#bytes }
  }

  /** The peer has read this much: it has answered a ping that was sent behind it. */
  prove(handed: Tally): void {
    if (handed.messages > this.#proven.messages) this.#proven = handed
  }

  /** What was handed to the socket and has not been proved. Traffic from the server proves nothing: it may have left before ours arrived. */
  get uncertain(): Uncertain {
    return { messages: this.#messages - this.#proven.messages, bytes: this.#bytes - this.#proven.bytes }
  }

  /** A new socket has nothing of ours yet. */
  reset(): void {
    this.#socket = undefined
    this.#messages = 0
    this.#bytes = 0
    this.#proven = none
  }

  /** The socket, if a message may go straight to it: nothing waits, and there is room. */
  #ready(): Socket | undefined {
    const { size } = this.queue
    if (size > 0 && size <= slice.messages && !this.#isOverMark(this.#socket)) this.#host.turn(() => this.flush())
    return this.queue.size > 0 || this.#isOverMark(this.#socket) ? undefined : this.#socket
  }

  #enqueue(message: Out, data: Data, bytes: number, { ttl = Infinity, key }: SendOptions = {}): 'queued' | 'dropped' {
    const kept = snapshot(data)
    const result = this.queue.push({
      data: kept,
      // What was accepted is given back, not what the app has made of it since.
      message: this.#options.codec === undefined ? (kept as Out) : message,
      bytes,
      expires: ttl === Infinity ? Infinity : this.#host.now() + ttl,
      key,
    })
    if (this.#socket !== undefined) this.#host.blocked()
    return result
  }

  /** Of a message that fits it is exact. */
  #sizeOf(data: Data): number {
    return byteLength(data, this.queue.mostBytes)
  }

  #isOverMark(socket: Socket | undefined): boolean {
    return socket !== undefined && socket.bufferedAmount >= this.#options.highWaterMark
  }

  #toData(message: Out): Data {
    if (this.#options.codec === undefined) return checkData(message)
    let data: unknown
    try {
      data = this.#options.codec.encode(message)
      // No promise can be sent; that is said below.
      onRejection(data, ignore)
    } catch (thrown) {
      throw new ConnectionError('ERR_ENCODE', 'codec.encode threw, so nothing was sent: see the cause', {
        cause: thrown,
      })
    }
    return checkData(data)
  }

  /** False: the socket is not open. An error: it is, and does not take this message. */
  #write(socket: Socket, data: Data): boolean | ConnectionError {
    try {
      socket.send(data)
    } catch (thrown) {
      if (!isConnectionError(thrown)) {
        return new ConnectionError('ERR_DATA', 'the socket refused the message: see the cause', { cause: thrown })
      }
      // It has closed and we have not heard of it yet; the message waits for the next one.
      if (this.#socket === socket) this.#socket = undefined
      return false
    }
    const size = quickSize(data)
    this.sent++
    this.sentSize += size
    this.#messages++
    this.#bytes += size
    return true
  }
}
