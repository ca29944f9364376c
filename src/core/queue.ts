import { makeError } from './errors.js'
import type { Core } from './core.js'
import type { Entry, Queue } from './feature.js'

/** Shared by empty queues; never pushed to. */
const none: Entry[] = []

/** The default queue, limited by a number of messages. `richQueue` replaces it. */
export class CountedQueue implements Queue {
  readonly #core: Core
  readonly #limit: number
  #entries = none
  #head = 0

  constructor(core: Core, limit: number) {
    this.#core = core
    this.#limit = limit
  }

  get size(): number {
    return this.#entries.length - this.#head
  }

  push(entry: Entry): 'queued' | 'dropped' {
    if (this.size >= this.#limit) {
      throw makeError('ERR_QUEUE_FULL', 'queue-count', [this.size])
    }
    if (this.#entries === none) this.#entries = [entry]
    else this.#entries.push(entry)
    return 'queued'
  }

  peek(): Entry | undefined {
    return this.#entries[this.#head]
  }

  shift(): void {
    this.#head++
    // Compacted once half is empty, so each entry is moved at most once on average.
    if (this.#head * 2 < this.#entries.length) return
    this.#entries = this.size === 0 ? none : this.#entries.slice(this.#head)
    this.#head = 0
  }

  take(which: (entry: Entry) => boolean): Entry[] {
    const taken = new Set(this.#entries.slice(this.#head).filter(which))
    if (taken.size > 0) {
      this.#entries = this.#entries.slice(this.#head).filter((entry) => !taken.has(entry))
      this.#head = 0
    }
    return [...taken]
  }

  clear(reason: string): void {
    for (let entry; (entry = this.peek()); this.shift()) this.#core.outgoing.drop(entry, reason)
  }
}
