/** What has to be collected when its link is over. */
export type Kind = 'sink' | 'socket' | 'runtime'

interface RuntimeSocket {
  readonly readyState: number
}

/** Counts what the garbage collector has not taken yet, without keeping it. */
export class Tracker {
  readonly #registry: FinalizationRegistry<() => void>
  readonly #held: Record<Kind, number> = { sink: 0, socket: 0, runtime: 0 }
  readonly #runtime = new Set<WeakRef<RuntimeSocket>>()

  constructor() {
    this.#registry = new FinalizationRegistry((gone) => gone())
  }

  watch(kind: Kind, object: object): void {
    this.#held[kind] += 1
    this.#registry.register(object, () => (this.#held[kind] -= 1))
  }

  /** A class whose instances are watched. */
  tracked<C extends new (...args: never[]) => RuntimeSocket>(Base: C): C {
    const watchRuntime = (socket: RuntimeSocket): void => this.#watchRuntime(socket)
    const Class = Base as unknown as new (...args: unknown[]) => RuntimeSocket
    return class extends Class {
      constructor(...args: unknown[]) {
        super(...args)
        watchRuntime(this)
      }
    } as unknown as C
  }

  /** Sockets of the runtime, all lanes together, that are CONNECTING or OPEN. */
  get runtimeSockets(): number {
    let count = 0
    for (const each of this.#runtime) {
      const state = each.deref()?.readyState
      if (state === 0 || state === 1) count += 1
    }
    return count
  }

  get held(): Readonly<Record<Kind, number>> {
    return this.#held
  }

  #watchRuntime(socket: RuntimeSocket): void {
    const reference = new WeakRef(socket)
    this.#runtime.add(reference)
    this.#held.runtime += 1
    this.#registry.register(socket, () => {
      this.#held.runtime -= 1
      this.#runtime.delete(reference)
    })
  }
}
