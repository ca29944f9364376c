/** Where time comes from. Give your own for tests; `statewire/testing` has one. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Milliseconds since 1970, for what people are shown, and to notice that the machine slept. */
  wall(): number
  setTimeout(callback: () => void, delay: number): unknown
  clearTimeout(handle: unknown): void
}

/** The runtime's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/** One more than this and a runtime's `setTimeout` fires at once. */
const longest = 2 ** 31 - 1

interface Timer {
  readonly callback: () => void
  readonly due: number
  /** Whose `handle` it is. */
  clock: Clock
  handle: unknown
  /** What is armed is a piece of the wait. */
  partial: boolean
}

export interface TimersOptions {
  /** Whether a waiting timer lets a Node process exit. */
  readonly unref: boolean
  /** How a callback is run. */
  readonly run: (callback: () => void) => void
  /** A clock that throws is reported, and the system's takes its place for that call. */
  readonly report: (thrown: unknown) => void
}

/** The timers of one connection: any delay from 0 to `Infinity`, how late the present one is, and how many wait. */
export class Timers {
  readonly #clock: Clock
  readonly #options: TimersOptions
  readonly #waiting = new Set<Timer>()
  /** By how much each clock is ahead of the system's: one that fails is to go on from where it was. */
  readonly #ahead = { now: 0, wall: 0 }
  #late = 0

  constructor(clock: Clock, options: TimersOptions) {
    this.#clock = clock
    this.#options = options
  }

  get size(): number {
    return this.#waiting.size
  }

  /** By how much the callback that runs now missed its time: a blocked event loop is not a dead link. Milliseconds. */
  get late(): number {
    return this.#late
  }

  now(): number {
    return this.#time('now')
  }

  wall(): number {
    return this.#time('wall')
  }

  setTimeout(callback: () => void, delay: number): Timer {
    const timer: Timer = {
      callback,
      due: this.now() + Math.max(0, delay),
      clock: this.#clock,
      handle: undefined,
      partial: false,
    }
    this.#waiting.add(timer)
    this.#arm(timer, delay)
    return timer
  }

  clearTimeout(timer: Timer | undefined): void {
    if (timer === undefined || !this.#waiting.delete(timer) || timer.handle === undefined) return
    try {
      timer.clock.clearTimeout(timer.handle)
    } catch (thrown) {
      this.#options.report(thrown)
    }
  }

  clear(): void {
    for (const timer of this.#waiting) this.clearTimeout(timer)
  }

  #arm(timer: Timer, delay: number): void {
    if (delay === Infinity) return
    const step = Math.min(Math.max(0, delay), longest)
    const expire = (): void => this.#expire(timer)
    timer.clock = this.#clock
    timer.partial = delay > longest
    try {
      timer.handle = timer.clock.setTimeout(expire, step)
    } catch (thrown) {
      this.#options.report(thrown)
      timer.clock = systemClock
      timer.handle = timer.clock.setTimeout(expire, step)
    }
    if (this.#options.unref) (timer.handle as { unref?: () => void } | undefined)?.unref?.()
  }

  #expire(timer: Timer): void {
    if (!this.#waiting.has(timer)) return
    const late = this.now() - timer.due
    // Only then is the time asked: a test may move timers and leave the clock alone.
    if (timer.partial && late <= -1) {
      this.#arm(timer, -late)
      return
    }
    this.#waiting.delete(timer)
    this.#options.run(() => {
      this.#late = late
      try {
        timer.callback()
      } finally {
        this.#late = 0
      }
    })
  }

  #time(which: 'now' | 'wall'): number {
    try {
      const time = this.#clock[which]()
      if (Number.isFinite(time)) {
        this.#ahead[which] = time - systemClock[which]()
        return time
      }
      this.#options.report(new TypeError(`clock.${which}() returned ${String(time)}`))
    } catch (thrown) {
      this.#options.report(thrown)
    }
    return systemClock[which]() + this.#ahead[which]
  }
}
