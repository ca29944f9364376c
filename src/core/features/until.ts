import { onAbort } from '../abort-signals.js'
import { makeError } from '../errors.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, Part } from '../feature.js'
import type { ConnectionState } from '../status.types.js'

interface UntilTypes extends FeatureTypes {}
export interface UntilFeature extends Feature<'until', UntilTypes, never> {}

/** A signal that outlives the connection keeps nothing of it: once that has ended, it is not listened to. */
class Until implements Part {
  readonly #core: Core
  readonly #signal: AbortSignal
  #forget: (() => void) | undefined

  constructor(core: Core, signal: AbortSignal) {
    this.#core = core
    this.#signal = signal
  }

  onReady(): void {
    if (this.#signal.aborted) this.#core.command('CLOSE')
    else this.onState('idle')
  }

  onCommand(type: string): void {
    if (type === 'CLOSE' || !this.#signal.aborted) return
    throw makeError('ERR_ENDED', 'ended-aborted', [`${type.toLowerCase()}()`])
  }

  onState(state: ConnectionState): void {
    if (state !== 'ended') this.#forget ??= onAbort(this.#signal, () => this.#core.command('CLOSE', {}))
    else {
      this.#forget?.()
      this.#forget = undefined
    }
  }
}

/** Aborting the signal closes the connection for good. */
export const until = (signal: AbortSignal): UntilFeature => ({
  name: 'until',
  attach: (core) => new Until(core, signal),
})
