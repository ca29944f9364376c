import type { EngineTimers } from '../../../../src/core/engine/engine.types.js'

/** The delays of the chart. A delay modulo 16 is its index here, so a timer reveals its name. */
export const delayNames = [
  'wait',
  'connectTimeout',
  'closeTimeout',
  'stableAfter',
  'checkInterval',
  'timeout',
  'probe',
  'grace',
] as const

export type DelayName = (typeof delayNames)[number]

/** A delay of about this many milliseconds from which its name can be recovered. */
export const delayOf = (name: DelayName, about: number): number => about * 16 + delayNames.indexOf(name)

interface Timer {
  readonly number: number
  readonly name: string
  readonly delay: number
  readonly due: number
  readonly run: () => void
}

/** Manual timers that record each operation. */
export class StepClock implements EngineTimers {
  readonly #log: string[]
  #now = 0
  #made = 0
  #waiting: readonly Timer[] = []

  constructor(log: string[]) {
    this.#log = log
  }

  setTimeout(run: () => void, delay: number): number {
    const number = ++this.#made
    const name = delayNames[delay % 16] ?? 'for ever'
    this.#log.push(`set ${name} ${delay} as ${number}`)
    this.#waiting = [...this.#waiting, { number, name, delay, due: this.#now + delay, run }].toSorted(
      (one, other) => one.due - other.due || one.number - other.number,
    )
    return number
  }

  clearTimeout(number: unknown): void {
    this.#log.push(`clear ${String(number)}`)
    this.#waiting = this.#waiting.filter((timer) => timer.number !== number)
  }

  /** The name of the next timer; of two at the same time, the one set first. */
  get next(): string | undefined {
    const [timer] = this.#waiting
    return timer === undefined || timer.due === Infinity ? undefined : timer.name
  }

  /** Runs a timer: the next, or the next with this name. */
  fire(name = this.next): void {
    const timer = this.#waiting.find((each) => each.name === name)
    if (timer === undefined) return
    this.#now = Math.max(this.#now, timer.due)
    this.#waiting = this.#waiting.filter((each) => each !== timer)
    timer.run()
  }

  has(name: string): boolean {
    return this.#waiting.some((timer) => timer.name === name)
  }

  get pending(): string {
    return this.#waiting.map(({ name, due }) => `${name} in ${due - this.#now}`).join()
  }
}
