import { guardListener, type ListenerLike } from '../guards.js'

type Options = boolean | AddEventListenerOptions

/**
 * An AbortController for code of the app. An error in a listener of `abort` is reported and goes no further; a plain signal's ends the
 * process in Node, Deno and Bun. Only the signal itself is guarded: one that the app derives from it (`AbortSignal.any`) is the app's own.
 */
export function guardedController(report: (thrown: unknown) => void): AbortController {
  const controller = new AbortController()
  const { signal } = controller
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  // The platform knows a listener by its identity, so each keeps its guard.
  const guards = new WeakMap<object, EventListener>()
  const guarded = (listener: unknown): EventListener => {
    // The platform decides what it makes of anything else.
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
        // Not by way of `guarded`: the same function may be a listener besides.
        abortListener = handler === null ? undefined : guardListener(handler as ListenerLike, report)
        if (abortListener !== undefined) add('abort', abortListener)
      },
    },
  })
  const abort = controller.abort.bind(controller)
  // workerd's EventTarget calls what it finds under `onabort` by itself, besides the listener that stands for it.
  controller.abort = (reason) => {
    isAborting = true
    abort(reason)
    isAborting = false
  }
  return controller
}
