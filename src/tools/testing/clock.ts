import type { Clock } from '../../core/time/timers.js'

interface Entry {
  readonly id: number
  readonly at: number
  readonly callback: () => void
}

/**
 * A manual clock: time passes only when you call `advance`, `advanceSync`, `block` or `sleep`. Timers set by timers run
 * in order, each at its own time. All times are in milliseconds.
 */
export class TestClock implements Clock {
  readonly #epoch: number
  #now = 0
  #sleep = 0
  #next = 1
  #entries: Entry[] = []

  /** `epoch`: the initial value of `wall()`, in milliseconds since 1970. @default 2000-01-01 */
  constructor({ epoch = Date.UTC(2000) }: { epoch?: number | undefined } = {}) {
    this.#epoch = epoch
  }

  /** A tag, so that reactive frameworks treat it as a platform object and do not wrap it. */
  get [Symbol.toStringTag](): string {
    return 'TestClock'
  }

  /** Monotonic time. Milliseconds since the clock was created. */
  now(): number {
    return this.#now
  }

  /** Wall-clock time. Milliseconds since 1970. */
  wall(): number {
    return this.#epoch + this.#now + this.#sleep
  }

  setTimeout(callback: () => void, delay: number): unknown {
    const id = this.#next++
    // As in a runtime: a delay that is too long, negative or not a number is 1 ms.
    const wait = delay >= 1 && delay < 2 ** 31 ? delay : 1
    this.#entries.push({ id, at: this.#now + (delay === 0 ? 0 : wait), callback })
    return id
  }

  clearTimeout(handle: unknown): void {
    this.#entries = this.#entries.filter(({ id }) => id !== handle)
  }

  /** The number of pending timers. */
  get pending(): number {
    return this.#entries.length
  }

  /** Milliseconds until the next timer; `undefined` if there is none. */
  get next(): number | undefined {
    const entry = this.#first()
    return entry && Math.max(0, entry.at - this.#now)
  }

  /** Advances the time by `by` milliseconds, fires the timers that are due, and lets promises settle after each. */
  async advance(by: number): Promise<void> {
    const until = this.#now + by
    await settle()
    for (let entry = this.#first(); entry && entry.at <= until; entry = this.#first()) {
      this.#fire(entry, Math.max(this.#now, entry.at))
      await settle()
    }
    // A callback may have blocked for longer.
    this.#now = Math.max(this.#now, until)
  }

  /** Advances the time and fires timers synchronously. Promises don't settle in between. */
  advanceSync(by: number): void {
    const until = this.#now + by
    for (let entry = this.#first(); entry && entry.at <= until; entry = this.#first()) {
      this.#fire(entry, Math.max(this.#now, entry.at))
    }
    this.#now = Math.max(this.#now, until)
  }

  /**
   * Simulates a blocked event loop: time passes without firing timers. Those that became due fire late, on the next
   * advance.
   */
  block(by: number): void {
    this.#now += by
  }

  /** Simulates a suspended machine whose monotonic clock stops: only `wall()` advances. */
  sleep(by: number): void {
    this.#sleep += by
  }

  #first(): Entry | undefined {
    let first: Entry | undefined
    for (const entry of this.#entries) {
      if (first === undefined || entry.at < first.at || (entry.at === first.at && entry.id < first.id)) first = entry
    }
    return first
  }

  #fire(entry: Entry, at: number): void {
    this.#entries = this.#entries.filter((each) => each !== entry)
    this.#now = at
    entry.callback()
  }
}

/** Lets pending promise chains settle, up to 20 microtasks deep. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}
