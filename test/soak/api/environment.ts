import type { Environment, EnvironmentSignal } from '../../../src/index.js'

/** An environment whose signals the test emits. */
export class TestEnvironment implements Environment {
  readonly #listeners = new Set<(signal: EnvironmentSignal) => void>()
  #online = true

  get listeners(): number {
    return this.#listeners.size
  }

  online(): boolean {
    return this.#online
  }

  subscribe(notify: (signal: EnvironmentSignal) => void): () => void {
    this.#listeners.add(notify)
    return () => this.#listeners.delete(notify)
  }

  emit(signal: EnvironmentSignal): void {
    if (signal === 'online') this.#online = true
    if (signal === 'offline') this.#online = false
    for (const listener of this.#listeners) listener(signal)
  }
}
