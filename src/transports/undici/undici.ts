/** The part of Node's TCP or TLS socket that is used here. */
interface Destroyable {
  destroy(): void
}

/** The part of undici's dispatcher that its WebSocket uses. */
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

/**
 * The handler methods that receive the TCP socket of an upgrade, and those that receive what cancels a request: undici
 * 6 first, then later versions.
 */
const upgrades = ['onUpgrade', 'onRequestUpgrade']
const starts = ['onConnect', 'onRequestStart']

/**
 * Wraps the dispatcher of undici's `WebSocket` to get hold of the TCP socket. The class itself cannot drop it: after
 * `close()` it waits forever for the peer and keeps the process alive; after a 401 it waits for the whole body.
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
        // undici distinguishes old handlers from new ones by their methods.
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

  /** Drops the TCP socket, if known. */
  destroy(): void {
    this.#drop?.()
  }
}

/** undici 6 passes a function, later versions an object. */
function abortOf(control: unknown): () => void {
  const error = new Error('the WebSocket was abandoned')
  if (typeof control === 'function') return () => void (control as (error: Error) => void)(error)
  return () => (control as { abort(error: Error): void }).abort(error)
}

function isDestroyable(value: unknown): value is Destroyable {
  // The socket is the last argument or the one before it; no other argument has both methods.
  const { destroy, write } = (value ?? {}) as { destroy?: unknown; write?: unknown }
  return typeof destroy === 'function' && typeof write === 'function'
}

/**
 * Creates a watcher for one socket of Node's own `WebSocket`; `undefined` for any other class, and before Node 22.5.
 */
export function watcherFor(Class: unknown): UpgradeWatcher | undefined {
  const { process } = globalThis as { process?: NodeLike }
  const version = Number.parseInt(process?.versions?.undici ?? '', 10)
  // Compared with Node's own class, not the global, which may be jsdom's.
  if (Number.isNaN(version) || process?.getBuiltinModule?.('http')?.WebSocket !== Class) return undefined
  const key = Symbol.for(`undici.globalDispatcher.${version < 8 ? 1 : 2}`)
  const dispatcher = (globalThis as { [key: symbol]: Dispatcher | undefined })[key]
  return dispatcher === undefined ? undefined : new UpgradeWatcher(dispatcher)
}
