import { byteLength } from '../bytes.js'
import { duration, wrongOption } from '../checks.js'
import { SendQueue, type QueueBounds } from './send-queue.js'
import type { SendData, MessageData } from '../transport.js'
import type { Connection } from '../connection.types.js'
import type { Core } from '../core.js'
import type { Entry, Feature, FeatureTypes, Part, Queue } from '../feature.js'

/** Options of `send` that `richQueue()` reads. */
export interface QueuedSend {
  /**
   * How long the message may wait for a socket. After that it is dropped as `expired` instead of sent. Milliseconds.
   *
   * There is no timer: expiry is reported when the message would be sent, or when its room is needed.
   * @default Infinity
   */
  ttl?: number | undefined
  /** Replaces a queued message with the same key, which is dropped as `replaced`. */
  key?: string | undefined
}

/** Documented at `Connection`. */
export type QueueMethods<Out> = Pick<Connection<MessageData, Out>, 'withdraw'>

interface RichQueueTypes extends FeatureTypes {
  readonly methods: QueueMethods<this['Out']>
  readonly send: QueuedSend
}
/** The type of `richQueue()`. */
export interface RichQueueFeature extends Feature<'richQueue', RichQueueTypes, never> {}

const queueDefaults: QueueBounds = { messages: 1_000, bytes: 1_048_576, overflow: 'reject' }

class RichQueue implements Queue, Part {
  readonly #entries: SendQueue<Entry>
  readonly #core: Core

  constructor(core: Core, bounds: QueueBounds) {
    this.#core = core
    this.#entries = new SendQueue<Entry>(bounds, this)
  }

  get queue(): this {
    return this
  }

  // Called by the entries.

  now(): number {
    return this.#core.timers.now()
  }

  dropped(entry: Entry, reason: string): void {
    this.#core.outgoing.drop(entry, reason)
  }

  // Called by the core.

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#entries.bytes
  }

  get refusedForGood(): boolean {
    return this.#entries.refusedForGood
  }

  onLinked(): void {
    this.#entries.refusedForGood = false
  }

  onSend({ ttl, key }: QueuedSend): void {
    if (ttl !== undefined) duration('send.ttl', ttl, { max: Infinity })
    if (key !== undefined && typeof key !== 'string') wrongOption('send.key', key, 'not-a-string')
  }

  admit(batch: readonly SendData[]): void {
    this.#entries.admit(
      batch.length,
      batch.reduce((sum, data) => sum + this.#sizeOf(data), 0),
    )
  }

  push(entry: Entry): 'queued' | 'dropped' {
    const { ttl = Infinity, key }: QueuedSend = entry.options ?? {}
    const expires = ttl === Infinity ? Infinity : this.now() + ttl
    const { data } = entry
    return this.#entries.push({ data, message: entry, bytes: this.#sizeOf(data), key, expires, isGone: false })
  }

  peek(): Entry | undefined {
    return this.#entries.peek()?.message
  }

  shift(): void {
    this.#entries.shift()
  }

  take(which: (entry: Entry) => boolean): Entry[] {
    return this.#entries.take(which)
  }

  clear(reason: 'ended'): void {
    this.#entries.clear(reason)
  }

  withdraw(): unknown[] {
    let taken: Entry[] = []
    this.#core.run(() => (taken = this.#entries.takeAll()))
    return taken.map(({ message }) => message)
  }

  /** Exact for messages that fit. */
  #sizeOf(data: SendData): number {
    return byteLength(data, this.#entries.mostBytes)
  }
}

/** A send queue limited by messages and bytes, with an overflow policy, `ttl`, `key` and `withdraw()`. */
export function richQueue(bounds: Partial<QueueBounds> = {}): RichQueueFeature {
  const all = { ...queueDefaults, ...bounds }
  return {
    name: 'richQueue',
    members: ['withdraw'],
    sendOptions: ['ttl', 'key'],
    attach: (core) => new RichQueue(core, all),
  }
}
