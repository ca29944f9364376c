import type { Reporter } from '../errors.js'
import { onRejection } from '../guards.js'
import { readClock, setTimer, unref } from './ask-clock.js'
import { systemClock, type Clock } from './clock.js'

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

const none: readonly never[] = []

/** Runs the callbacks, and is told of a clock that throws; the system's takes its place for that call. */
export interface TimersHost extends Reporter {
  turn(callback: () => void): void
}

/** The timers of one connection: any delay from 0 to `Infinity`, how late the present one is, and how many wait. */
export class Timers {
  readonly #clock: Clock
  readonly #unref: boolean
  readonly #host: TimersHost
  /** A few at most, so a list is quicker than a set, and lighter. */
  #waiting: readonly Timer[] = none
  /** By how much each clock is ahead of the system's: one that fails is to go on from where it was. */
  #nowAhead = 0
  #wallAhead = 0
  #late = 0

  /** `unref`: whether a waiting timer lets a Node process exit. */
  constructor(clock: Clock, unref: boolean, host: TimersHost) {
    this.#clock = clock
    this.#unref = unref
    this.#host = host
  }

  get size(): number {
    return this.#waiting.length
  }

  /** By how much the callback that runs now missed its time: a blocked event loop is not a dead link. Milliseconds. */
  get late(): number {
    return this.#late
  }

  now(): number {
    const now = this.#read('now') ?? systemClock.now() + this.#nowAhead
    this.#nowAhead = now - systemClock.now()
    return now
  }

  wall(): number {
    const wall = this.#read('wall') ?? systemClock.wall() + this.#wallAhead
    this.#wallAhead = wall - systemClock.wall()
    return wall
  }

  setTimeout(callback: () => void, delay: number): Timer {
    const timer: Timer = {
      callback,
      due: this.now() + Math.max(0, delay),
      clock: this.#clock,
      handle: undefined,
      partial: false,
    }
    // Not pushed: an array that has grown keeps room for sixteen more.
    this.#waiting = [...this.#waiting, timer]
    this.#arm(timer, delay)
    return timer
  }

  clearTimeout(timer: Timer | undefined): void {
    if (timer === undefined || !this.#forget(timer) || timer.handle === undefined) return
    try {
      onRejection(timer.clock.clearTimeout(timer.handle), (thrown) => this.#report(thrown))
    } catch (thrown) {
      this.#report(thrown)
    }
  }

  clear(): void {
    for (const timer of this.#waiting) this.clearTimeout(timer)
  }

  /** False: it was not waiting. */
  #forget(timer: Timer): boolean {
    const waited = this.#waiting.includes(timer)
    this.#waiting = this.#waiting.filter((each) => each !== timer)
    return waited
  }

  #arm(timer: Timer, delay: number): void {
    if (delay === Infinity) return
    const step = Math.min(Math.max(0, delay), longest)
    const expire = (): void => this.#expire(timer)
    timer.clock = this.#clock
    timer.partial = delay > longest
    try {
      timer.handle = setTimer(timer.clock, expire, step)
      if (this.#unref) unref(timer.handle)
    } catch (thrown) {
      this.#report(thrown)
      timer.clock = systemClock
      timer.handle = timer.clock.setTimeout(expire, step)
      if (this.#unref) unref(timer.handle)
    }
  }

  #expire(timer: Timer): void {
    if (!this.#waiting.includes(timer)) return
    const late = this.now() - timer.due
    // Only then is the time asked: a test may move timers and leave the clock alone.
    if (timer.partial && late <= -1) {
      this.#arm(timer, -late)
      return
    }
    this.#forget(timer)
    this.#host.turn(() => {
      this.#late = late
      try {
        timer.callback()
      } finally {
        this.#late = 0
      }
    })
  }

  #read(which: 'now' | 'wall'): number | undefined {
    try {
      return readClock(this.#clock, which)
    } catch (thrown) {
      this.#report(thrown)
      return undefined
    }
  }

  #report(thrown: unknown): void {
    this.#host.fail('ERR_ENVIRONMENT', 'the clock', thrown)
  }
}
