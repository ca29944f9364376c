import { encodeNumber } from '../resume/protocol.js'
import type { ServerNode } from './node.js'

/** How long to wait after the store has failed. Milliseconds. */
const retryDelay = 1_000

/** What an acknowledger needs of its session. */
export interface AcknowledgerOwner {
  readonly id: string
  readonly token: string
  /** The last handled message. */
  readonly done: number
  readonly link: { send(frame: string): void } | undefined
  /** Another session object has become the owner. */
  ownerChanged(): void
}

/**
 * Stores how far a session came, in batches, and acknowledges it to the client. Nothing is acknowledged before the store has it: the
 * client then forgets it.
 */
export class Acknowledger {
  /** The last message that is stored as handled. */
  stored: number
  readonly #node: ServerNode
  readonly #owner: AcknowledgerOwner
  #dirty = false
  #busy = false
  #stopped = false
  #timer: unknown
  #since = 0

  constructor(node: ServerNode, owner: AcknowledgerOwner, stored: number) {
    this.#node = node
    this.#owner = owner
    this.stored = stored
  }

  /** More is handled, or the client needs an acknowledgment. */
  soon(): void {
    const { every, delay } = this.#node.settings.ack
    if (!this.#dirty) this.#since = this.#node.clock.now()
    this.#dirty = true
    if (this.#owner.done - this.stored >= every) this.#commit()
    else this.#later(delay)
  }

  /** Renews the session's deadline in the store. */
  renew(): void {
    this.#dirty = true
    this.#commit()
  }

  stop(): void {
    this.#stopped = true
    this.#node.clock.clearTimeout(this.#timer)
  }

  #later(delay: number): void {
    if (this.#stopped) return
    this.#timer ??= this.#node.later(() => {
      this.#timer = undefined
      this.#commit()
    }, delay)
  }

  #commit(): void {
    if (this.#busy || this.#stopped || !this.#dirty) return
    this.#busy = true
    this.#dirty = false
    const { done, id, token } = this.#owner
    this.#node.store.commit(id, token, done).then(
      (isOwner) => {
        this.#busy = false
        if (isOwner) this.#committed(done)
        else this.#owner.ownerChanged()
      },
      (thrown: unknown) => {
        this.#busy = false
        this.#dirty = true
        this.#node.storeFailed('commit', thrown)
        this.#later(retryDelay)
      },
    )
  }

  #committed(done: number): void {
    const messages = done - this.stored
    this.stored = Math.max(this.stored, done)
    this.#owner.link?.send(encodeNumber('a', this.stored))
    if (messages > 0) {
      const lag = this.#node.clock.now() - this.#since
      this.#node.metric({ type: 'acknowledged', messages, lag })
    }
    if (this.#dirty) this.soon()
  }
}
