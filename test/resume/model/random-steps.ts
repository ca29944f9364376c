/**
 * What is to happen, one step at a time and in random order: each step of a model is atomic, and any step that is due may be next. The
 * same seed gives the same order.
 */
export class RandomSteps {
  #state: number
  readonly #due: (() => void)[] = []

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** From 0 up to 1: mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!
  }

  later(step: () => void): void {
    this.#due.push(step)
  }

  get isIdle(): boolean {
    return this.#due.length === 0
  }

  /** Runs one of the steps that are due. */
  run(): void {
    const at = Math.floor(this.next() * this.#due.length)
    const step = this.#due[at]!
    // The order of the rest doesn't matter.
    this.#due[at] = this.#due.at(-1)!
    this.#due.pop()
    step()
  }
}
