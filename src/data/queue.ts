import { ConnectionError } from '../errors.js'
import type { Data } from '../transports/transport.js'

/** What happens to a message that finds the queue full: it is refused, or the oldest makes room, or it is dropped. */
export type QueueOverflow = 'reject' | 'drop-oldest' | 'drop-newest'

export interface QueueBounds {
  readonly messages: number
  readonly bytes: number
  readonly overflow: QueueOverflow
}

/** Why a message that was accepted will not be sent; `refused`: the socket would not take it, though it was open. */
export type QueueDrop = 'overflow' | 'expired' | 'replaced' | 'ended' | 'refused'

export interface QueueEntry<Out> {
  /** What goes on the wire. */
  readonly data: Data
  /** What the app gave us, for the day we must give it back. */
  readonly message: Out
  readonly bytes: number
  /** On the connection's clock; `Infinity`: never. */
  readonly expires: number
  readonly key: string | undefined
}

/** Messages accepted and not yet handed to a socket: in order, bounded by count and bytes. */
export class SendQueue<Out> {
  readonly #bounds: QueueBounds
  readonly #now: () => number
  readonly #dropped: (entry: QueueEntry<Out>, reason: QueueDrop) => void
  /** In order; a hole is an entry that was taken out of the middle. Sent ones lie before `#head` until they are cut off. */
  #slots: (QueueEntry<Out> | undefined)[] = []
  #head = 0
  #size = 0
  /** Nothing is under `undefined`; under a key there is one at most. */
  readonly #byKey = new Map<string | undefined, QueueEntry<Out>>()
  #bytes = 0
  #mayExpire = 0

  constructor(bounds: QueueBounds, now: () => number, dropped: (entry: QueueEntry<Out>, reason: QueueDrop) => void) {
    this.#bounds = bounds
    this.#now = now
    this.#dropped = dropped
  }

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Accepts, drops by policy, or throws `ERR_QUEUE_FULL`; a throw leaves the queue as it was, but for what had expired. */
  push(entry: QueueEntry<Out>): 'queued' | 'dropped' {
    const { messages, bytes, overflow } = this.#bounds
    const replaced = (): QueueEntry<Out> | undefined => this.#byKey.get(entry.key)
    const full = (): boolean => {
      const freed = replaced()
      return this.#size - (freed ? 1 : 0) + 1 > messages || this.#bytes - (freed?.bytes ?? 0) + entry.bytes > bytes
    }

    if (full()) this.#dropExpired()
    if (full()) {
      // One that is larger than the whole queue finds no room however many others make way.
      if (overflow === 'reject' || entry.bytes > bytes || messages === 0) {
        if (overflow !== 'reject') return this.#refuse(entry)
        throw new ConnectionError(
          'ERR_QUEUE_FULL',
          `the send queue (${this.size} messages, ${this.#bytes} bytes) has no room for ${entry.bytes} bytes more: ` +
            `await drained(), raise queue.messages (${messages}) or queue.bytes (${bytes}), or choose another queue.overflow`,
        )
      }
      if (overflow === 'drop-newest') return this.#refuse(entry)
      for (let index = this.#head; index < this.#slots.length && full(); index++) {
        if (this.#slots[index] !== replaced()) this.#drop(index, 'overflow')
      }
    }
    const older = replaced()
    if (older) this.#drop(this.#slots.indexOf(older, this.#head), 'replaced')
    this.#insert(entry)
    this.#trim()
    return 'queued'
  }

  /** The next one to send, without those that expired; it stays until `shift`. */
  peek(): QueueEntry<Out> | undefined {
    for (; this.#head < this.#slots.length; this.#head++) {
      const entry = this.#slots[this.#head]
      if (!entry) continue
      if (entry.expires === Infinity || entry.expires > this.#now()) return entry
      this.#drop(this.#head, 'expired')
    }
    this.#trim()
    return undefined
  }

  /** Takes out what `peek` returned. */
  shift(): void {
    this.#remove(this.#head)
    this.#trim()
  }

  /** Gives up on what `peek` returned. */
  refuse(): void {
    this.#drop(this.#head, 'refused')
    this.#trim()
  }

  /** Gives back everything but what has expired, oldest first. */
  takeAll(): Out[] {
    const taken: Out[] = []
    for (let entry = this.peek(); entry; entry = this.peek()) {
      taken.push(entry.message)
      this.shift()
    }
    return taken
  }

  /** Gives up on everything. */
  clear(reason: QueueDrop): void {
    for (let index = this.#head; index < this.#slots.length; index++) this.#drop(index, reason)
    this.#head = this.#slots.length
    this.#trim()
  }

  #refuse(entry: QueueEntry<Out>): 'dropped' {
    this.#dropped(entry, 'overflow')
    return 'dropped'
  }

  #dropExpired(): void {
    if (this.#mayExpire === 0) return
    const now = this.#now()
    for (let index = this.#head; index < this.#slots.length; index++) {
      if ((this.#slots[index]?.expires ?? Infinity) <= now) this.#drop(index, 'expired')
    }
  }

  #insert(entry: QueueEntry<Out>): void {
    this.#slots.push(entry)
    this.#size++
    this.#bytes += entry.bytes
    if (entry.key !== undefined) this.#byKey.set(entry.key, entry)
    if (entry.expires !== Infinity) this.#mayExpire++
  }

  #drop(index: number, reason: QueueDrop): void {
    const entry = this.#remove(index)
    if (entry) this.#dropped(entry, reason)
  }

  #remove(index: number): QueueEntry<Out> | undefined {
    const entry = this.#slots[index]
    if (!entry) return undefined
    this.#slots[index] = undefined
    this.#size--
    this.#bytes -= entry.bytes
    this.#byKey.delete(entry.key)
    if (entry.expires !== Infinity) this.#mayExpire--
    return entry
  }

  /** Closes up the holes once they are the larger half, so that each message is moved at most once on average. */
  #trim(): void {
    while (this.#head < this.#slots.length && this.#slots[this.#head] === undefined) this.#head++
    if (this.#head === this.#slots.length) this.#slots = []
    else if (this.#slots.length > 1_024 + 2 * this.#size) this.#slots = this.#slots.filter((each) => each !== undefined)
    else return
    this.#head = 0
  }
}
