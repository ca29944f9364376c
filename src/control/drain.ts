import type { Flushed } from '../data/outbound.js'
import type { Timers } from './timers.js'

/**
 * How soon, and how often at the least, we ask a socket whether its buffer has gone down: there is no event for it, and a
 * fast link empties a mark's worth in a millisecond or two. Milliseconds.
 */
const soonest = 1
const latest = 20

/** While something waits for a socket: asks again and again, until nothing does. */
export class DrainWatch {
  readonly #timers: Timers
  readonly #flush: () => Flushed
  #timer: ReturnType<Timers['setTimeout']> | undefined

  /** `flush` sends what it can and says what is left. */
  constructor(timers: Timers, flush: () => Flushed) {
    this.#timers = timers
    this.#flush = flush
  }

  start(): void {
    if (this.#timer === undefined) this.#ask(soonest)
  }

  stop(): void {
    this.#timers.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #ask(wait: number): void {
    this.#timer = this.#timers.setTimeout(() => {
      this.#timer = undefined
      const flushed = this.#flush()
      if (flushed === 'done' || this.#timer !== undefined) return
      // What was cut off to let others have their turn goes on with the next.
      this.#ask(flushed === 'more' ? 0 : Math.min(latest, Math.max(soonest, wait * 2)))
    }, wait)
  }
}
