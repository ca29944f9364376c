/** All that waits for one signal. */
class Watch {
  readonly #signal: AbortSignal
  readonly #callbacks = new Set<() => void>()
  readonly #aborted = (): void => {
    this.#end()
    for (const callback of this.#callbacks) callback()
  }

  constructor(signal: AbortSignal) {
    this.#signal = signal
    watches.set(signal, this)
    signal.addEventListener('abort', this.#aborted)
  }

  add(callback: () => void): () => void {
    // A function of its own, so that the same callback can be added twice.
    const entry = (): void => callback()
    this.#callbacks.add(entry)
    return () => {
      if (this.#callbacks.delete(entry) && this.#callbacks.size === 0) this.#end()
    }
  }

  #end(): void {
    if (watches.get(this.#signal) === this) watches.delete(this.#signal)
    this.#signal.removeEventListener('abort', this.#aborted)
  }
}

const watches = /* @__PURE__ */ new WeakMap<AbortSignal, Watch>()

/**
 * Calls back once the signal is aborted, until the returned function is called. If it is aborted already, nothing happens: ask `aborted`
 * first.
 *
 * One listener per signal, however many callbacks wait for it. Node walks through all listeners of a signal to add one, and Node 20 warns
 * of a leak at eleven.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  return (watches.get(signal) ?? new Watch(signal)).add(callback)
}

/** What a wait rejects with that was given up: the signal's reason. Safari before 15.4 has none. */
export function abortReason(signal: AbortSignal): unknown {
  if (signal.reason !== undefined) return signal.reason as unknown
  const message = 'the operation was aborted'
  if (typeof DOMException === 'function') return new DOMException(message, 'AbortError')
  return Object.assign(new Error(message), { name: 'AbortError' })
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortReason(signal)
}

interface Registration {
  readonly signal: AbortSignal
  readonly end: () => void
  stop: () => void
}

/**
 * Registrations that end with a signal, for an owner that can be at rest. At rest no signal holds anything of it, so a signal that lives
 * as long as the application does not keep connections that have ended.
 */
export class SignalRegistrations {
  readonly #all = new Set<Registration>()
  #resting = false

  /** `end` is called once the signal is aborted. Returns a function that makes the signal forget it. */
  add(signal: AbortSignal, end: () => void): () => void {
    const registration: Registration = { signal, end, stop: nothing }
    this.#all.add(registration)
    if (!this.#resting) this.#follow(registration)
    return () => {
      registration.stop()
      this.#all.delete(registration)
    }
  }

  /** At rest: signals are no longer listened to. */
  rest(): void {
    if (this.#resting) return
    this.#resting = true
    for (const registration of this.#all) registration.stop()
  }

  /** Listens to the signals again, and ends what was aborted meanwhile. */
  resume(): void {
    if (!this.#resting) return
    this.#resting = false
    for (const registration of this.#all) this.#follow(registration)
  }

  /** Ends what was aborted while nothing was listened to. */
  prune(): void {
    if (!this.#resting) return
    for (const registration of this.#all) if (registration.signal.aborted) this.#finish(registration)
  }

  #follow(registration: Registration): void {
    if (registration.signal.aborted) this.#finish(registration)
    else registration.stop = onAbort(registration.signal, () => this.#finish(registration))
  }

  #finish(registration: Registration): void {
    registration.stop()
    this.#all.delete(registration)
    registration.end()
  }
}

function nothing(): void {}
