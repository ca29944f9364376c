import type { Environment, WorldSignal } from '../../../src/index.js'

/** An environment that says what it is told to say. */
export class Weather implements Environment {
  readonly #listeners = new Set<(signal: WorldSignal) => void>()
  #online = true

  get listeners(): number {
    return this.#listeners.size
  }

  online(): boolean {
    return this.#online
  }

  subscribe(notify: (signal: WorldSignal) => void): () => void {
    this.#listeners.add(notify)
    return () => this.#listeners.delete(notify)
  }

  tell(signal: WorldSignal): void {
    if (signal === 'online') this.#online = true
    if (signal === 'offline') this.#online = false
    for (const listener of this.#listeners) listener(signal)
  }
}
