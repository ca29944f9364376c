/** A TCP or TLS socket of Node, as far as it is used. */
interface Destroyable {
  destroy(): void
}

/** As much of undici's dispatcher as its WebSocket uses. */
interface Dispatcher {
  readonly isMockActive?: unknown
  dispatch(options: object, handler: Handler): unknown
}

type Callback = (this: unknown, ...given: unknown[]) => unknown
type Handler = Readonly<Record<string, Callback>>

interface NodeLike {
  readonly versions?: { readonly undici?: string }
  readonly getBuiltinModule?: (id: string) => { readonly WebSocket?: unknown } | undefined
}

/** How undici hands over the TCP socket of an upgrade, and what cancels a request. Each first in undici 6, then in later ones. */
const upgrades = ['onUpgrade', 'onRequestUpgrade']
const starts = ['onConnect', 'onRequestStart']

/**
 * Stands between undici's `WebSocket` and its dispatcher, and notes what drops the TCP socket. The class itself cannot: after
 * `close()` it waits for the peer, for ever, and keeps the process alive; after a 401 it waits for the whole body.
 */
export class UpgradeWatcher implements Dispatcher {
  readonly #dispatcher: Dispatcher
  #drop: (() => void) | undefined

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher
  }

  get isMockActive(): unknown {
    return this.#dispatcher.isMockActive
  }

  dispatch(options: object, handler: Handler): unknown {
    const watched = Object.create(handler) as Record<string, Callback>
    const watch = (names: readonly string[], note: (given: readonly unknown[]) => void): void => {
      for (const name of names) {
        const callback = handler[name]
        // undici tells old handlers from new ones by what they have.
        if (callback === undefined) continue
        watched[name] = (...given) => {
          note(given)
          return callback.apply(watched, given)
        }
      }
    }
    watch(starts, ([control]) => (this.#drop = abortOf(control)))
    watch(upgrades, (given) => {
      const socket = given.find(isDestroyable)
      this.#drop = () => socket?.destroy()
    })
    return this.#dispatcher.dispatch(options, watched)
  }

  /** Drops the TCP socket, if there is one. */
  destroy(): void {
    this.#drop?.()
  }
}

/** undici 6 gives a function, later ones an object. */
function abortOf(control: unknown): () => void {
  const error = new Error('the WebSocket was given up')
  if (typeof control === 'function') return () => void (control as (error: Error) => void)(error)
  return () => (control as { abort(error: Error): void }).abort(error)
}

function isDestroyable(value: unknown): value is Destroyable {
  // The last argument, or the one before it; none of the others has both methods.
  const { destroy, write } = (value ?? {}) as { destroy?: unknown; write?: unknown }
  return typeof destroy === 'function' && typeof write === 'function'
}

/** A watcher for one socket of Node's own `WebSocket`; `undefined` for any other class, and before Node 22.5. */
export function watcherFor(Class: unknown): UpgradeWatcher | undefined {
  const { process } = globalThis as { process?: NodeLike }
  const version = Number.parseInt(process?.versions?.undici ?? '', 10)
  // The global may be another one, of jsdom for instance, so it is not compared with that.
  if (Number.isNaN(version) || process?.getBuiltinModule?.('http')?.WebSocket !== Class) return undefined
  const key = Symbol.for(`undici.globalDispatcher.${version < 8 ? 1 : 2}`)
  const dispatcher = (globalThis as { [key: symbol]: Dispatcher | undefined })[key]
  return dispatcher === undefined ? undefined : new UpgradeWatcher(dispatcher)
}
