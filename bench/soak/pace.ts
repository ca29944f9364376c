import { times } from './settings.js'

/** Whether every attempt has a cause, and comes when it may. */
export class Pace {
  readonly #violated: (what: string) => void
  /** What may dial: a command, a scheduled retry, a word of the world. Each is good for one attempt. */
  #causes = 0
  #attempts = 0
  #wait: { readonly since: number; readonly delay: number } | undefined
  /** How long retries were to wait, and did. Milliseconds. */
  readonly #waits = { owed: 0, kept: 0 }

  constructor(violated: (what: string) => void) {
    this.#violated = violated
  }

  /** The app or the world wants it now. */
  caused(): void {
    this.#causes += 1
    this.#wait = undefined
  }

  scheduled(delay: number): void {
    this.caused()
    this.#wait = { since: performance.now(), delay }
    if (delay < times.floor) this.#violated(`a wait of ${delay} ms is below the floor of the policy`)
  }

  /** An attempt begins; returns its number. */
  attempted(): number {
    this.#attempts += 1
    if (this.#attempts > this.#causes) {
      this.#violated(`attempt ${this.#attempts} was neither scheduled nor commanded: a hot loop`)
    }
    if (this.#wait !== undefined) {
      const { since, delay } = this.#wait
      this.#waits.owed += delay
      this.#waits.kept += Math.min(delay, performance.now() - since)
      // A timer of Node counts from the beginning of the turn that set it, so one that was set late in a long turn is early.
      if (this.#waits.kept < this.#waits.owed / 2 - 200) {
        this.#violated(
          `attempts came after ${this.#waits.kept} ms in all, and were to wait ${this.#waits.owed}: a hot loop`,
        )
      }
    }
    this.#wait = undefined
    return this.#attempts
  }
}
