import { onRejection } from './guards.js'
import { append } from './lists.js'

type Callback<T> = (value: T) => unknown

interface Entry<T> {
  /** `removed` once it is out. */
  callback: Callback<T>
}

const none: readonly never[] = []
/** Up to this many, a list is copied to add or to remove one: most lists hold one. */
const few = 8

/**
 * A set of callbacks in the order they came. Changing it never disturbs a dispatch that is under way: one that is added is called
 * from the next on, one that is removed is not called any more.
 *
 * Adding and removing cost the same however many there are. One that is removed stays in the array, as a function that does nothing,
 * until half of the array is like that; then the rest is copied.
 */
export class Listeners<T> {
  #entries: readonly Entry<T>[] = none
  #size = 0
  readonly #report: (thrown: unknown) => void

  /** `report` is given what a callback throws, or what the promise it returns rejects with; the next one runs all the same. */
  constructor(report: (thrown: unknown) => void) {
    this.#report = report
  }

  get size(): number {
    return this.#size
  }

  /** One function added twice is two registrations. Returns what removes this one. */
  add(callback: Callback<T>): () => void {
    const entry: Entry<T> = { callback }
    this.#size++
    // A dispatch knows how many there were when it began, so it does not reach what is pushed.
    if (this.#entries.length < few) this.#entries = append(this.#entries, entry)
    else (this.#entries as Entry<T>[]).push(entry)
    return () => this.#remove(entry)
  }

  emit(value: T): void {
    const entries = this.#entries
    const { length } = entries
    for (let index = 0; index < length; index++) this.#call(entries[index]!, value)
  }

  /** Asks for the value before each callback, because the one before may have changed it. `undefined` skips the callback. */
  emitCurrent(current: () => T | undefined): void {
    const entries = this.#entries
    const { length } = entries
    for (let index = 0; index < length; index++) {
      const value = current()
      if (value !== undefined) this.#call(entries[index]!, value)
    }
  }

  #call({ callback }: Entry<T>, value: T): void {
    try {
      const returned = callback(value)
      if (returned !== undefined) onRejection(returned, this.#report)
    } catch (thrown) {
      this.#report(thrown)
    }
  }

  #remove(entry: Entry<T>): void {
    if (entry.callback === removed) return
    entry.callback = removed
    this.#size--
    const { length } = this.#entries
    if (this.#size === 0) this.#entries = none
    // Into another array: a dispatch that is under way has this one.
    else if (length <= few || this.#size * 2 < length) this.#entries = this.#entries.filter(isPresent)
  }
}

function removed(): void {}

function isPresent({ callback }: Entry<never>): boolean {
  return callback !== removed
}
