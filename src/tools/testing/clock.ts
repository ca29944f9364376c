import type { Clock } from '../../core/time/timers.js'

interface Entry {
  readonly id: number
  readonly at: number
  readonly callback: () => void
}

/** Time that stands still until it is told to go on; timers set by timers run in order too, each at its own time. */
export class TestClock implements Clock {
  readonly #epoch: number
  #now = 0
  #sleep = 0
  #next = 1
  #entries: Entry[] = []

  /** `epoch`: what `wall()` says at the start. @default 2000-01-01 */
  constructor({ epoch = Date.UTC(2000) }: { epoch?: number | undefined } = {}) {
    this.#epoch = epoch
  }

  /** Reactive state takes it for an object of the platform, and leaves it as it is. */
  get [Symbol.toStringTag](): string {
    return 'TestClock'
  }

  now(): number {
    return this.#now
  }

  wall(): number {
    return this.#epoch + this.#now + this.#sleep
  }

  setTimeout(callback: () => void, delay: number): unknown {
    const id = this.#next++
    // As a runtime does it: a delay that is too long, negative or no number fires at once.
    const wait = delay >= 1 && delay < 2 ** 31 ? delay : 1
    this.#entries.push({ id, at: this.#now + (delay === 0 ? 0 : wait), callback })
    return id
  }

  clearTimeout(handle: unknown): void {
    this.#entries = this.#entries.filter(({ id }) => id !== handle)
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#entries.length
  }

  /** When the next timer is due, from now; `undefined`: none waits. */
  get next(): number | undefined {
    const entry = this.#first()
    return entry && Math.max(0, entry.at - this.#now)
  }

  /** Lets time pass, and with each timer lets promises settle. */
  async advance(by: number): Promise<void> {
    const until = this.#now + by
    await settle()
    for (let entry = this.#first(); entry && entry.at <= until; entry = this.#first()) {
      this.#fire(entry, Math.max(this.#now, entry.at))
      await settle()
    }
    // A callback may have blocked for longer than that.
    this.#now = Math.max(this.#now, until)
  }

  /** Lets time pass in one go; promises do not settle on the way. */
  advanceSync(by: number): void {
    const until = this.#now + by
    for (let entry = this.#first(); entry && entry.at <= until; entry = this.#first()) {
      this.#fire(entry, Math.max(this.#now, entry.at))
    }
    this.#now = Math.max(this.#now, until)
  }

  /** The event loop is blocked: time passes and no timer runs until it is over; then those that were due run, late. */
  block(by: number): void {
    this.#now += by
  }

  /** The machine sleeps and its monotonic clock with it: only `wall()` goes on. */
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

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}
