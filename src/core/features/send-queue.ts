import { makeError, type ConnectionError } from '../errors.js'
import type { SendData } from '../transport.js'

/**
 * What `send` does if the queue is full: `reject` throws `ERR_QUEUE_FULL`; the others drop the oldest messages or the new one.
 */
export type QueueOverflow = 'reject' | 'drop-oldest' | 'drop-newest'

/** The limits of the send queue. */
export interface QueueBounds {
  readonly messages: number
  readonly bytes: number
  readonly overflow: QueueOverflow
}

/**
 * Why an accepted message will not be sent.
 *
 * `overflow`: the queue was full. `expired`: its `ttl` passed. `replaced`: a newer message has its `key`. `ended`: the connection ended.
 * `refused`: the open socket rejected it.
 */
export type QueueDrop = 'overflow' | 'expired' | 'replaced' | 'ended' | 'refused'

export interface QueueEntry<Out> {
  /** The encoded message. */
  readonly data: SendData
  /** The message as passed to `send`, to return it when withdrawn or dropped. */
  readonly message: Out
  readonly bytes: number
  /** On the connection's clock; `Infinity`: never. */
  readonly expires: number
  readonly key: string | undefined
  /** Set by the queue. */
  isGone?: boolean
}

export interface QueueHost<Out> {
  /** Read only when something may have expired. */
  now(): number
  dropped(message: Out, reason: QueueDrop): void
}

/** Shared by empty queues; never pushed to. */
const none: never[] = []

/** Accepted messages not yet handed to a socket, in order, limited by count and bytes. */
export class SendQueue<Out> {
  readonly #bounds: QueueBounds
  readonly #host: QueueHost<Out>
  /** In order. Removed entries stay until they are half of the array. */
  #entries: QueueEntry<Out>[] = none
  /** All entries before it are removed. */
  #head = 0
  #size = 0
  #bytes = 0
  /** The queued entry of each key. */
  #byKey: Map<string, QueueEntry<Out>> | undefined
  #mayExpire = 0
  /** No entry expires earlier. */
  #soonest = Infinity
  /** A message was refused that exceeds the whole queue, so only an open socket with room can take it. */
  refusedForGood = false

  constructor(bounds: QueueBounds, host: QueueHost<Out>) {
    this.#bounds = bounds
    this.#host = host
  }

  get size(): number {
    return this.#size
  }

  /** Sizes need not be exact above this. */
  get mostBytes(): number {
    return this.#bounds.bytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Throws `ERR_QUEUE_FULL` unless all of these fit, or the policy makes room. */
  admit(messages: number, bytes: number): void {
    if (this.#bounds.overflow !== 'reject' || this.#fits(messages, bytes)) return
    this.#dropExpired()
    if (!this.#fits(messages, bytes)) throw this.#full(messages, bytes)
  }

  /** Accepts, drops by policy, or throws `ERR_QUEUE_FULL`. Throwing removes only expired messages. */
  push(entry: QueueEntry<Out>): 'queued' | 'dropped' {
    const { messages, bytes, overflow } = this.#bounds
    const full = (): boolean => {
      const freed = this.#under(entry.key)
      return !this.#fits(freed ? 0 : 1, entry.bytes - (freed?.bytes ?? 0))
    }
    if (full()) this.#dropExpired()
    if (full()) {
      if (overflow === 'reject') throw this.#full(1, entry.bytes)
      // Dropping others doesn't help if the message exceeds the whole queue.
      if (overflow === 'drop-newest' || entry.bytes > bytes || messages === 0) {
        this.#host.dropped(entry.message, 'overflow')
        return 'dropped'
      }
    }
    const older = this.#under(entry.key)
    if (older) this.#remove(older)
    while (full()) this.#drop(this.#first()!, 'overflow')
    if (older) this.#host.dropped(older.message, 'replaced')
    this.#insert(entry)
    return 'queued'
  }

  /** Returns the next message, after dropping expired ones. It stays until `shift`. */
  peek(): QueueEntry<Out> | undefined {
    for (let entry; (entry = this.#first()); this.#drop(entry, 'expired')) {
      if (entry.expires === Infinity || entry.expires > this.#host.now()) return entry
    }
    return undefined
  }

  /** Removes the message that `peek` returned. */
  shift(): void {
    const entry = this.#first()
    if (entry) this.#remove(entry)
  }

  /** Removes and returns all messages, oldest first, after dropping expired ones. */
  takeAll(): Out[] {
    const taken: Out[] = []
    for (let entry; (entry = this.peek()); this.#remove(entry)) taken.push(entry.message)
    return taken
  }

  /** Removes and returns the matching messages, oldest first. */
  take(which: (message: Out) => boolean): Out[] {
    const taken: Out[] = []
    for (const entry of this.#entries) {
      if (entry.isGone || !which(entry.message)) continue
      taken.push(entry.message)
      this.#remove(entry)
    }
    return taken
  }

  /** Drops all messages. */
  clear(reason: QueueDrop): void {
    for (const entry of this.#entries) if (!entry.isGone) this.#drop(entry, reason)
  }

  #fits(messages: number, bytes: number): boolean {
    return this.size + messages <= this.#bounds.messages && this.#bytes + bytes <= this.#bounds.bytes
  }

  #full(messages: number, bytes: number): ConnectionError {
    const most = [this.#bounds.messages, this.#bounds.bytes] as const
    if (messages > most[0] || bytes > most[1]) {
      this.refusedForGood = true
      return makeError('ERR_QUEUE_FULL', 'never-fits', [messages, bytes, ...most])
    }
    return makeError('ERR_QUEUE_FULL', 'queue-full', [this.size, this.#bytes, messages, bytes, ...most])
  }

  #under(key: string | undefined): QueueEntry<Out> | undefined {
    return key === undefined ? undefined : this.#byKey?.get(key)
  }

  #first(): QueueEntry<Out> | undefined {
    while (this.#entries[this.#head]?.isGone) this.#head++
    return this.#entries[this.#head]
  }

  /** Visits all entries, but only if one has expired, and finds the next expiry. */
  #dropExpired(): void {
    if (this.#mayExpire === 0) return
    const now = this.#host.now()
    if (this.#soonest > now) return
    this.#soonest = Infinity
    for (const entry of this.#entries) {
      if (entry.isGone) continue
      if (entry.expires <= now) this.#drop(entry, 'expired')
      else this.#soonest = Math.min(this.#soonest, entry.expires)
    }
  }

  #insert(entry: QueueEntry<Out>): void {
    if (this.#entries === none) this.#entries = [entry]
    else this.#entries.push(entry)
    this.#size++
    if (entry.key !== undefined) (this.#byKey ??= new Map<string, QueueEntry<Out>>()).set(entry.key, entry)
    this.#bytes += entry.bytes
    if (entry.expires === Infinity) return
    this.#mayExpire++
    this.#soonest = Math.min(this.#soonest, entry.expires)
  }

  #drop(entry: QueueEntry<Out>, reason: QueueDrop): void {
    this.#remove(entry)
    this.#host.dropped(entry.message, reason)
  }

  #remove(entry: QueueEntry<Out>): void {
    entry.isGone = true
    this.#size--
    this.#bytes -= entry.bytes
    if (entry.key !== undefined) this.#byKey?.delete(entry.key)
    if (entry.expires !== Infinity) this.#mayExpire--
    // Into a new array: this one may be being iterated. Each message is moved at most once on average.
    if (this.#size * 2 > this.#entries.length) return
    this.#entries = this.#size === 0 ? none : this.#entries.filter(({ isGone }) => !isGone)
    this.#head = 0
  }
}
