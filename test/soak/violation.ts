/** Something that must not happen did. Ends the run. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

/** How many lines are kept: some ten steps. */
const limit = 120

/** What was done and what came of it, the latest part. What is written here stays bounded, or it would be the leak. */
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
