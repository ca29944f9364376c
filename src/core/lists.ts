/** A longer list that has room for no more: in an array that is spread into or pushed to, V8 keeps room for sixteen more. */
export const append = <T>(list: readonly T[], last: T): readonly T[] =>
  list.length === 0 ? [last] : list.concat([last])

/** First in, first out, at the same cost however many wait. */
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
    // Cut off once it is the larger half, so that each item is moved at most once on average.
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
