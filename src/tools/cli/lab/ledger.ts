import type { SendResult } from '../../../index.js'

/** Tracks every numbered message: queued, in flight, echoed, uncertain or dropped. Uses no socket and no clock. */
export class Ledger {
  /** Queued messages, oldest first. */
  readonly #waiting: number[] = []
  /** Messages that a socket took, and when. */
  readonly #inFlight = new Map<number, number>()
  #last = 0
  #latestEcho = 0
  #uncertain = 0
  #dropped = 0
  #reordered = 0

  /** The number of the next message. It changes once that message is accepted. */
  get next(): number {
    return this.#last + 1
  }

  /** Messages that a socket took, whose echo may still come. */
  get inFlight(): number {
    return this.#inFlight.size
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Messages whose link was lost before their echo came. They may have arrived. */
  get uncertain(): number {
    return this.#uncertain
  }

  /** Messages that were never sent. */
  get dropped(): number {
    return this.#dropped
  }

  /** Echoes that came after the echo of a later message. */
  get reordered(): number {
    return this.#reordered
  }

  /** `send()` accepted the next message. */
  accept(result: SendResult, now: number): void {
    this.#last += 1
    if (result === 'sent') this.#inFlight.set(this.#last, now)
    else if (result === 'queued') this.#waiting.push(this.#last)
    else this.#dropped += 1
  }

  /** The queue was sent, except for the `left` newest messages. Returns how many were sent. */
  flush(left: number, now: number): number {
    const sent = this.#waiting.splice(0, Math.max(0, this.#waiting.length - left))
    for (const number of sent) this.#inFlight.set(number, now)
    return sent.length
  }

  /** An echo came. Returns its round trip; `undefined` if the message is not in flight. */
  echo(number: number, now: number): number | undefined {
    const since = this.#inFlight.get(number)
    if (since === undefined) return undefined
    this.#inFlight.delete(number)
    if (number < this.#latestEcho) this.#reordered += 1
    this.#latestEcho = Math.max(this.#latestEcho, number)
    return now - since
  }

  /** The link was lost, so no more echoes will come. Returns how many messages are uncertain because of it. */
  linkLost(): number {
    const missing = this.#inFlight.size
    this.#uncertain += missing
    this.#inFlight.clear()
    return missing
  }

  /** A queued message was dropped. */
  drop(number: number): void {
    const at = this.#waiting.indexOf(number)
    if (at === -1) return
    this.#waiting.splice(at, 1)
    this.#dropped += 1
  }
}
