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

  constructor(parts: WorldParts) {
    this.#parts = parts
  }

  get online(): boolean {
    return this.#guard(() => this.#parts.environment.online()) !== false
  }

  start(): void {
    if (this.#stops !== undefined) return
    const { clock, environment, notify } = this.#parts
    const stops: (() => void)[] = (this.#stops = [])
    // One that was stopped may go on telling; it is not heard.
    let hidden = false
    const hear = (signal: WorldSignal): void => {
      if (signal === 'hidden') hidden = true
      else if (signal === 'visible' || signal === 'resumed' || signal === 'restored') hidden = false
      if (this.#stops === stops) notify(signal)
    }
    const listen = (subscribe: () => () => void): void => {
      const stop = this.#guard(subscribe)
      if (typeof stop === 'function') stops.push(stop)
    }
    // A hidden page's timers come once a minute: such a gap is no sleep. `visible` will tell when it is over.
    const woke = (): void => {
      if (!hidden) hear('woke')
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
