import type { Environment, EnvironmentSignal } from '../../src/index.js'

/** An environment that tells what it is told to, and knows how many listen. */
export class World implements Environment {
  readonly #listeners = new Set<(signal: EnvironmentSignal) => void>()
  readonly #said: () => void
  #online = true

  constructor(said: () => void) {
    this.#said = said
  }

  get listeners(): number {
    return this.#listeners.size
  }

  online(): boolean {
    return this.#online
  }

  subscribe(notify: (signal: EnvironmentSignal) => void): () => void {
    const own = (signal: EnvironmentSignal): void => notify(signal)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  say(signal: EnvironmentSignal): void {
    if (signal === 'online') this.#online = true
    if (signal === 'offline') this.#online = false
    this.#said()
    for (const listener of [...this.#listeners]) listener(signal)
  }
}
