import type { Clock } from '../../index.js'

/** One timer for all samples with the same interval. */
class Ticker {
  readonly #callbacks = new Set<() => void>()
  readonly #clock: Clock
  readonly #every: number
  #timer: unknown

  constructor(clock: Clock, every: number) {
    this.#clock = clock
    this.#every = every
  }

  add(callback: () => void): () => void {
    // Wrapped, so that one function added twice is two registrations.
    const entry = (): void => callback()
    this.#callbacks.add(entry)
    if (this.#callbacks.size === 1) this.#arm()
    return () => {
      if (this.#callbacks.delete(entry) && this.#callbacks.size === 0) this.#clock.clearTimeout(this.#timer)
    }
  }

  #arm(): void {
    this.#timer = this.#clock.setTimeout(() => {
      // Rearm first, so that a callback can stop the timer.
      this.#arm()
      for (const callback of [...this.#callbacks]) callback()
    }, this.#every)
    // Observation does not keep the process alive.
    ;(this.#timer as { unref?: () => void } | null)?.unref?.()
  }
}

const tickers = new WeakMap<Clock, Map<number, Ticker>>()

/** Calls `callback` every `every` milliseconds until the returned function is called. */
export function tick(clock: Clock, every: number, callback: () => void): () => void {
  const paces = tickers.get(clock) ?? new Map<number, Ticker>()
  tickers.set(clock, paces)
  const ticker = paces.get(every) ?? new Ticker(clock, every)
  paces.set(every, ticker)
  return ticker.add(callback)
}
