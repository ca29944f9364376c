import { IdleCuts } from './idle-cut-pattern.js'
import type { ConnectionError } from '../errors.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, LinkEnd, Part } from '../feature.js'

interface IdleCutsTypes extends FeatureTypes {}
export interface IdleCutsFeature extends Feature<'idleCuts', IdleCutsTypes, never> {}

class IdleCutWatch implements Part {
  readonly #core: Core
  /** Most links end in other ways. */
  #cuts: IdleCuts | undefined
  #openedAt: number | undefined
  #framesAtOpen = 0

  constructor(core: Core) {
    this.#core = core
  }

  onLinked(): void {
    this.#openedAt = this.#core.timers.now()
    this.#framesAtOpen = this.#core.received
  }

  onEnd({ attempt: { close, pinged } }: LinkEnd): { error?: ConnectionError } {
    const openedAt = this.#openedAt
    this.#openedAt = undefined
    // Only a link that has ended by itself shows it.
    if (close === undefined || openedAt === undefined) return {}
    const { timers, received, heartbeat } = this.#core
    const link = { close, lasted: timers.now() - openedAt, frames: received - this.#framesAtOpen, pinged }
    const error = (this.#cuts ??= new IdleCuts()).ended(link, heartbeat)
    return error === undefined ? {} : { error }
  }
}

/** Says so (`ERR_IDLE_CUT`) when link after link is cut after about the same time without traffic. */
export const idleCuts = (): IdleCutsFeature => ({ name: 'idleCuts', attach: (core) => new IdleCutWatch(core) })
