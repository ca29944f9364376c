import { makeError, type ConnectionError } from '../errors.js'
import type { SendData } from '../transport.js'

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
  readonly data: SendData
  /** What the app gave us, for the day we must give it back. */
  readonly message: Out
  readonly bytes: number
  /** On the connection's clock; `Infinity`: never. */
  readonly expires: number
  readonly key: string | undefined
  /** Set here. */
  isGone?: boolean
}

export interface QueueHost<Out> {
  /** Read only when something may have expired. */
  now(): number
  dropped(message: Out, reason: QueueDrop): void
}

/** Shared by all that are empty; never pushed to. */
const none: never[] = []

/** Messages accepted and not yet handed to a socket: in order, bounded by count and bytes. */
export class SendQueue<Out> {
  readonly #bounds: QueueBounds
  readonly #host: QueueHost<Out>
  /** In order, with those that are gone, until they are half of it. */
  #entries: QueueEntry<Out>[] = none
  /** Before it all are gone. */
  #head = 0
  #size = 0
  #bytes = 0
  /** The one that waits under a key. */
  #byKey: Map<string, QueueEntry<Out>> | undefined
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
    }
    const older = this.#under(entry.key)
    if (older) this.#remove(older)
    while (full()) this.#drop(this.#first()!, 'overflow')
    if (older) this.#host.dropped(older.message, 'replaced')
    this.#insert(entry)
    return 'queued'
  }

  /** The next one to send, without those that expired; it stays until `shift`. */
  peek(): QueueEntry<Out> | undefined {
    for (let entry; (entry = this.#first()); this.#drop(entry, 'expired')) {
      if (entry.expires === Infinity || entry.expires > this.#host.now()) return entry
    }
    return undefined
  }

  /** Takes out what `peek` returned. */
  shift(): void {
    const entry = this.#first()
    if (entry) this.#remove(entry)
  }

  /** Gives back everything but what has expired, oldest first. */
  takeAll(): Out[] {
    const taken: Out[] = []
    for (let entry; (entry = this.peek()); this.#remove(entry)) taken.push(entry.message)
    return taken
  }

  /** Takes out the messages that fit, oldest first. */
  take(which: (message: Out) => boolean): Out[] {
    const taken: Out[] = []
    for (const entry of this.#entries) {
      if (entry.isGone || !which(entry.message)) continue
      taken.push(entry.message)
      this.#remove(entry)
    }
    return taken
  }

  /** Gives up on everything. */
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

  /** A walk over everything, but only when something is due; the walk finds out when the next one is. */
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
    // Into another array, because a walk over this one may be under way. Each message is moved at most once on average.
    if (this.#size * 2 > this.#entries.length) return
    this.#entries = this.#size === 0 ? none : this.#entries.filter(({ isGone }) => !isGone)
    this.#head = 0
  }
}
