/** Milliseconds per slot: finer than the histogram, so the order within a slot does not matter. */
const slotWidth = 10

/**
 * When each client dials next. Each client has one entry, so two flat arrays suffice and no heap is needed.
 *
 * Within a slot the latest entry comes first.
 */
export class Calendar {
  readonly #due: Float64Array
  /** The next client in the same slot, or -1. */
  readonly #next: Int32Array
  /** The first client of each slot, or -1. */
  readonly #first: Int32Array
  #slot = 0

  constructor(clients: number, horizon: number) {
    this.#due = new Float64Array(clients)
    this.#next = new Int32Array(clients).fill(-1)
    this.#first = new Int32Array(Math.ceil(horizon / slotWidth)).fill(-1)
  }

  /** Whether the time can be scheduled: not beyond the horizon, nor `Infinity`. The client must have no other entry. */
  enter(client: number, due: number): boolean {
    const slot = Math.floor(due / slotWidth)
    if (!(slot < this.#first.length)) return false
    this.#due[client] = due
    this.#next[client] = this.#first[slot]!
    this.#first[slot] = client
    return true
  }

  /** The next client, or -1 if none is left. */
  take(): number {
    const { length } = this.#first
    while (this.#slot < length && this.#first[this.#slot] === -1) this.#slot++
    if (this.#slot === length) return -1
    const client = this.#first[this.#slot]!
    this.#first[this.#slot] = this.#next[client]!
    return client
  }

  /** When the last returned client was due, in milliseconds. */
  dueOf(client: number): number {
    return this.#due[client]!
  }
}
