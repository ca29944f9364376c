/** The latest of many names. A page may be open for weeks, and each attempt of each connection has a name of its own. */
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
    // Several at once: finding the oldest costs as much for one as for many.
    for (const oldest of this.#names) {
      if (this.#names.size <= Math.ceil(this.#most * 0.95)) return
      this.#names.delete(oldest)
    }
  }
}
