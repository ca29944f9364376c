import { byteLength } from '../bytes.js'
import { duration, wrongOption } from '../checks.js'
import { SendQueue, type QueueBounds } from './send-queue.js'
import type { SendData, MessageData } from '../transport.js'
import type { Connection } from '../connection.types.js'
import type { Core } from '../core.js'
import type { Entry, Feature, FeatureTypes, Part, Queue } from '../feature.js'

export interface QueuedSend {
  /**
   * How long the message may wait for a socket; older than that it is not sent but dropped as `expired`. Milliseconds.
   * Trap: no timer watches it, so you are told when its turn comes, or when its room is needed.
   * @default Infinity
   */
  ttl?: number | undefined
  /** Of the messages that wait under one key only the latest is kept; the others are dropped as `replaced`. */
  key?: string | undefined
}

/** Described in `Connection`. */
export type QueueMethods<Out> = Pick<Connection<MessageData, Out>, 'withdraw'>

interface RichQueueTypes extends FeatureTypes {
  readonly methods: QueueMethods<this['Out']>
  readonly send: QueuedSend
}
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

  // What the entries ask for.

  now(): number {
    return this.#core.timers.now()
  }

  dropped(entry: Entry, reason: string): void {
    this.#core.outgoing.drop(entry, reason)
  }

  // What the core asks for.

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
    this.#core.turn(() => (taken = this.#entries.takeAll()))
    return taken.map(({ message }) => message)
  }

  /** Of a message that fits it is exact. */
  #sizeOf(data: SendData): number {
    return byteLength(data, this.#entries.mostBytes)
  }
}

/** Bounds what waits by messages and bytes, with an overflow policy, `ttl` and `key`. */
export function richQueue(bounds: Partial<QueueBounds> = {}): RichQueueFeature {
  const all = { ...queueDefaults, ...bounds }
  return {
    name: 'richQueue',
    members: ['withdraw'],
    sendOptions: ['ttl', 'key'],
    attach: (core) => new RichQueue(core, all),
  }
}
