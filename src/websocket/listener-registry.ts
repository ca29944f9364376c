import type { SignalRegistrations } from '../core/abort-signals.js'
import { complain } from '../core/complain.js'
import { inThisZone } from '../core/environment/zone.js'
import { explain } from '../core/errors.js'
import { onRejection } from '../core/guards.js'
import type { AnyHandler } from './events.js'
import { stopped, type EventContext, type Dispatched } from './socket-events.js'
import { isObject, toAddOptions } from './webidl.js'

/** Any value that `addEventListener` accepts. */
export type Callback = ((event: never) => unknown) | { handleEvent(event: never): unknown } | null | undefined

/** A registered listener. */
interface Entry {
  readonly call: (this: object, event: Dispatched) => unknown
  readonly once: boolean
  readonly passive: boolean
  readonly signal: AbortSignal | undefined
  isGone: boolean
  remove(): void
}

/** An event handler (`onopen` and so on) and the listener that calls it. */
interface Handler {
  value: unknown
  readonly listener: (event: Event) => unknown
}

/** The capturing or the bubbling listeners of one event type, in order of registration. */
class Phase {
  readonly known = new Map<Callback, Entry>()
  #entries: Entry[] = []
  #gone = 0

  add(callback: Callback, entry: Entry): void {
    this.known.set(callback, entry)
    // A dispatch in progress has saved the length, so it does not reach the new entry.
    if (this.#entries.length === 0) this.#entries = [entry]
    else this.#entries.push(entry)
  }

  delete(callback: Callback, entry: Entry): void {
    this.known.delete(callback)
    entry.isGone = true
    // Creates a new array, because a dispatch may be iterating over this one.
    if (++this.#gone * 2 > this.#entries.length) {
      this.#gone = 0
      this.#entries = this.#entries.filter((each) => !each.isGone)
    }
  }

  /** Not shared with the core's `Listeners`: a megamorphic loop is slower. */
  call(face: object, event: Dispatched): void {
    const entries = this.#entries
    const { length } = entries
    for (let index = 0; index < length && event[stopped] !== 2; index++) {
      const entry = entries[index]!
      if (!entry.isGone) callOne(entry, face, event)
    }
  }
}

function callOne(entry: Entry, face: object, event: Dispatched): void {
  const { signal } = entry
  // A `once` listener is removed before it runs, so it may register itself again.
  if (entry.once || signal?.aborted) entry.remove()
  if (signal?.aborted) return
  const isPassive = entry.passive && event.cancelable
  if (isPassive) Object.defineProperty(event, 'preventDefault', { value: () => {}, configurable: true })
  try {
    const returned = entry.call.call(face, event)
    if (returned !== undefined) onRejection(returned, complain)
  } catch (thrown) {
    complain(thrown)
  }
  if (isPassive) Reflect.deleteProperty(event, 'preventDefault')
}

/** The listeners of one event type. */
export class TypeListeners {
  /** Called with true when the first listener is added, and with false when the last one is removed. */
  changed: ((hasListeners: boolean) => void) | undefined
  readonly #face: object
  #bubbling: Phase | undefined
  #capturing: Phase | undefined

  constructor(face: object) {
    this.#face = face
  }

  phase(capture: boolean): Phase {
    return capture ? (this.#capturing ??= new Phase()) : (this.#bubbling ??= new Phase())
  }

  get size(): number {
    return (this.#bubbling?.known.size ?? 0) + (this.#capturing?.known.size ?? 0)
  }

  /** DOM §2.9, for a target without parents: capturing listeners run first. */
  call(event: Dispatched): void {
    if (this.#capturing !== undefined) {
      this.#capturing.call(this.#face, event)
      if (event[stopped]) return
    }
    this.#bubbling?.call(this.#face, event)
  }

  dispatch(event: Dispatched, context: EventContext): void {
    const around = context.current
    context.current = event
    this.call(event)
    context.current = around
  }
}

/**
 * The listeners and event handlers of a socket, called as DOM §2.7 to 2.10 and HTML §8.1.8 define.
 *
 * It does not use the platform's `EventTarget`, which does not tell whether there are listeners; and creating and
 * dispatching one of Node's events costs a third of receiving a message. A listener that throws, or whose promise
 * rejects, is reported and does not affect the others. In Node, Deno and Bun, the platform would end the process.
 */
export class ListenerRegistry {
  readonly #face: object
  readonly #signals: () => SignalRegistrations
  readonly #types = new Map<string, TypeListeners>()
  readonly #handlers = new Map<string, Handler>()

  /** `face`: the `this` of listeners. `signals`: called when the first listener with a signal is added. */
  constructor(face: object, signals: () => SignalRegistrations) {
    this.#face = face
    this.#signals = signals
  }

  of(type: string): TypeListeners {
    let listeners = this.#types.get(type)
    if (listeners === undefined) this.#types.set(type, (listeners = new TypeListeners(this.#face)))
    return listeners
  }

  add(type: string, callback: Callback, options: unknown): void {
    const { capture, once, passive, signal } = toAddOptions(options)
    if (isNull(callback) || signal?.aborted) return
    const listeners = this.of(type)
    const phase = listeners.phase(capture)
    const present = phase.known.get(callback)
    if (present !== undefined) {
      // Its signal has aborted, but its removal has not run yet.
      if (!present.signal?.aborted) return
      present.remove()
    }
    const remove = (): void => {
      if (entry.isGone) return
      phase.delete(callback, entry)
      forget?.()
      if (listeners.size === 0) listeners.changed?.(false)
    }
    const entry: Entry = { call: this.#callable(callback), once, passive, signal, isGone: false, remove }
    const forget = signal && this.#signals().add(signal, remove)
    phase.add(callback, entry)
    if (listeners.size === 1) listeners.changed?.(true)
  }

  remove(type: string, callback: Callback, options: unknown): void {
    const { capture } = toAddOptions(options)
    if (!isNull(callback)) this.#types.get(type)?.phase(capture).known.get(callback)?.remove()
  }

  /** Returns the callback itself if it can be called directly, otherwise a wrapper. */
  #callable(callback: NonNullable<Callback>): Entry['call'] {
    const face = this.#face
    const isFunction = typeof callback === 'function'
    // `handleEvent` is looked up on each call. Without it, the call throws a TypeError, as in the standard.
    const call = (event: Dispatched): unknown =>
      isFunction ? callback.call(face, event as never) : callback.handleEvent(event as never)
    const inZone = inThisZone(call)
    return isFunction && inZone === call ? (callback as Entry['call']) : inZone
  }

  handler(type: string): AnyHandler {
    return (this.#handlers.get(type)?.value ?? null) as AnyHandler
  }

  /** A handler keeps the position at which it was first set (HTML §8.1.8.1). */
  setHandler(type: string, given: unknown): void {
    const present = this.#handlers.get(type)
    // HTML: a non-callable object is stored and does nothing; any other non-function becomes null.
    const value = isObject(given) ? given : null
    if (present !== undefined) present.value = value
    if (value === null) {
      this.#handlers.delete(type)
      this.remove(type, present?.listener, false)
    } else if (present === undefined) {
      const face = this.#face
      const handler: Handler = {
        value,
        listener(event) {
          const current = handler.value
          if (typeof current !== 'function') return undefined
          const returned: unknown = current.call(face, event)
          if (returned === false) event.preventDefault()
          // Returned, so that a rejected promise is reported.
          return returned
        },
      }
      this.#handlers.set(type, handler)
      this.add(type, handler.listener, false)
    }
  }
}

/** Whether the callback is null. Throws the TypeError of Web IDL for any other non-object. */
function isNull(callback: unknown): callback is null | undefined {
  if (callback === null || callback === undefined) return true
  if (!isObject(callback)) throw new TypeError(explain('WebSocket', 'not-a-listener', []))
  return false
}
