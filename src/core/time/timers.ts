import { append } from '../lists.js'
import type { Core } from '../core.js'

/** A clock and timers, for tests that control time; `statewire/testing` has one. */
export interface Clock {
  /** The monotonic time in milliseconds, like `performance.now()`. */
  now(): number
  /** Milliseconds since 1970, like `Date.now()`, for displayed times and to detect sleep. */
  wall(): number
  setTimeout(callback: () => void, delay: number): unknown
  clearTimeout(handle: unknown): void
}

/** The runtime's timers. The globals are looked up at each call, so test runners can replace them. */
export const plainClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/** The longest delay of a runtime's `setTimeout`; longer ones fire immediately. */
const longest = 2 ** 31 - 1

export interface Timer {
  readonly callback: () => void
  readonly due: number
  handle: unknown
  waits: boolean
}

const none: readonly never[] = []

/**
 * The timers of one connection, with delays from 0 to `Infinity`, which also measure how late a callback is. Each callback is a
 * turn.
 */
export class Timers {
  readonly #clock: Clock
  readonly #unref: boolean
  readonly #core: Core
  /** Few, so a list is faster and smaller than a set. */
  #waiting: readonly Timer[] = none
  #late = 0

  /** `unref`: whether a waiting timer lets a Node process exit. */
  constructor(clock: Clock | undefined, unref: boolean, core: Core) {
    this.#clock = clock ?? plainClock
    this.#unref = unref
    this.#core = core
  }

  /** How late the current callback is, because a blocked event loop is not a dead link. Milliseconds. */
  get late(): number {
    return this.#late
  }

  now(): number {
    return this.#clock.now()
  }

  wall(): number {
    return this.#clock.wall()
  }

  setTimeout(callback: () => void, delay: number): Timer {
    const timer: Timer = { callback, due: this.now() + Math.max(0, delay), handle: undefined, waits: true }
    this.#waiting = append(this.#waiting, timer)
    this.#arm(timer, delay)
    return timer
  }

  clearTimeout(timer: Timer | undefined): void {
    if (timer?.waits !== true) return
    this.#forget(timer)
    if (timer.handle !== undefined) this.#clock.clearTimeout(timer.handle)
  }

  clear(): void {
    for (const timer of this.#waiting) this.clearTimeout(timer)
  }

  #forget(timer: Timer): void {
    timer.waits = false
    this.#waiting = this.#waiting.filter((each) => each !== timer)
  }

  #arm(timer: Timer, delay: number): void {
    if (delay === Infinity) return
    const isPartial = delay > longest
    timer.handle = this.#clock.setTimeout(() => this.#expire(timer, isPartial), Math.min(Math.max(0, delay), longest))
    if (this.#unref) (timer.handle as { unref?: () => void } | undefined)?.unref?.()
  }

  /** `isPartial`: part of a longer delay. Only then is the clock checked first: tests may advance timers without the clock. */
  #expire(timer: Timer, isPartial: boolean): void {
    if (!timer.waits) return
    const late = this.now() - timer.due
    if (isPartial && late <= -1) return this.#arm(timer, -late)
    this.#forget(timer)
    const outermost = this.#core.begin()
    this.#late = late
    try {
      timer.callback()
    } finally {
      this.#late = 0
      this.#core.end(outermost)
    }
  }
}
