interface RuntimeSocket {
  readonly readyState: number
}

/** Counts objects that are not yet collected, without retaining them: everything that belongs to one link. */
export class Tracker {
  /** Objects that still exist. */
  held = 0
  readonly #registry = new FinalizationRegistry<() => void>((gone) => gone())
  readonly #sockets = new Set<WeakRef<RuntimeSocket>>()

  watch(object: object): void {
    this.held += 1
    this.#registry.register(object, () => (this.held -= 1))
  }

  /** A WebSocket class whose instances are tracked. */
  tracked<C extends new (...args: never[]) => RuntimeSocket>(Base: C): C {
    const watch = (socket: RuntimeSocket): void => this.#watchSocket(socket)
    const Class = Base as unknown as new (...args: unknown[]) => RuntimeSocket
    return class extends Class {
      constructor(...args: unknown[]) {
        super(...args)
        watch(this)
      }
    } as unknown as C
  }

  /** How many of the runtime's sockets are CONNECTING or OPEN, over all lanes. */
  get sockets(): number {
    let count = 0
    for (const each of this.#sockets) {
      const state = each.deref()?.readyState
      if (state === 0 || state === 1) count += 1
    }
    return count
  }

  #watchSocket(socket: RuntimeSocket): void {
    const reference = new WeakRef(socket)
    this.#sockets.add(reference)
    this.watch(socket)
    this.#registry.register(socket, () => this.#sockets.delete(reference))
  }
}
