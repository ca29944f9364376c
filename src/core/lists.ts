/**
 * A copy with one more item and no spare capacity: in an array made by spreading or pushing, V8 reserves room for up to sixteen
 * more.
 */
export const append = <T>(list: readonly T[], last: T): readonly T[] =>
  list.length === 0 ? [last] : list.concat([last])

/** A first-in, first-out queue with amortized constant cost. */
export class Fifo<T> {
  #items: (T | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#head]
    if (this.size === 0) return undefined
    this.#items[this.#head++] = undefined
    // Compacted once half is empty, so each item is moved at most once on average.
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
