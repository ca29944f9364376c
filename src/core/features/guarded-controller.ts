import { guardListener, type ListenerLike } from '../guards.js'

type Options = boolean | AddEventListenerOptions

/**
 * An AbortController whose signal is passed to app code. Exceptions in its `abort` listeners are reported; with a plain signal they would end
 * the process in Node, Deno and Bun. Derived signals (`AbortSignal.any`) are not guarded.
 */
export function guardedController(report: (thrown: unknown) => void): AbortController {
  const controller = new AbortController()
  const { signal } = controller
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  // Listeners are removed by identity, so each always gets the same guard.
  const guards = new WeakMap<object, EventListener>()
  const guarded = (listener: unknown): EventListener => {
    // Invalid values are left to the platform.
    if (listener === null || (typeof listener !== 'object' && typeof listener !== 'function')) return listener as never
    const guard = guards.get(listener) ?? guardListener(listener as ListenerLike, report)
    guards.set(listener, guard)
    return guard
  }
  let handler: unknown = null
  let isAborting = false
  let abortListener: EventListener | undefined
  Object.defineProperties(signal, {
    addEventListener: {
      value: (type: string, listener: unknown, options?: Options) => add(type, guarded(listener), options),
    },
    removeEventListener: {
      value: (type: string, listener: unknown, options?: Options) => remove(type, guarded(listener), options),
    },
    onabort: {
      get: () => (isAborting ? null : handler),
      set(value: unknown) {
        if (abortListener !== undefined) remove('abort', abortListener)
        handler = typeof value === 'function' ? value : null
        // Not `guarded`: the same function may also be a listener.
        abortListener = handler === null ? undefined : guardListener(handler as ListenerLike, report)
        if (abortListener !== undefined) add('abort', abortListener)
      },
    },
  })
  const abort = controller.abort.bind(controller)
  // workerd's EventTarget calls `onabort` itself, in addition to the listener added for it.
  controller.abort = (reason) => {
    isAborting = true
    abort(reason)
    isAborting = false
  }
  return controller
}
