import { IdleCuts } from './idle-cut-pattern.js'
import type { ConnectionError } from '../errors.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, LinkEnd, Part } from '../feature.js'

interface IdleCutsTypes extends FeatureTypes {}
/** The type of `idleCuts()`. */
export interface IdleCutsFeature extends Feature<'idleCuts', IdleCutsTypes, never> {}

class IdleCutWatch implements Part {
  readonly #core: Core
  /** Created lazily; most links end in other ways. */
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
    // Only links that this side did not end count.
    if (close === undefined || openedAt === undefined) return {}
    const { timers, received, heartbeat } = this.#core
    const link = { close, lasted: timers.now() - openedAt, frames: received - this.#framesAtOpen, pinged }
    const error = (this.#cuts ??= new IdleCuts()).ended(link, heartbeat)
    return error === undefined ? {} : { error }
  }
}

/** Adds `ERR_IDLE_CUT` to the `close` event when several links in a row are cut after about the same time without traffic. */
export const idleCuts = (): IdleCutsFeature => ({ name: 'idleCuts', attach: (core) => new IdleCutWatch(core) })
