/** All callbacks of one signal, which has one listener for them. */
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
    // Wrapped, so the same callback can be added twice.
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
 * Calls `callback` when the signal aborts, unless the returned function is called first. If the signal has already aborted, it does nothing:
 * check `aborted` before.
 *
 * Adds one listener per signal for all callbacks: in Node, adding a listener takes time linear in their number, and Node 20 warns of a leak
 * at eleven.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  return (watches.get(signal) ?? new Watch(signal)).add(callback)
}

/** The rejection of an aborted wait: the signal's reason, or an `AbortError` in Safari before 15.4, which has no reasons. */
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
 * Registrations that end with a signal, for an owner that can pause. While paused, no signal references the owner, so long-lived signals
 * don't keep ended connections in memory.
 */
export class SignalRegistrations {
  readonly #all = new Set<Registration>()
  #resting = false

  /** Calls `end` when the signal aborts. Returns a function that removes the registration. */
  add(signal: AbortSignal, end: () => void): () => void {
    const registration: Registration = { signal, end, stop: nothing }
    this.#all.add(registration)
    if (!this.#resting) this.#follow(registration)
    return () => {
      registration.stop()
      this.#all.delete(registration)
    }
  }

  /** Stops observing the signals. */
  rest(): void {
    if (this.#resting) return
    this.#resting = true
    for (const registration of this.#all) registration.stop()
  }

  /** Observes the signals again, and ends registrations whose signal has aborted meanwhile. */
  resume(): void {
    if (!this.#resting) return
    this.#resting = false
    for (const registration of this.#all) this.#follow(registration)
  }

  /** While paused, ends registrations whose signal has aborted. */
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
