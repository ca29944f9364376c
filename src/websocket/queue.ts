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

/** What waits for a socket. What is beyond its bound is dropped, and not refused by a throw, which would cost many times what accepting costs. */
class SocketQueue extends CountedQueue implements Part {
  bytes = 0
  readonly #core: Core
  readonly #most: number

  constructor(core: Core, most: number) {
    super(core, Infinity)
    this.#core = core
    this.#most = most
  }

  get queue(): this {
    return this
  }

  /** In the standard nothing that an open socket is given waits anywhere but in the socket, so no flow control is needed. */
  get bufferedAmount(): number {
    return this.bytes + (this.#core.attempt?.socket?.bufferedAmount ?? 0)
  }

  override push(entry: Entry): 'queued' | 'dropped' {
    if (this.size >= this.#most) {
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

export const socketQueue = (most: number): SocketQueueFeature => ({
  name: 'socketQueue',
  members: ['bufferedAmount', 'withdraw'],
  attach: (core) => new SocketQueue(core, most),
})
