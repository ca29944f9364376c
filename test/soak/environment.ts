import type { Environment, EnvironmentSignal } from '../../src/index.js'

/** An environment whose signals the test emits, and which counts its listeners. */
export class TestEnvironment implements Environment {
  readonly #listeners = new Set<(signal: EnvironmentSignal) => void>()
  readonly #onSignal: () => void
  #online = true

  constructor(onSignal: () => void) {
    this.#onSignal = onSignal
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

  emit(signal: EnvironmentSignal): void {
    if (signal === 'online') this.#online = true
    if (signal === 'offline') this.#online = false
    this.#onSignal()
    for (const listener of [...this.#listeners]) listener(signal)
  }
}
