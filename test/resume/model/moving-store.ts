import type { MovingRules } from './moving-rules.js'
import type { RandomSteps } from './random-steps.js'

/** What the store keeps of the session. */
export interface Meta {
  generation: number
  owner: string
  /** The last message that was handled. */
  handled: number
}

/** A node, as far as its way to the store goes. */
export interface StoreUser {
  readonly isDead: boolean
  readonly isCutOff: boolean
}

/** The store. Each call is due, then has its effect, and is then answered; calls overtake each other. */
export class MovingStore {
  readonly #steps: RandomSteps
  readonly #rules: MovingRules
  #meta: Meta = { generation: 0, owner: '', handled: 0 }
  #version = 0

  constructor(steps: RandomSteps, rules: MovingRules) {
    this.#steps = steps
    this.#rules = rules
  }

  get meta(): Readonly<Meta> {
    return this.#meta
  }

  /** What a node that dies has asked for may still happen; it gets no answer. */
  call<T>(user: StoreUser, change: (meta: Meta) => T, answered: (answer: T) => void): void {
    const answer = (value: T): void =>
      this.#steps.later(() => {
        if (user.isDead) return
        if (user.isCutOff) answer(value)
        else answered(value)
      })
    const begin = (): void =>
      this.#steps.later(() => {
        if (user.isCutOff) return begin()
        const [meta, version] = [{ ...this.#meta }, this.#version]
        const value = change(meta)
        const write = (): void => {
          if (version !== this.#version && this.#rules.compareAndSet) return begin()
          this.#version++
          this.#meta = meta
          answer(value)
        }
        if (this.#rules.twoSteps) this.#steps.later(write)
        else write()
      })
    begin()
  }
}
