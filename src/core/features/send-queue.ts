import { makeError, type ConnectionError } from '../../errors.js'
import type { Data } from '../../transports/transport.js'

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

export interface QueueHost<Out> {
  /** Read only when something may have expired. */
  now(): number
  dropped(message: Out, reason: QueueDrop): void
}

/** The smallest ring, and the one that an emptied queue goes back to. */
const leastRoom = 16

/**
 * Messages accepted and not yet handed to a socket: in order, bounded by count and bytes. A ring: each message has a number
 * for life, and its slot is that number's low bits, so whatever is known by number is found at once.
 */
export class SendQueue<Out> {
  readonly #bounds: QueueBounds
  readonly #host: QueueHost<Out>
  /** As long as a power of two. A hole is an entry that was taken out of the middle. */
  #ring: (QueueEntry<Out> | undefined)[] = []
  /** The number of the oldest, and of the one to come. */
  #head = 0
  #tail = 0
  #size = 0
  #bytes = 0
  /** The number of the one that waits under a key. */
  #byKey: Map<string, number> | undefined
  #mayExpire = 0
  /** Nothing here expires sooner. */
  #soonest = Infinity
  /** Something was refused that does not fit even into an empty queue. Only an open socket with room can take it. */
  refusedForGood = false

  constructor(bounds: QueueBounds, host: QueueHost<Out>) {
    this.#bounds = bounds
    this.#host = host
  }

  get size(): number {
    return this.#size
  }

  /** From this many bytes on it does not matter how many more they are. */
  get mostBytes(): number {
    return this.#bounds.bytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Throws `ERR_QUEUE_FULL` if so many could not all be pushed, because there is no room and nothing would make room. */
  admit(messages: number, bytes: number): void {
    if (this.#bounds.overflow !== 'reject' || this.#fits(messages, bytes)) return
    this.#dropExpired()
    if (!this.#fits(messages, bytes)) throw this.#full(messages, bytes)
  }

  /** Accepts, drops by policy, or throws `ERR_QUEUE_FULL`; a throw leaves the queue as it was, but for what had expired. */
  push(entry: QueueEntry<Out>): 'queued' | 'dropped' {
    const { messages, bytes, overflow } = this.#bounds
    const full = (): boolean => {
      const freed = this.#under(entry.key)
      return !this.#fits(freed ? 0 : 1, entry.bytes - (freed?.bytes ?? 0))
    }
    if (full()) this.#dropExpired()
    if (full()) {
      if (overflow === 'reject') throw this.#full(1, entry.bytes)
      // One that is larger than the whole queue finds no room however many others make way.
      if (overflow === 'drop-newest' || entry.bytes > bytes || messages === 0) {
        this.#host.dropped(entry.message, 'overflow')
        return 'dropped'
      }
      const kept = this.#under(entry.key)
      for (let at = this.#head; at < this.#tail && full(); at++) {
        if (kept === undefined || this.#at(at) !== kept) this.#drop(at, 'overflow')
      }
    }
    const older = entry.key === undefined ? undefined : this.#byKey?.get(entry.key)
    if (older !== undefined) this.#drop(older, 'replaced')
    this.#trim()
    this.#insert(entry)
    return 'queued'
  }

  /** The next one to send, without those that expired; it stays until `shift`. */
  peek(): QueueEntry<Out> | undefined {
    for (; this.#head < this.#tail; this.#head++) {
      const entry = this.#at(this.#head)
      if (!entry) continue
      if (entry.expires === Infinity || entry.expires > this.#host.now()) return entry
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

  /** Takes out the messages that fit, oldest first. */
  take(which: (message: Out) => boolean): Out[] {
    const taken: Out[] = []
    for (let at = this.#head; at < this.#tail; at++) {
      const entry = this.#at(at)
      if (entry === undefined || !which(entry.message)) continue
      taken.push(entry.message)
      this.#remove(at)
    }
    this.#trim()
    return taken
  }

  /** Gives up on everything. */
  clear(reason: QueueDrop): void {
    for (let at = this.#head; at < this.#tail; at++) this.#drop(at, reason)
    this.#trim()
  }

  #fits(messages: number, bytes: number): boolean {
    return this.#size + messages <= this.#bounds.messages && this.#bytes + bytes <= this.#bounds.bytes
  }

  #full(messages: number, bytes: number): ConnectionError {
    const { messages: mostMessages, bytes: mostBytes } = this.#bounds
    if (messages > mostMessages || bytes > mostBytes) {
      this.refusedForGood = true
      return makeError('ERR_QUEUE_FULL', 'never-fits', [messages, bytes, mostMessages, mostBytes])
    }
    return makeError('ERR_QUEUE_FULL', 'queue-full', [
      this.#size,
      this.#bytes,
      messages,
      bytes,
      mostMessages,
      mostBytes,
    ])
  }

  #at(number: number): QueueEntry<Out> | undefined {
    // Not `&`, which would wrap after 2³¹ messages; a power of two all the same, so that slots stay where they are.
    return this.#ring[number % this.#ring.length]
  }

  #under(key: string | undefined): QueueEntry<Out> | undefined {
    const number = key === undefined ? undefined : this.#byKey?.get(key)
    return number === undefined ? undefined : this.#at(number)
  }

  /** A walk over everything, but only when something is due; the walk finds out when the next one is. */
  #dropExpired(): void {
    if (this.#mayExpire === 0) return
    const now = this.#host.now()
    if (this.#soonest > now) return
    this.#soonest = Infinity
    for (let at = this.#head; at < this.#tail; at++) {
      const expires = this.#at(at)?.expires ?? Infinity
      if (expires <= now) this.#drop(at, 'expired')
      else this.#soonest = Math.min(this.#soonest, expires)
    }
  }

  #insert(entry: QueueEntry<Out>): void {
    const room = this.#ring.length
    // Where holes take up half of it, closing them is room enough.
    if (this.#tail - this.#head === room) this.#move(this.#size * 2 < room ? room : room * 2)
    if (entry.key !== undefined) (this.#byKey ??= new Map<string, number>()).set(entry.key, this.#tail)
    this.#ring[this.#tail++ % this.#ring.length] = entry
    this.#size++
    this.#bytes += entry.bytes
    if (entry.expires === Infinity) return
    this.#mayExpire++
    this.#soonest = Math.min(this.#soonest, entry.expires)
  }

  #drop(number: number, reason: QueueDrop): void {
    const entry = this.#remove(number)
    if (entry) this.#host.dropped(entry.message, reason)
  }

  #remove(number: number): QueueEntry<Out> | undefined {
    const entry = this.#at(number)
    if (!entry) return undefined
    this.#ring[number % this.#ring.length] = undefined
    this.#size--
    this.#bytes -= entry.bytes
    if (entry.key !== undefined) this.#byKey?.delete(entry.key)
    if (entry.expires !== Infinity) this.#mayExpire--
    return entry
  }

  /** Leaves no hole at the front, and no more of them behind it than each message can pay for by being moved seldom. */
  #trim(): void {
    while (this.#head < this.#tail && this.#at(this.#head) === undefined) this.#head++
    if (this.#size === 0) {
      this.#head = this.#tail = 0
      if (this.#ring.length > leastRoom) this.#ring = []
    } else if (this.#ring.length > leastRoom && this.#size * 4 < this.#tail - this.#head) {
      this.#move(this.#ring.length / 2)
    }
  }

  /** Everything into another ring, without the holes, and numbered anew. */
  #move(room: number): void {
    const ring: (QueueEntry<Out> | undefined)[] = []
    for (let at = this.#head; at < this.#tail; at++) {
      const entry = this.#at(at)
      if (!entry) continue
      if (entry.key !== undefined) this.#byKey?.set(entry.key, ring.length)
      ring.push(entry)
    }
    this.#head = 0
    this.#tail = ring.length
    ring.length = Math.max(room, leastRoom)
    this.#ring = ring
  }
}
