import { byteLength } from '../core/bytes.js'
import type { Core } from '../core/core.js'
import type { Entry, Feature, FeatureTypes, Part } from '../core/feature.js'
import { CountedQueue } from '../core/queue.js'
import type { Connection, SendData } from '../index.js'

interface QueueTypes extends FeatureTypes {
  readonly methods: Pick<Connection, 'bufferedAmount' | 'withdraw'>
}

export interface SocketQueueFeature extends Feature<'socketQueue', QueueTypes, never> {}

interface Sized extends Entry {
  readonly size: number
}

/**
 * The messages waiting for a socket. Messages beyond the limit are dropped instead of rejected, because a throw costs
 * many times what accepting a message costs.
 */
class SocketQueue extends CountedQueue implements Part {
  bytes = 0
  readonly #core: Core
  readonly #limit: number

  constructor(core: Core, limit: number) {
    super(core, Infinity)
    this.#core = core
    this.#limit = limit
  }

  get queue(): this {
    return this
  }

  /** The standard has no flow control: an open socket takes every message at once. */
  get bufferedAmount(): number {
    return this.bytes + (this.#core.attempt?.socket?.bufferedAmount ?? 0)
  }

  override push(entry: Entry): 'queued' | 'dropped' {
    if (this.size >= this.#limit) {
      this.#core.outgoing.drop(entry, 'overflow')
      return 'dropped'
    }
    const sized: Sized = { ...entry, size: byteLength(entry.data) }
    this.bytes += sized.size
    return super.push(sized)
  }

  override shift(): void {
    this.bytes -= (this.peek() as Sized).size
    super.shift()
  }

  withdraw(): SendData[] {
    const taken: SendData[] = []
    for (let entry; (entry = this.peek()); this.shift()) taken.push(entry.data)
    return taken
  }
}

export const socketQueue = (limit: number): SocketQueueFeature => ({
  name: 'socketQueue',
  members: ['bufferedAmount', 'withdraw'],
  attach: (core) => new SocketQueue(core, limit),
})

/** Messages that were accepted but not sent. The standard keeps counting their bytes. */
export class Unsent {
  /** Messages that were queued at the end. `reconnect` sends them; `drainQueuedMessages` returns them. */
  #kept: SendData[] = []
  #keptBytes = 0
  #discardedBytes = 0

  get bytes(): number {
    return this.#keptBytes + this.#discardedBytes
  }

  keep(data: SendData): void {
    this.#kept.push(data)
    this.#keptBytes += byteLength(data)
  }

  /** Counts a message sent after the end. The standard counts it forever; here, until `reconnect`. */
  discard(data: SendData): void {
    this.#discardedBytes += byteLength(data)
  }

  forgetDiscarded(): void {
    this.#discardedBytes = 0
  }

  take(): SendData[] {
    this.#keptBytes = 0
    return this.#kept.splice(0)
  }
}
