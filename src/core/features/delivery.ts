import { wrongOption } from '../checks.js'
import type { QueueDrop } from './send-queue.js'
import type { Attempt } from '../attempt.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, LinkEnd, Part } from '../feature.js'

/** An amount of messages. `bytes` counts bytes of binary messages plus characters of text. */
export interface Uncertain {
  readonly messages: number
  readonly bytes: number
}

/**
 * The fate of one message. `sent`: the socket took it. `uncertain`: the link was lost before its arrival was proved. With a session of
 * `statewire/resume`, `delivered`: the server has handled it; `undelivered`: the session was lost, and the server certainly hasn't handled
 * it. The others: it was dropped and never sent.
 */
export type Fate = 'sent' | 'delivered' | 'undelivered' | 'uncertain' | QueueDrop

/** Options of `send` that `delivery()` reads. */
export interface TrackedSend {
  /**
   * Called with the fate of this message, in order: `sent`, then `uncertain` if its link is lost without proof of arrival; or the reason
   * why it was dropped. It may be called with `sent` before `send` returns.
   *
   * `sent` without `uncertain` means no known loss. Only an acknowledgment of the other side proves that a message arrived: a session of
   * `statewire/resume` reports it as `delivered`.
   */
  onFate?: ((fate: Fate) => void) | undefined
}

interface DeliveryTypes extends FeatureTypes {
  readonly send: TrackedSend
  readonly events: {
    close: {
      /**
       * Messages that the socket took but that may not have arrived. Proof of arrival is a reply to a ping sent after them, or the server's
       * reply to `close()`. Other messages from the server prove nothing: the server may have sent them earlier.
       */
      readonly uncertain: Uncertain
    }
    backoff: { readonly uncertain: Uncertain }
  }
}
/** The type of `delivery()`. */
export interface DeliveryFeature extends Feature<'delivery', DeliveryTypes, never> {}

/** A message whose fate is tracked, by its number on this link. */
interface Tracked {
  readonly number: number
  readonly onFate: (fate: Fate) => void
}

/** Shared by connections that track nothing; never pushed to. */
const none: Tracked[] = []
const nothing: Uncertain = { messages: 0, bytes: 0 }

class Delivery implements Part {
  readonly #core: Core
  #tracked = none
  /** Uncertain messages of an ended link, until the next state is known. */
  #lost: readonly Tracked[] = none
  /** Messages up to this number are no longer tracked. */
  #proven = 0

  constructor(core: Core) {
    this.#core = core
  }

  onSend({ onFate }: TrackedSend): void {
    if (onFate !== undefined && typeof onFate !== 'function') wrongOption('send.onFate', onFate, 'not-a-function')
  }

  onWritten(_: unknown, { onFate }: TrackedSend, attempt: Attempt): void {
    if (onFate === undefined) return
    this.#report(onFate, 'sent')
    const { messages, provenMessages } = attempt
    // A framing keeps it until the server has acknowledged it, and reports its further fate.
    if (provenMessages === messages) return
    // The socket closed while taking the message.
    if (this.#core.attempt !== attempt) return this.#report(onFate, 'uncertain')
    // Proved messages are released here, so pongs cost nothing.
    if (provenMessages > this.#proven) {
      this.#tracked = this.#tracked.filter(({ number }) => number > provenMessages)
      this.#proven = provenMessages
    }
    const tracked = { number: messages, onFate }
    if (this.#tracked === none) this.#tracked = [tracked]
    else this.#tracked.push(tracked)
  }

  onDropped(_: unknown, { onFate }: TrackedSend, reason: string): void {
    if (onFate !== undefined) this.#core.events.call('fate', onFate, reason as Fate)
  }

  onEnd({ attempt, answered }: LinkEnd): { uncertain: Uncertain } {
    const { messages, bytes, provenMessages, provenBytes } = attempt
    const tracked = this.#tracked
    this.#tracked = none
    this.#proven = 0
    if (answered) return { uncertain: nothing }
    if (tracked !== none) this.#lost = tracked.filter(({ number }) => number > provenMessages)
    return { uncertain: { messages: messages - provenMessages, bytes: bytes - provenBytes } }
  }

  /** After the `close` event, so callbacks don't run ahead of the status. */
  onState(): void {
    const lost = this.#lost
    this.#lost = none
    for (const { onFate } of lost) this.#core.events.call('fate', onFate, 'uncertain')
  }

  #report(onFate: (fate: Fate) => void, fate: Fate): void {
    this.#core.schedule(() => this.#core.events.call('fate', onFate, fate))
  }
}

/** Reports which messages may be lost with a link (`close.uncertain`), and the fate of single messages (`onFate`). */
export const delivery = (): DeliveryFeature => ({
  name: 'delivery',
  sendOptions: ['onFate'],
  attach: (core) => new Delivery(core),
})
