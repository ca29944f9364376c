import type { Core } from '../core/core.js'
import type { Timer } from '../core/time/timers.js'
import type { ResumeSettings } from './options.js'

/** What was received, and what of it the server knows. */
export class Receipts {
  /** The last message passed to the listeners. */
  arrived = 0
  /** The last message that counts as received. */
  received = 0
  /** The last acknowledged message. */
  told = 0
  readonly #ack: ResumeSettings['ack']
  readonly #send: () => void
  #timer: Timer | undefined
  #due = false

  /** `send` is called when it is time to acknowledge. */
  constructor(ack: ResumeSettings['ack'], send: () => void) {
    this.#ack = ack
    this.#send = send
  }

  /** Acknowledges soon, but not before the current listeners have returned. One timer at most, none per message. */
  receive(number: number, core: Core): void {
    this.received = number
    if (number - this.told >= this.#ack.every) this.#soon(core)
    else
      this.#timer ??= core.timers.setTimeout(() => {
        this.#timer = undefined
        this.#soon(core)
      }, this.#ack.delay)
  }

  /** A message arrived again: the server may have missed its acknowledgment. */
  again(core: Core): void {
    this.told = Math.min(this.told, this.received - 1)
    this.receive(this.received, core)
  }

  #soon(core: Core): void {
    if (this.#due) return
    this.#due = true
    // At the end of the turn that calls the listeners.
    core.schedule(() => {
      this.#due = false
      if (this.told !== this.received) this.#send()
    })
  }

  /** There is no link. */
  rest(core: Core): void {
    core.timers.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Another session, or that of the page before. */
  continueAfter(number: number): void {
    this.arrived = this.received = this.told = number
  }
}
