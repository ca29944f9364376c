import { print } from '../complain.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, LinkEnd, Part } from '../feature.js'
import type { ConnectionError } from '../errors.js'
import { failureToReader } from './promises.js'

interface ComplaintTypes extends FeatureTypes {}
/** The type of `complaint()`. */
export interface ComplaintFeature extends Feature<'complaint', ComplaintTypes, never> {}

class Complaint implements Part {
  readonly #core: Core
  #neverOpen = true
  #complained = false
  #error: ConnectionError | undefined

  constructor(core: Core) {
    this.#core = core
  }

  onLinked(): void {
    this.#neverOpen = false
  }

  onEnd({ attempt }: LinkEnd): undefined {
    this.#error = attempt.failure?.error
  }

  onState(state: string): void {
    const { events } = this.#core
    if (state === 'ended' && this.#neverOpen && !events.has('close') && !events.has('error')) {
      this.#core.schedule(() => this.#complain())
    }
  }

  #complain(): void {
    const refusal = failureToReader(this.#core, 'createConnection()')
    // A listener may have reopened it.
    if (refusal === undefined || this.#complained || this.#core.status.state !== 'ended') return
    this.#complained = true
    print(this.#error ?? refusal)
  }
}

/**
 * Prints the reason with `console.error` if a connection ends without ever opening and has no `close` or `error` listener, so a
 * broken program doesn't exit silently.
 */
export const complaint = (): ComplaintFeature => ({ name: 'complaint', attach: (core) => new Complaint(core) })
