import type { OutgoingRules } from './outgoing-rules.js'
import type { RandomSteps } from './random-steps.js'

export interface Row {
  readonly number: number
  readonly data: string
}

/** The messages to the client, as a store keeps them. `answered` is called in a later step. */
export interface Log {
  append(data: string, answered: (number: number) => void): void
  range(after: number, limit: number, answered: (rows: readonly Row[]) => void): void
  trim(upTo: number): void
}

/** Redis: a call is one step. The data is the key too. */
export class AtomicLog implements Log {
  readonly #steps: RandomSteps
  readonly #rules: OutgoingRules
  readonly #numbers = new Map<string, number>()
  #rows: Row[] = []
  #tail = 0

  constructor(steps: RandomSteps, rules: OutgoingRules) {
    this.#steps = steps
    this.#rules = rules
  }

  append(data: string, answered: (number: number) => void): void {
    const { keys, numberAtomically } = this.#rules
    const add = (number: number): void => {
      this.#tail = number
      this.#numbers.set(data, number)
      this.#rows.push({ number, data })
      this.#steps.later(() => answered(number))
    }
    this.#steps.later(() => {
      const known = keys ? this.#numbers.get(data) : undefined
      const number = this.#tail + 1
      if (known !== undefined) this.#steps.later(() => answered(known))
      else if (numberAtomically) add(number)
      else this.#steps.later(() => add(number))
    })
  }

  range(after: number, limit: number, answered: (rows: readonly Row[]) => void): void {
    this.#steps.later(() => {
      const rows = this.#rows.filter(({ number }) => number > after).slice(0, limit)
      this.#steps.later(() => answered(rows))
    })
  }

  trim(upTo: number): void {
    this.#steps.later(() => (this.#rows = this.#rows.filter(({ number }) => number > upTo)))
  }
}

interface StreamRow extends Row {
  /** Of the stream, which all sessions share. */
  readonly sequence: number
}

/** JetStream: an append reads the last message, chooses a number, and adds the message if the last one is still the last. */
export class StreamLog implements Log {
  readonly #steps: RandomSteps
  readonly #rules: OutgoingRules
  readonly #ids = new Map<string, number>()
  #rows: StreamRow[] = []
  #sequence = 0

  constructor(steps: RandomSteps, rules: OutgoingRules) {
    this.#steps = steps
    this.#rules = rules
  }

  append(data: string, answered: (number: number) => void): void {
    this.#readLast((number, sequence) => this.#publish(data, number + 1, sequence, answered))
  }

  #readLast(then: (number: number, sequence: number) => void): void {
    this.#steps.later(() => {
      const { number, sequence } = this.#rows.at(-1) ?? { number: 0, sequence: 0 }
      this.#steps.later(() => then(number, sequence))
    })
  }

  #publish(data: string, number: number, expected: number, answered: (number: number) => void): void {
    const { keys, expectLast, renumber } = this.#rules
    this.#steps.later(() => {
      const known = keys ? this.#ids.get(data) : undefined
      if (known !== undefined) return this.#steps.later(() => answered(known))
      if (expectLast && (this.#rows.at(-1)?.sequence ?? 0) !== expected) {
        return this.#readLast((last, sequence) => this.#publish(data, renumber ? last + 1 : number, sequence, answered))
      }
      // Other sessions add to the same stream.
      this.#sequence += 1 + Math.floor(this.#steps.next() * 3)
      this.#ids.set(data, number)
      this.#rows.push({ number, data, sequence: this.#sequence })
      this.#steps.later(() => answered(number))
    })
  }

  range(after: number, limit: number, answered: (rows: readonly Row[]) => void): void {
    this.#steps.later(() => {
      const rows = this.#rows.filter(({ number }) => number > after).slice(0, limit)
      this.#steps.later(() => answered(rows))
    })
  }

  trim(upTo: number): void {
    this.#steps.later(() => {
      const last = this.#rules.keepLast ? this.#rows.at(-1) : undefined
      this.#rows = this.#rows.filter((row) => row.number > upTo || row === last)
    })
  }
}
