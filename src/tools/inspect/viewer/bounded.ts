import type { Fields } from './message.js'

// Collections that forget their oldest entries: a page may stay open for weeks.

/** The newest items, oldest first. */
export class Ring<T> {
  readonly #capacity: number
  #items: T[] = []
  /** How many items were ever added. */
  added = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  push(item: T): void {
    this.added++
    this.#items.push(item)
    // In batches: moving the rest costs the same for one as for many.
    if (this.#items.length >= this.#capacity * 2) this.#items = this.#items.slice(-this.#capacity)
  }

  get length(): number {
    return Math.min(this.#items.length, this.#capacity)
  }

  at(index: number): T | undefined {
    if (index >= this.length || index < -this.length) return undefined
    return index < 0 ? this.#items.at(index) : this.#items[this.#items.length - this.length + index]
  }

  get last(): T | undefined {
    return this.#items.at(-1)
  }

  /** All items from the first that `is` accepts, and the item before it. `is` must accept every later item too. */
  from(is: (item: T) => boolean): { readonly before: T | undefined; readonly items: T[] } {
    const start = this.#items.length - this.length
    let [low, high] = [start, this.#items.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (is(this.#items[middle]!)) high = middle
      else low = middle + 1
    }
    return { before: low > start ? this.#items[low - 1] : undefined, items: this.#items.slice(low) }
  }

  toArray(): T[] {
    return this.#items.slice(-this.#capacity)
  }
}

/** The newest names of a stream of names, such as the id of every attempt. */
export class Latest {
  readonly #names = new Set<string>()
  readonly #most: number

  constructor(most = 20_000) {
    this.#most = most
  }

  get size(): number {
    return this.#names.size
  }

  has(name: string): boolean {
    return this.#names.has(name)
  }

  add(name: string): void {
    this.#names.add(name)
    if (this.#names.size <= this.#most) return
    // In batches, like `Ring`.
    for (const oldest of this.#names) {
      if (this.#names.size <= Math.ceil(this.#most * 0.95)) return
      this.#names.delete(oldest)
    }
  }
}

/** Limits of a tape: messages, and their total size in characters, roughly. */
const mostMessages = 50_000
const mostText = 67_108_864

/** The newest messages, oldest first, for saving as a recording. */
export class Tape {
  #messages: { readonly message: Fields; readonly size: number }[] = []
  #size = 0
  #first = 0

  get length(): number {
    return this.#messages.length - this.#first
  }

  push(message: Fields, size: number): void {
    this.#messages.push({ message, size })
    this.#size += size
    while (this.length > mostMessages || (this.#size > mostText && this.length > 1)) {
      this.#size -= this.#messages[this.#first++]!.size
    }
    // In batches, like `Ring`.
    if (this.#first <= this.#messages.length / 2) return
    this.#messages = this.#messages.slice(this.#first)
    this.#first = 0
  }

  toArray(): Fields[] {
    return this.#messages.slice(this.#first).map(({ message }) => message)
  }
}
