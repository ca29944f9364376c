/** The last so many of something, oldest first. */
export class Ring<T> {
  readonly #capacity: number
  #items: T[] = []
  /** How many there have ever been: what was added since one looked is told by the difference. */
  added = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  push(item: T): void {
    this.added++
    this.#items.push(item)
    // In one go, and not one by one: moving all that stays costs the same each time.
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

  /** From the first for which `is` holds on, and the one before it; `is` must hold for all that follow. */
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
