import { wrongOption } from '../checks.js'
import type { QueueDrop } from './send-queue.js'
import type { Attempt } from '../attempt.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, LinkEnd, Part } from '../feature.js'

/** Messages, and bytes of binary messages plus characters of text. */
export interface Uncertain {
  readonly messages: number
  readonly bytes: number
}

/**
 * What becomes of one message. `sent`: handed to the socket. `uncertain`: the link was lost before the message was proved to have
 * arrived. The others: it was dropped, and never sent.
 */
export type Fate = 'sent' | 'uncertain' | QueueDrop

export interface TrackedSend {
  /**
   * Called when the fate of this message is known: `sent`, and `uncertain` if its link is then lost without proof that the message arrived,
   * or the reason why it was dropped. In order; `sent` may be told before `send` returns.
   * Trap: `sent` without `uncertain` means that nothing was lost that we know of. Only the other side can say that it has the message.
   */
  onFate?: ((fate: Fate) => void) | undefined
}

interface DeliveryTypes extends FeatureTypes {
  readonly send: TrackedSend
  readonly events: {
    close: {
      /**
       * What was handed to the socket and not proved to have arrived. Proof is the answer to a ping sent after it, or the server's answer
       * to `close()`. Messages from the server prove nothing: they may have left before.
       */
      readonly uncertain: Uncertain
    }
    backoff: { readonly uncertain: Uncertain }
  }
}
export interface DeliveryFeature extends Feature<'delivery', DeliveryTypes, never> {}

/** A message that is on its way, by its number on this link. */
interface Tracked {
  readonly number: number
  readonly onFate: (fate: Fate) => void
}

/** Shared by all that track nothing; never pushed to. */
const none: Tracked[] = []
const nothing: Uncertain = { messages: 0, bytes: 0 }

class Delivery implements Part {
  readonly #core: Core
  #tracked = none
  /** Those of a link that is over, until it is decided what follows. */
  #lost: readonly Tracked[] = none
  /** Of the messages up to this number, none is tracked any more. */
  #proven = 0

  constructor(core: Core) {
    this.#core = core
  }

  onSend({ onFate }: TrackedSend): void {
    if (onFate !== undefined && typeof onFate !== 'function') wrongOption('send.onFate', onFate, 'not-a-function')
  }

  onWritten(_: unknown, { onFate }: TrackedSend, attempt: Attempt): void {
    if (onFate === undefined) return
    this.#tell(onFate, 'sent')
    const { messages, provenMessages } = attempt
    // It closed as it took the message.
    if (this.#core.attempt !== attempt) return this.#tell(onFate, 'uncertain')
    // What was proved meanwhile is let go of here, so that a pong costs nothing.
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

  /** After the `close` event: what the app is told is not ahead of the status. */
  onState(): void {
    const lost = this.#lost
    this.#lost = none
    for (const { onFate } of lost) this.#core.events.call('fate', onFate, 'uncertain')
  }

  #tell(onFate: (fate: Fate) => void, fate: Fate): void {
    this.#core.tell(() => this.#core.events.call('fate', onFate, fate))
  }
}

/** Says what may have been lost with a link (`close.uncertain`), and what becomes of one message (`onFate`). */
export const delivery = (): DeliveryFeature => ({
  name: 'delivery',
  sendOptions: ['onFate'],
  attach: (core) => new Delivery(core),
})
