import type { SendResult } from '../../src/index.js'

/** Tracks the app's messages. Keeps only those whose fate is open. */
export class MessageLog {
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

  /** Called before the app sends a message. */
  begin(): number {
    this.#waiting.add(this.#next)
    return this.#next++
  }

  /** The result of `send`; `undefined` if it threw and accepted nothing. */
  returned(message: number, result: SendResult | undefined): void {
    const open = this.#waiting.has(message)
    if (result === undefined) {
      if (!this.#waiting.delete(message)) this.#violated(`send threw for message ${message}, which was sent or dropped`)
      return
    }
    this.accepted += 1
    if (result === 'queued') this.queued += 1
    else if (open) this.#violated(`message ${message} was reported as ${result} while it still waits`)
  }

  /** A socket accepted it. */
  written(message: number): void {
    if (!this.#waiting.delete(message)) this.#violated(`message ${message} was sent twice, or after it was dropped`)
    if (message < this.#lastWritten) this.#violated(`message ${message} was sent after ${this.#lastWritten}`)
    this.#lastWritten = message
  }

  drop(message: number): void {
    this.dropped += 1
    if (!this.#waiting.delete(message)) this.#violated(`message ${message} was dropped after it was sent or dropped`)
  }

  /** Compares with the queue length the connection reports. */
  compare(queued: number): void {
    if (queued === this.#waiting.size) return
    this.#violated(
      `the connection reports ${queued} queued messages, but ${this.#waiting.size} were neither sent nor dropped: ${[...this.#waiting].slice(0, 5).join(', ')}`,
    )
  }
}
