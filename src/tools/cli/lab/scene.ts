import type { LabFault } from './faults.js'
import { seconds } from '../status/ending.js'
import type { Happening } from '../status/journal.js'
import type { Rig } from './rig.js'
import { settings } from './settings.js'

/** What was to happen has not happened. */
export class Missed extends Error {
  override readonly name = 'Missed'
}

export type Opened = Extract<Happening, { what: 'open' }>
export type Ended = Exclude<Happening, { what: 'open' }>

/** What a stage of the tour plays with: the rig, and one deadline from the strike to the recovery. */
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

  /** Waits until failures are forgotten and every message is back, so that stages do not see each other. */
  async settled(): Promise<void> {
    const { connection, ledger } = this.rig
    // The link has to last for a while, which is not to be counted.
    this.#began = this.rig.now() + settings.stableAfter
    await this.until('the link was not stable', () => {
      const { status } = connection
      return status.state === 'open' && status.stable && ledger.away === 0 ? true : undefined
    })
  }

  /** Lets it go wrong; time counts from here. */
  async strike(fault: LabFault): Promise<void> {
    this.#began = this.rig.now()
    await this.rig.strike(fault)
  }

  async heal(): Promise<void> {
    await this.rig.heal()
  }

  async pause(ms: number): Promise<void> {
    await this.rig.until(() => undefined, ms, this.#signal)
  }

  /** Milliseconds from the strike to this happening. */
  after({ at }: Happening): number {
    return at - this.#began
  }

  /** What is found before the deadline; what `otherwise` says, if nothing is. */
  async until<T>(otherwise: string, find: () => T | undefined): Promise<T> {
    const left = this.#began + this.#deadline - this.rig.now()
    const found = await this.rig.until(find, Math.max(0, left), this.#signal)
    if (found === undefined) throw new Missed(`${otherwise} within ${seconds(this.#deadline)}`)
    return found
  }

  /** Links and attempts that ended since the strike. */
  get ended(): Ended[] {
    return this.rig.since(this.#began).filter((each) => each.what !== 'open')
  }

  /** The first end since the strike that `matches`. */
  async noticed(otherwise: string, matches: (ended: Ended) => boolean): Promise<Ended> {
    return this.until(otherwise, () => this.ended.find(matches))
  }

  /** The link that came after that. */
  async openAfter({ at }: { readonly at: number }): Promise<Opened> {
    return this.until('there was no open link', () => this.rig.since(at).find((each) => each.what === 'open'))
  }
}

/** A promise that was not kept ends the stage. */
export function expect(kept: boolean, otherwise: string): asserts kept {
  if (!kept) throw new Missed(otherwise)
}
