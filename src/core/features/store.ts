import type { Connection } from '../connection.types.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes } from '../feature.js'

/** Documented at `Connection`. */
export type StoreMethods = Pick<Connection, 'subscribe' | 'getSnapshot' | '@@observable'>

interface StoreTypes extends FeatureTypes {
  readonly methods: StoreMethods
}
/** The type of `store()`. */
export interface StoreFeature extends Feature<'store', StoreTypes, never> {}

class Store {
  readonly #core: Core
  #subscribe: StoreMethods['subscribe'] | undefined
  #getSnapshot: StoreMethods['getSnapshot'] | undefined

  constructor(core: Core) {
    this.#core = core
  }

  // Created lazily; the same function on each access.

  get subscribe(): StoreMethods['subscribe'] {
    const { events, listening } = this.#core
    return (this.#subscribe ??= (listener) => {
      const off = listening === undefined ? events.add('state', listener) : listening.on('state', listener, undefined)
      events.call('state', listener, this.#core.status)
      return off
    })
  }

  get getSnapshot(): StoreMethods['getSnapshot'] {
    return (this.#getSnapshot ??= () => this.#core.status)
  }

  /** RxJS uses this name where `Symbol.observable` is not defined. */
  ['@@observable'](): ReturnType<StoreMethods['@@observable']> {
    return {
      subscribe: (observer) => ({ unsubscribe: this.subscribe((status) => observer.next?.(status)) }),
    }
  }
}

/** Makes the status a store: `subscribe`, `getSnapshot`, and an observable. */
export const store = (): StoreFeature => ({
  name: 'store',
  members: ['subscribe', 'getSnapshot', '@@observable'],
  attach: (core) => new Store(core),
})
