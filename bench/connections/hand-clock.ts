import type { Clock } from '../../dist/src/index.js'

interface Timer {
  due: number
  callback: (() => void) | undefined
}

/** Moved by hand, and with next to nothing in it: what is measured is who asks it, not a list of timers. */
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
