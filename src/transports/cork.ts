/** As much of a Node stream as is used. */
export interface Corkable {
  cork(): void
  uncork(): void
}

export function isCorkable(socket: Partial<Corkable> | null | undefined): socket is Corkable {
  return typeof socket?.cork === 'function' && typeof socket.uncork === 'function'
}

/**
 * Makes one write of what is sent in one tick of the event loop. The first message goes straight out, since corking a lone
 * one costs more than it saves; what follows it in the same tick is held until the tick is over.
 */
export class Cork {
  readonly #stream: Corkable
  readonly #atTheEnd: (task: () => void) => void
  /** A message of this tick is out. */
  #sent = false
  #held = false

  /** `atTheEnd` runs a task when this tick is over. */
  constructor(stream: Corkable, atTheEnd: (task: () => void) => void) {
    this.#stream = stream
    this.#atTheEnd = atTheEnd
  }

  /** Before each write. Gives what is to be called when it is through, if anything. */
  write(): (() => void) | undefined {
    if (this.#held) return undefined
    if (!this.#sent) {
      this.#sent = true
      // A write that the system takes at once reports when the tick is over, so nothing need be scheduled to know that.
      return this.#alone
    }
    this.#held = true
    this.#stream.cork()
    this.#atTheEnd(this.release)
    return undefined
  }

  /** Lets go of what is held, at the end of the tick at the latest. */
  readonly release = (): void => {
    if (!this.#held) return
    this.#held = this.#sent = false
    this.#stream.uncork()
  }

  readonly #alone = (): void => {
    this.#sent = false
  }
}
