/** A broken invariant. Ends the run. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

/** How many lines are kept: about ten steps. */
const limit = 120

/** The latest events. Bounded, or the log itself would be the leak. */
export class Journal {
  readonly #began = performance.now()
  #lines: string[] = []

  note(text: string): void {
    this.#lines.push(`${(performance.now() - this.#began).toFixed(1).padStart(10)}  ${text}`)
    if (this.#lines.length > limit) this.#lines.shift()
  }

  get latest(): string {
    return this.#lines.join('\n')
  }
}
