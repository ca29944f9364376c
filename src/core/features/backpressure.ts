import { throwIfAborted } from '../abort-signals.js'
import { quickSize } from '../bytes.js'
import { signalOf } from '../signal-options.js'
import type { SendData, Socket } from '../transport.js'
import { Waiters } from '../waiters.js'
import type { Connection } from '../connection.types.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, Part, Pressure } from '../feature.js'
import type { Timer } from '../time/timers.js'

/** Described in `Connection`. */
export type BackpressureMethods = Pick<Connection, 'bufferedAmount' | 'drained'>

interface BackpressureTypes extends FeatureTypes {
  readonly methods: BackpressureMethods
  readonly events: {
    /** After something had to wait: nothing waits any more. */
    drain: undefined
  }
}
export interface BackpressureFeature extends Feature<'backpressure', BackpressureTypes, never> {}

/**
 * How soon, and how often at the least, we ask a socket whether its buffer has gone down: there is no event for it, and a
 * fast link empties a mark's worth in a millisecond or two. Milliseconds.
 */
const soonest = 1
const latest = 20

/** How much may be answered while the socket is over its high-water mark. A healthy link that is busy needs a few answers. Bytes. */
const allowance = 65_536

class Backpressure implements Part, Pressure {
  readonly #core: Core
  readonly #mark: number
  #timer: Timer | undefined
  /** Few wait. */
  #waiters: Waiters<{ drained: void }> | undefined
  /** What was answered since the socket was last below its mark. */
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

  /** While something waits for a socket, asks again and again, until nothing does. */
  #ask(wait: number): void {
    this.#timer = this.#core.timers.setTimeout(() => {
      this.#timer = undefined
      const flushed = this.#flush()
      if (flushed === 'done' || this.#timer !== undefined) return
      // What was cut off to let others have their turn goes on with the next.
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

  /** What was refused for lack of room could be accepted now: nothing waits, and the socket, if one is needed, has room. */
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
   * Answers to the pings of a server go past the queue, so that a backlog doesn't make a healthy link look dead. A server that
   * pings and reads nothing gets no more of them than the allowance: it would not read them either.
   */
  answer(data: SendData): void {
    const attempt = this.#core.attempt!
    if (!this.isOver(attempt.socket!)) this.#answered = 0
    else if ((this.#answered += quickSize(data)) > allowance) return
    attempt.sendNow(data)
  }
}

/** Messages wait in the queue while the socket's own buffer holds `highWaterMark` bytes or more: 1,048,576 if left out. */
export const backpressure = (highWaterMark = 1_048_576): BackpressureFeature => ({
  name: 'backpressure',
  members: ['bufferedAmount', 'drained'],
  events: ['drain'],
  attach: (core) => new Backpressure(core, highWaterMark),
})
