import { append } from '../lists.js'
import type { Core } from '../core.js'

/** Where time comes from. Give your own for tests; `statewire/testing` has one. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Milliseconds since 1970, for what people are shown, and to notice that the machine slept. */
  wall(): number
  setTimeout(callback: () => void, delay: number): unknown
  clearTimeout(handle: unknown): void
}

/** The runtime's own timers, looked up at each call. */
export const plainClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/** One more than this and a runtime's `setTimeout` fires at once. */
const longest = 2 ** 31 - 1

export interface Timer {
  readonly callback: () => void
  readonly due: number
  handle: unknown
  waits: boolean
}

const none: readonly never[] = []

/** The timers of one connection: any delay from 0 to `Infinity`, and how late the present one is. Each callback is a turn. */
export class Timers {
  readonly #clock: Clock
  readonly #unref: boolean
  readonly #core: Core
  /** A few at most, so a list is quicker than a set, and lighter. */
  #waiting: readonly Timer[] = none
  #late = 0

  /** `unref`: whether a waiting timer lets a Node process exit. */
  constructor(clock: Clock | undefined, unref: boolean, core: Core) {
    this.#clock = clock ?? plainClock
    this.#unref = unref
    this.#core = core
  }

  /** By how much the callback that runs now missed its time: a blocked event loop is not a dead link. Milliseconds. */
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

  /** `isPartial`: only then is the time asked before the callback, because a test may move timers and leave the clock alone. */
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
