import type { SendResult } from '../../../index.js'

/** Which numbered messages went where: what is on its way, what came back, what will not. Knows of no socket and no clock. */
export class Ledger {
  /** Those that wait for a socket, oldest first. */
  readonly #waiting: number[] = []
  /** Those that a socket has taken, and when. */
  readonly #away = new Map<number, number>()
  #last = 0
  #latestEcho = 0
  #lost = 0
  #reordered = 0

  /** The number of the next message. It stays the next until that message is accepted. */
  get next(): number {
    return this.#last + 1
  }

  /** Taken by a socket, and neither back nor given up. */
  get away(): number {
    return this.#away.size
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Accepted, and no echo came or can come. */
  get lost(): number {
    return this.#lost
  }

  /** Echoes that came after the echo of a later message. */
  get reordered(): number {
    return this.#reordered
  }

  /** The next message was accepted. */
  accepted(result: SendResult, now: number): void {
    this.#last += 1
    if (result === 'sent') this.#away.set(this.#last, now)
    else if (result === 'queued') this.#waiting.push(this.#last)
    else this.#lost += 1
  }

  /** The queue has gone out, but for the `left` latest. Returns how many went. */
  flushed(left: number, now: number): number {
    const gone = this.#waiting.splice(0, Math.max(0, this.#waiting.length - left))
    for (const number of gone) this.#away.set(number, now)
    return gone.length
  }

  /** A message came back. Returns how long it was away; `undefined` for one that is not. */
  echoed(number: number, now: number): number | undefined {
    const since = this.#away.get(number)
    if (since === undefined) return undefined
    this.#away.delete(number)
    if (number < this.#latestEcho) this.#reordered += 1
    this.#latestEcho = Math.max(this.#latestEcho, number)
    return now - since
  }

  /** The link is gone, and with it every echo that was to come. Returns how many. */
  linkLost(): number {
    const gone = this.#away.size
    this.#lost += gone
    this.#away.clear()
    return gone
  }

  /** A message that waited will not be sent. */
  dropped(number: number): void {
    const at = this.#waiting.indexOf(number)
    if (at === -1) return
    this.#waiting.splice(at, 1)
    this.#lost += 1
  }
}
