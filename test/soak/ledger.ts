import type { SendResult } from '../../src/index.js'

/** What became of the app's messages. Holds only those whose fate is open. */
export class Ledger {
  accepted = 0
  queued = 0
  dropped = 0
  readonly #violated: (what: string) => void
  readonly #waiting = new Set<number>()
  #next = 1
  #lastWritten = 0

  constructor(violated: (what: string) => void) {
    this.#violated = violated
  }

  /** The app is about to send this one. */
  begin(): number {
    this.#waiting.add(this.#next)
    return this.#next++
  }

  /** What `send` answered; `undefined`: it threw, so nothing was accepted. */
  told(message: number, result: SendResult | undefined): void {
    const open = this.#waiting.has(message)
    if (result === undefined) {
      if (!this.#waiting.delete(message)) this.#violated(`send threw for message ${message}, which was sent or dropped`)
      return
    }
    this.accepted += 1
    if (result === 'queued') this.queued += 1
    else if (open) this.#violated(`message ${message} was called ${result}, and was not`)
  }

  /** A socket took it. */
  written(message: number): void {
    if (!this.#waiting.delete(message)) this.#violated(`message ${message} was sent twice, or after it was dropped`)
    if (message < this.#lastWritten) this.#violated(`message ${message} was sent after ${this.#lastWritten}`)
    this.#lastWritten = message
  }

  drop(message: number): void {
    this.dropped += 1
    if (!this.#waiting.delete(message)) this.#violated(`message ${message} was dropped after it was sent or dropped`)
  }

  /** The connection says how many wait. */
  compare(queued: number): void {
    if (queued === this.#waiting.size) return
    this.#violated(
      `the connection says that ${queued} messages wait, and ${this.#waiting.size} were neither sent nor dropped: ${[...this.#waiting].slice(0, 5).join(', ')}`,
    )
  }
}
