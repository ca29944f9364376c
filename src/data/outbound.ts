import { byteLength, checkData, quickSize, snapshot } from '../bytes.js'
import { ConnectionError } from '../errors.js'
import type { Data, Socket } from '../transports/transport.js'
import { SendQueue, type QueueBounds, type QueueDrop } from './queue.js'

export interface SendOptions {
  /**
   * How long the message may wait for a socket; older than that it is not sent but dropped as `expired`. Milliseconds.
   * Trap: no timer watches it, so you are told when its turn comes, or when its room is needed.
   * @default Infinity
   */
  ttl?: number
  /** Of the messages that wait under one key only the latest is kept; the others are dropped as `replaced`. */
  key?: string
}

/** `sent`: handed to the socket (which proves nothing about arrival). `queued`: waits. `dropped`: the overflow policy let it go. */
export type SendResult = 'sent' | 'queued' | 'dropped'

/** What was handed to a socket and may not have arrived. */
export interface Uncertain {
  readonly messages: number
  /** Bytes of binary messages plus characters of text. */
  readonly bytes: number
}

export interface OutboundDelegate<Out> {
  dropped(message: Out, reason: QueueDrop): void
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
  readonly #delegate: OutboundDelegate<Out>
  readonly #encode: ((message: Out) => Data) | undefined
  readonly #highWaterMark: number
  readonly #now: () => number
  readonly #inbound: { readonly frames: number }
  #socket: Socket | undefined
  #framesAtSend = 0
  #uncertainMessages = 0
  #uncertainBytes = 0

  constructor(
    options: {
      queue: QueueBounds
      highWaterMark: number
      encode: ((message: Out) => Data) | undefined
      now: () => number
    },
    inbound: { readonly frames: number },
    delegate: OutboundDelegate<Out>,
  ) {
    this.#delegate = delegate
    this.#encode = options.encode
    this.#highWaterMark = options.highWaterMark
    this.#now = options.now
    this.#inbound = inbound
    this.queue = new SendQueue(options.queue, options.now, (entry, reason) => delegate.dropped(entry.message, reason))
  }

  /** The socket is open and prepared: what waits goes out, then what comes goes straight through. */
  attach(socket: Socket): void {
    this.#socket = socket
    this.flush()
  }

  /** Nothing waits here, and the socket's own buffer is below the mark. */
  get drained(): boolean {
    return this.queue.size === 0 && !this.#isOverMark(this.#socket)
  }

  /** Throws `ERR_DATA`, `ERR_ENCODE` or `ERR_QUEUE_FULL`; then nothing was accepted. */
  send(message: Out, options?: SendOptions): SendResult {
    const data = this.#toData(message)
    if (this.queue.size > 0 && !this.#isOverMark(this.#socket)) this.#delegate.turn(() => this.flush())
    const socket = this.#socket
    if (socket !== undefined && this.queue.size === 0 && !this.#isOverMark(socket)) {
      const written = this.#write(socket, data)
      if (written === true) return 'sent'
      if (written !== false) throw written
    }
    const { ttl = Infinity, key } = options ?? {}
    const expires = ttl === Infinity ? Infinity : this.#now() + ttl
    let result: SendResult = 'queued'
    this.#delegate.turn(() => {
      const kept = snapshot(data)
      // What was accepted is given back, not what the app has made of it since.
      const original = this.#encode === undefined ? (kept as Out) : message
      result = this.queue.push({ data: kept, message: original, bytes: byteLength(data), expires, key })
      if (this.#socket !== undefined) this.#delegate.blocked()
    })
    return result
  }

  /** Sends what waits, up to the high-water mark (or all of it, with `force`). False: something still waits. */
  flush(force = false): boolean {
    for (let entry = this.queue.peek(); entry; entry = this.queue.peek()) {
      const socket = this.#socket
      if (socket === undefined || (!force && this.#isOverMark(socket))) return false
      const written = this.#write(socket, entry.data)
      if (written === false) return false
      if (written === true) this.queue.shift()
      else this.queue.refuse()
    }
    return true
  }

  /** Takes everything out of the queue; it is the app's again. */
  withdraw(): Out[] {
    let taken: Out[] = []
    this.#delegate.turn(() => (taken = this.queue.takeAll()))
    return taken
  }

  /** What was handed to the socket after the last frame came in. */
  get uncertain(): Uncertain {
    this.#settleProven()
    return { messages: this.#uncertainMessages, bytes: this.#uncertainBytes }
  }

  /** A new socket has nothing of ours yet. */
  reset(): void {
    this.#socket = undefined
    this.#uncertainMessages = 0
    this.#uncertainBytes = 0
  }

  #isOverMark(socket: Socket | undefined): boolean {
    return socket !== undefined && socket.bufferedAmount >= this.#highWaterMark
  }

  #toData(message: Out): Data {
    if (this.#encode === undefined) return checkData(message)
    let data: unknown
    try {
      data = this.#encode(message)
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
      if (!(thrown instanceof ConnectionError)) {
        return new ConnectionError('ERR_DATA', 'the socket refused the message: see the cause', { cause: thrown })
      }
      // It has closed and we have not heard of it yet; the message waits for the next one.
      if (this.#socket === socket) this.#socket = undefined
      return false
    }
    this.#settleProven()
    const size = quickSize(data)
    this.sent++
    this.sentSize += size
    this.#uncertainMessages++
    this.#uncertainBytes += size
    return true
  }

  /** Receiving costs nothing here: a send notices that frames have come since the one before. */
  #settleProven(): void {
    if (this.#inbound.frames === this.#framesAtSend) return
    this.#framesAtSend = this.#inbound.frames
    this.#uncertainMessages = 0
    this.#uncertainBytes = 0
  }
}
