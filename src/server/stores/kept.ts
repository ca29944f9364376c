import type { Payload } from './store.js'

export const sizeOf = (data: Payload): number => (typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength)

const none: Payload[] = []

/** Messages with consecutive numbers from 1, kept until they are dropped from the front. An empty one has no array of its own. */
export class KeptMessages {
  /** The number of the last message ever added. */
  tail = 0
  bytes = 0
  /** Those before `#head` are dropped already. */
  #messages = none
  #head = 0

  /** The number of the oldest message; `tail + 1` if there is none. */
  get first(): number {
    return this.tail + 1 - this.count
  }

  get count(): number {
    return this.#messages.length - this.#head
  }

  /** Returns the number of the message. Copies binary data, which the caller may reuse. */
  add(data: Payload): number {
    if (this.#messages === none) this.#messages = []
    this.#messages.push(typeof data === 'string' ? data : new Uint8Array(data))
    this.bytes += sizeOf(data)
    return ++this.tail
  }

  after(number: number, limit: number): [number, Payload][] {
    const rows: [number, Payload][] = []
    const { first } = this
    for (let at = Math.max(first, number + 1); at <= this.tail && rows.length < limit; at++)
      rows.push([at, this.#messages[this.#head + at - first]!])
    return rows
  }

  /** Drops the messages up to this number. */
  drop(upTo: number): void {
    for (let left = Math.min(upTo, this.tail) + 1 - this.first; left > 0; left--) {
      this.bytes -= sizeOf(this.#messages[this.#head]!)
      this.#messages[this.#head++] = ''
    }
    if (this.#head === this.#messages.length) this.#messages = none
    // Moved when at least half is free, so the cost per message is constant.
    else if (this.#head * 2 >= this.#messages.length) this.#messages = this.#messages.slice(this.#head)
    else return
    this.#head = 0
  }
}

/** The numbers of messages by key, each remembered for the same time. */
export class KeptKeys {
  /** The oldest first. */
  readonly #keys = new Map<string, { readonly number: number; readonly until: number }>()

  get(key: string, now: number): number | undefined {
    this.forget(now)
    return this.#keys.get(key)?.number
  }

  set(key: string, number: number, until: number): void {
    this.#keys.set(key, { number, until })
  }

  /** Returns whether any are left. */
  forget(now: number): boolean {
    for (const [key, { until }] of this.#keys) {
      if (until > now) return true
      this.#keys.delete(key)
    }
    return false
  }
}
