import { setTimeout as sleep } from 'node:timers/promises'
import type { HammerNode } from './nodes.js'

/** Messages of one session per order, and how many may be appended and not received. */
const [portion, most] = [100, 2_000]

/** Sends to one session from random nodes, with a key per message, until each is appended. */
export class Appender {
  /** The value of each message that was appended, by its number in the session. */
  readonly appended = new Map<number, number>()
  received = 0
  readonly #total: number
  readonly #pick: () => HammerNode
  #id: string | undefined
  #next = 1
  #pending: number[] = []
  isDone = false
  isStopped = false

  constructor(total: number, pick: () => HammerNode) {
    this.#total = total
    this.#pick = pick
  }

  /** The client has a session, the first or after a lost one. Of the messages, it has received those up to `received`. */
  begun(id: string, received: number): void {
    const isFirst = this.#id === undefined
    this.#id = id
    this.received = received
    if (isFirst) return void this.#run()
    // What the lost session had is gone: the app sends what follows the last that was received.
    this.appended.clear()
    this.#pending = []
    this.#next = received + 1
    this.isDone = false
  }

  async #run(): Promise<void> {
    while (!this.isStopped) {
      const id = this.#id!
      while (this.#pending.length < portion && this.#next <= this.#total && this.#next - this.received < most)
        this.#pending.push(this.#next++)
      const values = this.#pending.slice(0, portion)
      if (values.length === 0) {
        this.isDone = this.#next > this.#total
        await sleep(20)
        continue
      }
      const answer = await this.#pick().append(id, values)
      if (id !== this.#id) continue
      const done = new Set<number>()
      for (const [at, number] of answer?.numbers.entries() ?? []) {
        if (number === 0) continue
        this.appended.set(number, values[at]!)
        done.add(values[at]!)
      }
      this.#pending = this.#pending.filter((value) => !done.has(value))
      if (done.size < values.length) await sleep(50)
    }
  }
}
