import { isThenable, onRejection } from '../guards.js'
import { readClock, setTimer, systemClock } from './clock.js'
import type { Core } from '../core.js'
import type { Clock } from './timers.js'

/** A timer of the system clock that replaces a failed one. */
class Replacement {
  readonly handle: unknown

  constructor(handle: unknown) {
    this.handle = handle
  }

  unref(): void {
    ;(this.handle as { unref?: () => void } | undefined)?.unref?.()
  }
}

/**
 * Wraps the app's clock. If it throws or returns an invalid value, that is reported, and the system clock is used for this call.
 */
export class GuardedClock implements Clock {
  core: Core | undefined
  readonly #clock: Clock
  /** The offset of each clock from the system's, so time continues when a clock fails. */
  readonly #ahead = { now: 0, wall: 0 }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    return this.#read('now')
  }

  wall(): number {
    return this.#read('wall')
  }

  setTimeout(callback: () => void, delay: number): unknown {
    try {
      return setTimer(this.#clock, callback, delay)
    } catch (thrown) {
      this.#report(thrown)
      return new Replacement(systemClock.setTimeout(callback, delay))
    }
  }

  clearTimeout(handle: unknown): void {
    if (handle instanceof Replacement) return systemClock.clearTimeout(handle.handle)
    try {
      const returned: unknown = this.#clock.clearTimeout(handle)
      if (isThenable(returned)) onRejection(returned, (thrown) => this.#report(thrown))
    } catch (thrown) {
      this.#report(thrown)
    }
  }

  #read(which: 'now' | 'wall'): number {
    let time: number
    try {
      time = readClock(this.#clock, which)
    } catch (thrown) {
      this.#report(thrown)
      time = systemClock[which]() + this.#ahead[which]
    }
    this.#ahead[which] = time - systemClock[which]()
    return time
  }

  #report(thrown: unknown): void {
    this.core?.fail('ERR_ENVIRONMENT', 'the clock', thrown)
  }
}
