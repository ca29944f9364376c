import type { Clock } from '../../index.js'

/** One timer for all that are sampled at one pace: a thousand connections are looked at in one go. */
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
      // First, so that one that goes on the way can stop it.
      this.#arm()
      for (const callback of [...this.#callbacks]) callback()
    }, this.#every)
    // Looking keeps no process alive.
    ;(this.#timer as { unref?: () => void } | null)?.unref?.()
  }
}

const tickers = new WeakMap<Clock, Map<number, Ticker>>()

/** Calls back every so many milliseconds, until the returned function is called. */
export function tick(clock: Clock, every: number, callback: () => void): () => void {
  const paces = tickers.get(clock) ?? new Map<number, Ticker>()
  tickers.set(clock, paces)
  const ticker = paces.get(every) ?? new Ticker(clock, every)
  paces.set(every, ticker)
  return ticker.add(callback)
}
