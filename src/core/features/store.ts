import type { Connection } from '../connection.types.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes } from '../feature.js'

/** Described in `Connection`. */
export type StoreMethods = Pick<Connection, 'subscribe' | 'getSnapshot' | '@@observable'>

interface StoreTypes extends FeatureTypes {
  readonly methods: StoreMethods
}
export interface StoreFeature extends Feature<'store', StoreTypes, never> {}

class Store {
  readonly #core: Core
  #subscribe: StoreMethods['subscribe'] | undefined
  #getSnapshot: StoreMethods['getSnapshot'] | undefined

  constructor(core: Core) {
    this.#core = core
  }

  // Made when they are asked for, and then the same.

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

  /** RxJS looks for `Symbol.observable`, and under this name where that is not defined. */
  ['@@observable'](): ReturnType<StoreMethods['@@observable']> {
    return {
      subscribe: (observer) => ({ unsubscribe: this.subscribe((status) => observer.next?.(status)) }),
    }
  }
}

/** The status as a store: `subscribe`, `getSnapshot`, an observable. */
export const store = (): StoreFeature => ({
  name: 'store',
  members: ['subscribe', 'getSnapshot', '@@observable'],
  attach: (core) => new Store(core),
})
