import { throwIfAborted } from '../abort-signals.js'
import { quickSize } from '../bytes.js'
import { signalOf } from '../signal-options.js'
import type { SendData, Socket } from '../transport.js'
import { Waiters } from '../waiters.js'
import type { Connection } from '../connection.types.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, Part, Pressure } from '../feature.js'
import type { Timer } from '../time/timers.js'

/** Documented at `Connection`. */
export type BackpressureMethods = Pick<Connection, 'bufferedAmount' | 'drained'>

interface BackpressureTypes extends FeatureTypes {
  readonly methods: BackpressureMethods
  readonly events: {
    /** The queue is empty, and the socket has room, after a message had to wait. */
    drain: undefined
  }
}
/** The type of `backpressure()`. */
export interface BackpressureFeature extends Feature<'backpressure', BackpressureTypes, never> {}

/**
 * The shortest and longest interval for polling a socket's buffer. There is no event for it, and a fast link empties it within a
 * millisecond or two. Milliseconds.
 */
const soonest = 1
const latest = 20

/** The maximum size of replies to pings while the socket is over its high-water mark; a busy live link needs a few. Bytes. */
const allowance = 65_536

class Backpressure implements Part, Pressure {
  readonly #core: Core
  readonly #mark: number
  #timer: Timer | undefined
  /** Created lazily; few connections need it. */
  #waiters: Waiters<{ drained: void }> | undefined
  /** Bytes of replies since the socket was last below the mark. */
  #answered = 0

  constructor(core: Core, mark: number) {
    this.#core = core
    this.#mark = mark
  }

  get pressure(): this {
    return this
  }

  isOver({ bufferedAmount }: Socket): boolean {
    return bufferedAmount >= this.#mark
  }

  start(): void {
    if (this.#timer === undefined) this.#ask(soonest)
  }

  stop(): void {
    this.#core.timers.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Polls until no message is queued. */
  #ask(wait: number): void {
    this.#timer = this.#core.timers.setTimeout(() => {
      this.#timer = undefined
      const flushed = this.#flush()
      if (flushed === 'done' || this.#timer !== undefined) return
      // A slice is done; the next follows after other tasks.
      this.#ask(flushed === 'more' ? 0 : Math.min(latest, Math.max(soonest, wait * 2)))
    }, wait)
  }

  #flush(): 'done' | 'more' | 'full' {
    const core = this.#core
    if (core.attempt === undefined) return 'done'
    const flushed = core.flush()
    if (flushed !== 'done' || core.status.state !== 'open') return flushed
    if (!this.#hasRoom) return 'full'
    core.enqueue(() => this.#drained())
    return 'done'
  }

  opened(waited: boolean): void {
    if (!this.#hasRoom) this.start()
    else if (waited) this.#drained()
    else this.#waiters?.resolve('drained', undefined)
  }

  #drained(): void {
    this.#waiters?.resolve('drained', undefined)
    this.#core.events.emit('drain', undefined)
  }

  /** Whether a message refused for lack of room could be accepted now. */
  get #hasRoom(): boolean {
    const { queue, outgoing } = this.#core
    if (queue.size > 0 || outgoing.isFull) return false
    return outgoing.link !== undefined || queue.refusedForGood !== true
  }

  get bufferedAmount(): number {
    const { queue, attempt } = this.#core
    return (queue.bytes ?? 0) + (attempt?.socket?.bufferedAmount ?? 0)
  }

  async drained(options?: { signal?: AbortSignal | undefined }): Promise<void> {
    const core = this.#core
    const signal = signalOf('drained', options)
    throwIfAborted(signal)
    const { state } = core.status
    if (state === 'ended') throw core.over('drained()')
    if (this.#hasRoom) return
    if (state === 'open') this.start()
    return (this.#waiters ??= new Waiters()).wait('drained', signal)
  }

  onSettled(): void {
    this.#waiters?.reject('drained', this.#core.over('drained()'))
  }

  /**
   * Replies to the server's pings bypass the queue, so a backlog doesn't make a live link look dead. The allowance limits them for a
   * server that pings but doesn't read.
   */
  answer(data: SendData): void {
    const attempt = this.#core.attempt!
    if (!this.isOver(attempt.socket!)) this.#answered = 0
    else if ((this.#answered += quickSize(data)) > allowance) return
    attempt.sendNow(data)
  }
}

/**
 * Flow control: queues messages while the socket's buffer has `highWaterMark` bytes or more. Adds `drained()`, `bufferedAmount` and `drain`.
 *
 * @param highWaterMark Bytes; 1,048,576 unless set.
 */
export const backpressure = (highWaterMark = 1_048_576): BackpressureFeature => ({
  name: 'backpressure',
  members: ['bufferedAmount', 'drained'],
  events: ['drain'],
  attach: (core) => new Backpressure(core, highWaterMark),
})
