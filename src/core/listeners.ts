import { onRejection } from './guards.js'
import { append } from './lists.js'

type Callback<T> = (value: T) => unknown

interface Entry<T> {
  /** `removed` after removal. */
  callback: Callback<T>
}

const none: readonly never[] = []
/** Up to this size, lists are copied on each change: most have one entry. */
const few = 8

/**
 * Callbacks in the order they were added. Changes during a dispatch are safe: an added callback is first called by the next dispatch, a
 * removed one is not called again.
 *
 * Adding and removing take amortized constant time: a removed entry stays in the array as a no-op until half of the entries are removed.
 */
export class Listeners<T> {
  #entries: readonly Entry<T>[] = none
  #size = 0
  readonly #report: (thrown: unknown) => void

  /** `report` receives the exceptions and rejections of callbacks; the next callback still runs. */
  constructor(report: (thrown: unknown) => void) {
    this.#report = report
  }

  get size(): number {
    return this.#size
  }

  /** Adds a callback and returns a function that removes it. A function can be added twice. */
  add(callback: Callback<T>): () => void {
    const entry: Entry<T> = { callback }
    this.#size++
    // A running dispatch stops at the initial length, so it doesn't reach pushed entries.
    if (this.#entries.length < few) this.#entries = append(this.#entries, entry)
    else (this.#entries as Entry<T>[]).push(entry)
    return () => this.#remove(entry)
  }

  emit(value: T): void {
    const entries = this.#entries
    const { length } = entries
    for (let index = 0; index < length; index++) this.#call(entries[index]!, value)
  }

  /** Computes the value before each callback, because the previous one may have changed it. `undefined` skips the callback. */
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
    // Into a new array: a running dispatch uses this one.
    else if (length <= few || this.#size * 2 < length) this.#entries = this.#entries.filter(isPresent)
  }
}

function removed(): void {}

function isPresent({ callback }: Entry<never>): boolean {
  return callback !== removed
}
