import { patience } from './settings.js'

/** Waits for conditions that a run changes. */
export class Watch {
  readonly #signal: AbortSignal
  readonly #late: () => void
  #changed: (() => void) | undefined

  /** `late` is called when a condition took too long, and is to abort the signal. */
  constructor(signal: AbortSignal, late: () => void) {
    this.#signal = signal
    this.#late = late
  }

  /** Something may have come true. */
  changed(): void {
    this.#changed?.()
  }

  /** Rejects with the reason of the signal. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + patience
    for (; ; this.#signal.throwIfAborted()) {
      if (condition()) return this.#signal.throwIfAborted()
      if (performance.now() > deadline) this.#late()
      // Looked at again after each change, and now and then.
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
