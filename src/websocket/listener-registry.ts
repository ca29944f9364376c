import type { SignalRegistrations } from '../core/abort-signals.js'
import { complain } from '../core/complain.js'
import { inThisZone } from '../core/environment/zone.js'
import { explain } from '../core/errors.js'
import { onRejection } from '../core/guards.js'
import type { AnyHandler } from './events.js'
import { stopped, type Circumstances, type Dispatched } from './socket-events.js'
import { isObject, toAddOptions } from './webidl.js'

/** Anything that `addEventListener` takes. */
export type Callback = ((event: never) => unknown) | { handleEvent(event: never): unknown } | null | undefined

/** A registered listener. */
interface Entry {
  readonly hear: (this: object, event: Dispatched) => unknown
  readonly once: boolean
  readonly passive: boolean
  readonly signal: AbortSignal | undefined
  isGone: boolean
  remove(): void
}

/** An event handler, and the listener that calls it. */
interface Handler {
  value: unknown
  readonly listener: (event: Event) => unknown
}

/** The listeners of one type of event that are for capture, or those that are not, in the order in which they came. */
class Phase {
  readonly known = new Map<Callback, Entry>()
  #entries: Entry[] = []
  #gone = 0

  add(callback: Callback, entry: Entry): void {
    this.known.set(callback, entry)
    // A dispatch knows how many there were when it began, so it does not reach what is pushed.
    if (this.#entries.length === 0) this.#entries = [entry]
    else this.#entries.push(entry)
  }

  delete(callback: Callback, entry: Entry): void {
    this.known.delete(callback)
    entry.isGone = true
    // Into another array: a dispatch that is under way has this one.
    if (++this.#gone * 2 > this.#entries.length) {
      this.#gone = 0
      this.#entries = this.#entries.filter((each) => !each.isGone)
    }
  }

  /** Not by `Listeners` of the core: a loop that calls many kinds of functions is slower than one that calls listeners alone. */
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
  // One that runs once is gone by the time it runs, and may register itself anew.
  if (entry.once || signal?.aborted) entry.remove()
  if (signal?.aborted) return
  const isPassive = entry.passive && event.cancelable
  if (isPassive) Object.defineProperty(event, 'preventDefault', { value: () => {}, configurable: true })
  try {
    const returned = entry.hear.call(face, event)
    if (returned !== undefined) onRejection(returned, complain)
  } catch (thrown) {
    complain(thrown)
  }
  if (isPassive) Reflect.deleteProperty(event, 'preventDefault')
}

/** The listeners of one type of event. */
export class TypeListeners {
  /** Called when the first listener comes and when the last one has gone. */
  changed: ((anybody: boolean) => void) | undefined
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

  /** DOM §2.9 for a target that stands alone: listeners for capture come first. */
  call(event: Dispatched): void {
    if (this.#capturing !== undefined) {
      this.#capturing.call(this.#face, event)
      if (event[stopped]) return
    }
    this.#bubbling?.call(this.#face, event)
  }

  dispatch(event: Dispatched, circumstances: Circumstances): void {
    const around = circumstances.current
    circumstances.current = event
    this.call(event)
    circumstances.current = around
  }
}

/**
 * The listeners and event handlers of a socket, called as the DOM says (§2.7 to 2.10; HTML §8.1.8 for handlers).
 *
 * The platform's `EventTarget` is not used: it does not say whether anybody listens, and to make and dispatch an event of Node's costs
 * a third of what it costs to receive a message. A listener that throws, or whose promise rejects, is reported and goes no further; in
 * Node, Deno and Bun the platform would end the process.
 */
export class ListenerRegistry {
  readonly #face: object
  readonly #signals: () => SignalRegistrations
  readonly #types = new Map<string, TypeListeners>()
  readonly #handlers = new Map<string, Handler>()

  /** `face`: what listeners are called on. `signals`: called when the first listener with a signal comes. */
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
    if (isNothing(callback) || signal?.aborted) return
    const listeners = this.of(type)
    const phase = listeners.phase(capture)
    const present = phase.known.get(callback)
    if (present !== undefined) {
      // Another listener of `abort` may come before ours.
      if (!present.signal?.aborted) return
      present.remove()
    }
    const remove = (): void => {
      if (entry.isGone) return
      phase.delete(callback, entry)
      forget?.()
      if (listeners.size === 0) listeners.changed?.(false)
    }
    const entry: Entry = { hear: this.#hearing(callback), once, passive, signal, isGone: false, remove }
    const forget = signal && this.#signals().add(signal, remove)
    phase.add(callback, entry)
    if (listeners.size === 1) listeners.changed?.(true)
  }

  remove(type: string, callback: Callback, options: unknown): void {
    const { capture } = toAddOptions(options)
    if (!isNothing(callback)) this.#types.get(type)?.phase(capture).known.get(callback)?.remove()
  }

  /** The callback itself, where it can be called as it is. */
  #hearing(callback: NonNullable<Callback>): Entry['hear'] {
    const face = this.#face
    const isFunction = typeof callback === 'function'
    // `handleEvent` is looked up each time. An object without it is a TypeError, as the standard has it.
    const hear = (event: Dispatched): unknown =>
      isFunction ? callback.call(face, event as never) : callback.handleEvent(event as never)
    const inZone = inThisZone(hear)
    return isFunction && inZone === hear ? (callback as Entry['hear']) : inZone
  }

  handler(type: string): AnyHandler {
    return (this.#handlers.get(type)?.value ?? null) as AnyHandler
  }

  /** A handler takes its turn where it was first set. */
  setHandler(type: string, given: unknown): void {
    const present = this.#handlers.get(type)
    // An object that cannot be called is kept, and does nothing; whatever else is not a function is null.
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
          // A promise that rejects is reported, as that of any listener.
          return returned
        },
      }
      this.#handlers.set(type, handler)
      this.add(type, handler.listener, false)
    }
  }
}

/** Throws what Web IDL throws for what can be no listener. */
function isNothing(callback: unknown): callback is null | undefined {
  if (callback === null || callback === undefined) return true
  if (!isObject(callback)) throw new TypeError(explain('WebSocket', 'not-a-listener', []))
  return false
}
