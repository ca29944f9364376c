import type { Clock } from '../../dist/src/index.js'

interface Timer {
  due: number
  callback: (() => void) | undefined
}

/** A minimal manual clock, so that the measurement covers its callers instead of a timer list. */
export class HandClock implements Clock {
  #now = 0
  #timers: Timer[] = []

  now(): number {
    return this.#now
  }

  wall(): number {
    return this.#now
  }

  setTimeout(callback: () => void, delay: number): Timer {
    const timer = { due: this.#now + delay, callback }
    this.#timers.push(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    ;(timer as Timer).callback = undefined
  }

  advance(by: number): void {
    this.#now += by
    const timers = this.#timers
    this.#timers = []
    for (const timer of timers) {
      if (timer.callback === undefined) continue
      if (timer.due > this.#now) this.#timers.push(timer)
      else timer.callback()
    }
  }
}
