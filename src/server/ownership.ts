import type { ServerNode } from './node.js'

/** How long to wait before asking again whether the node may handle messages. Milliseconds. */
const leaseCheck = 50

/** A session object, as the store knows it. */
export interface Owner {
  readonly id: string
  /** The name of the object. */
  readonly token: string
  /** The generation of its latest link. */
  readonly gen: number
  /** Another node may have the session. */
  ownerChanged(): void
}

/** Whether a session may handle messages on this node, which depends on the lease of the node. */
export class Ownership {
  readonly #node: ServerNode
  readonly #owner: Owner
  readonly #restored: () => void
  /** The lapses of the lease after which the session was confirmed to be here. */
  #lapses: number
  #isAsking = false

  /** `lapses`: those of the lease when the session was taken. `restored`: the session may handle messages again. */
  constructor(node: ServerNode, owner: Owner, lapses: number, restored: () => void) {
    this.#node = node
    this.#owner = owner
    this.#restored = restored
    this.#lapses = lapses
  }

  /** Without a lease, or after a lapse of it, nothing is handled: another node may have taken the session. */
  holds(): boolean {
    const { store } = this.#node
    if (!store.leased()) this.#askLater()
    else if (store.lapses === this.#lapses) return true
    else this.#confirm(store.lapses)
    return false
  }

  #askLater(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    this.#node.later(() => {
      this.#isAsking = false
      this.#restored()
    }, leaseCheck)
  }

  /** That this object is still the owner would not be enough: a node that has claimed the session may take it at any time. */
  #confirm(lapses: number): void {
    if (this.#isAsking) return
    this.#isAsking = true
    const { id, gen, token } = this.#owner
    this.#node.store.take(id, gen, token).then(
      (stored) => {
        this.#isAsking = false
        if (stored >= 0) this.#lapses = lapses
        // A later link of this object is no other owner: then the store is asked again.
        else if (this.#owner.gen === gen) return this.#owner.ownerChanged()
        this.#restored()
      },
      (thrown: unknown) => {
        this.#isAsking = false
        this.#node.storeFailed('take', thrown)
        this.#askLater()
      },
    )
  }
}
