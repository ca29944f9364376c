const nothing = (): void => {}

/** A set of callbacks in the order they came. Changing it never disturbs a dispatch that is under way. */
export class Listeners<T> {
  #callbacks: readonly ((value: T) => unknown)[] = []
  readonly #report: (thrown: unknown) => void

  /** `report` hears what a callback throws, or what the promise it returns rejects with; the next one runs all the same. */
  constructor(report: (thrown: unknown) => void) {
    this.#report = report
  }

  get size(): number {
    return this.#callbacks.length
  }

  add(callback: (value: T) => unknown): () => void {
    // Wrapped, so that one function added twice is two registrations, each with its own way out.
    let current = callback
    const entry = (value: T): unknown => current(value)
    this.#callbacks = [...this.#callbacks, entry]
    return () => {
      // A dispatch that is under way has the old list.
      current = nothing
      this.#callbacks = this.#callbacks.filter((each) => each !== entry)
    }
  }

  emit(value: T): void {
    const callbacks = this.#callbacks
    for (let index = 0; index < callbacks.length; index++) this.#call(callbacks[index]!, value)
  }

  /** Asks for the value before each callback, because the one before may have changed it. `undefined` skips the callback. */
  emitCurrent(current: () => T | undefined): void {
    for (const callback of this.#callbacks) {
      const value = current()
      if (value !== undefined) this.#call(callback, value)
    }
  }

  #call(callback: (value: T) => unknown, value: T): void {
    try {
      const returned = callback(value)
      if (returned instanceof Promise) returned.catch(this.#report)
    } catch (thrown) {
      this.#report(thrown)
    }
  }
}
