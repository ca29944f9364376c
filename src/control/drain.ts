import type { Timers } from './clock.js'

/** How often we ask a socket whether its buffer has gone down: there is no event for it. Milliseconds. */
const every = 20

/** While something waits behind the high-water mark: asks again and again, until nothing does. */
export class DrainWatch {
  readonly #timers: Timers
  readonly #flush: () => boolean
  #timer: ReturnType<Timers['setTimeout']> | undefined

  /** `flush` sends what it can and says whether nothing is left to wait for. */
  constructor(timers: Timers, flush: () => boolean) {
    this.#timers = timers
    this.#flush = flush
  }

  start(): void {
    this.#timer ??= this.#timers.setTimeout(() => {
      this.#timer = undefined
      if (!this.#flush()) this.start()
    }, every)
  }

  stop(): void {
    this.#timers.clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
