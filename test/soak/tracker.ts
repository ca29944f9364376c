interface RuntimeSocket {
  readonly readyState: number
}

/** Counts what the garbage collector has not taken yet, without keeping it: all that belongs to one link. */
export class Tracker {
  /** Objects that are still there. */
  held = 0
  readonly #registry = new FinalizationRegistry<() => void>((gone) => gone())
  readonly #sockets = new Set<WeakRef<RuntimeSocket>>()

  watch(object: object): void {
    this.held += 1
    this.#registry.register(object, () => (this.held -= 1))
  }

  /** A class of WebSockets whose instances are watched. */
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

  /** How many sockets of the runtime, all lanes together, are CONNECTING or OPEN. */
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
