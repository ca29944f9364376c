import { patience } from './settings.js'

/** Waits for conditions that a run changes. */
export class Watch {
  readonly #signal: AbortSignal
  readonly #late: () => void
  #changed: (() => void) | undefined

  /** `late` is called when a condition takes too long, and must abort the signal. */
  constructor(signal: AbortSignal, late: () => void) {
    this.#signal = signal
    this.#late = late
  }

  /** A condition may have become true. */
  changed(): void {
    this.#changed?.()
  }

  /** Rejects with the signal's reason. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + patience
    for (; ; this.#signal.throwIfAborted()) {
      if (condition()) return this.#signal.throwIfAborted()
      if (performance.now() > deadline) this.#late()
      // Checked again after each change, and periodically.
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000)
        this.#changed = () => {
          clearTimeout(timer)
          resolve()
        }
        if (this.#signal.aborted) this.#changed()
      })
      this.#changed = undefined
    }
  }
}
