import type { LabFault } from './faults.js'
import { seconds } from '../status/ending.js'
import type { Happening } from '../status/journal.js'
import type { Rig } from './rig.js'
import { settings } from './settings.js'
import type { Traffic } from './traffic.js'

/** Thrown when an expected event did not happen in time. */
export class Missed extends Error {
  override readonly name = 'Missed'
}

export type Opened = Extract<Happening, { what: 'open' }>
export type Ended = Exclude<Happening, { what: 'open' }>

/** What a stage of the tour works with: the rig, and a deadline from the fault to the recovery. */
export class Scene {
  readonly rig: Rig
  readonly #deadline: number
  readonly #signal: AbortSignal
  #began = 0

  /** `deadline` in milliseconds. */
  constructor(rig: Rig, deadline: number, signal: AbortSignal) {
    this.rig = rig
    this.#deadline = deadline
    this.#signal = signal
  }

  /** Waits until failures are forgotten and every echo is back, so that stages are independent. */
  async settled(): Promise<void> {
    const { connection, ledger } = this.rig
    // The time that stability takes does not count.
    this.#began = this.rig.now() + settings.stableAfter
    await this.until('the link was not stable', () => {
      const { status } = connection
      return status.state === 'open' && status.stable && ledger.inFlight === 0 ? true : undefined
    })
  }

  /** Times and the deadline count from here. */
  begin(): void {
    this.#began = this.rig.now()
  }

  /** Injects a fault. Times count from here. */
  async inject(fault: LabFault): Promise<void> {
    this.begin()
    await this.rig.inject(fault)
  }

  async heal(): Promise<void> {
    await this.rig.heal()
  }

  async pause(ms: number): Promise<void> {
    await this.rig.until(() => undefined, ms, this.#signal)
  }

  /** Milliseconds from the fault to this event. */
  after({ at }: Happening): number {
    return at - this.#began
  }

  /** Waits until `find` returns a value after a change of `traffic`. Throws `Missed` with `otherwise` at the deadline. */
  async until<T>(otherwise: string, find: () => T | undefined, traffic: Traffic = this.rig): Promise<T> {
    const left = this.#began + this.#deadline - this.rig.now()
    const found = await traffic.until(find, Math.max(0, left), this.#signal)
    if (found === undefined) throw new Missed(`${otherwise} within ${seconds(this.#deadline)}`)
    return found
  }

  /** Links and attempts that ended since the fault. */
  get ended(): Ended[] {
    return this.rig.since(this.#began).filter((each) => each.what !== 'open')
  }

  /** Waits for the first end since the fault that `matches`. */
  async noticed(otherwise: string, matches: (ended: Ended) => boolean): Promise<Ended> {
    return this.until(otherwise, () => this.ended.find(matches))
  }

  /** Waits for the next open link after that event. */
  async openAfter({ at }: { readonly at: number }): Promise<Opened> {
    return this.until('no link opened', () => this.rig.since(at).find((each) => each.what === 'open'))
  }
}

/** Throws `Missed` with `otherwise` unless the condition is true. */
export function expect(isTrue: boolean, otherwise: string): asserts isTrue {
  if (!isTrue) throw new Missed(otherwise)
}
