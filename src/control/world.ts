import type { WorldSignal } from '../../machines/connection.types.js'
import type { Clock } from './clock.js'
import type { Environment } from './environment.js'
import { onWake } from './wake.js'

export interface WorldParts {
  readonly clock: Clock
  readonly environment: Environment
  readonly notify: (signal: WorldSignal) => void
  report(thrown: unknown): void
}

/** Listens to the world for as long as the connection wants to be open; whatever throws there stays there. */
export class World {
  readonly #parts: WorldParts
  #stops: (() => void)[] | undefined
  #hidden = false

  constructor(parts: WorldParts) {
    this.#parts = parts
  }

  get online(): boolean {
    return this.#guard(() => this.#parts.environment.online()) !== false
  }

  /** Nobody sees the page, so the browser may hold its timers back. */
  get hidden(): boolean {
    return this.#hidden
  }

  start(): void {
    if (this.#stops !== undefined) return
    const { clock, environment, notify } = this.#parts
    const stops: (() => void)[] = (this.#stops = [])
    this.#hidden = false
    let deaf = false
    const hear = (signal: WorldSignal): void => {
      // One that was stopped may go on telling; it is not heard.
      if (this.#stops !== stops) return
      if (signal === 'hidden') this.#hidden = deaf = true
      else if (signal === 'visible' || signal === 'restored') this.#hidden = deaf = false
      // Chromium resumes pages that stay hidden.
      else if (signal === 'resumed') deaf = false
      notify(signal)
    }
    const listen = (subscribe: () => () => void): void => {
      const stop = this.#guard(subscribe)
      if (typeof stop === 'function') stops.push(stop)
    }
    // A hidden page's timers come once a minute: such a gap is no sleep. `visible` will tell when it is over.
    const woke = (): void => {
      if (!deaf) hear('woke')
    }
    listen(() => onWake(clock, woke, (thrown) => this.#parts.report(thrown)))
    listen(() => environment.subscribe(hear))
  }

  stop(): void {
    const stops = this.#stops
    this.#stops = undefined
    for (const stop of stops ?? []) this.#guard(stop)
  }

  #guard<T>(call: () => T): T | undefined {
    try {
      return call()
    } catch (thrown) {
      this.#parts.report(thrown)
      return undefined
    }
  }
}
