/**
 * Which pings of a socket were answered, told by their payload. An answered ping proves that the peer has read all that came before
 * it. A Close of the peer doesn't: it may have crossed ours.
 */
export class Pings {
  #latest = 0
  #answered = true
  /** Something was sent that no ping has followed. */
  unasked = false

  /** The payload of the next one. */
  next(): string {
    this.unasked = this.#answered = false
    return String(++this.#latest)
  }

  /** RFC 6455 §5.5.3: peers may send pongs unasked, and answer only the latest of several pings. */
  pong(payload: Buffer): 'pong' | 'stray' {
    const isLatest = payload.toString() === String(this.#latest)
    this.#answered ||= isLatest
    return isLatest ? 'pong' : 'stray'
  }

  /** The peer has read all that was sent. */
  get provesAll(): boolean {
    return this.#answered && !this.unasked
  }
}
