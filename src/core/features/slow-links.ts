import { PatienceFactor } from './patience.js'
import type { Socket, Throughput } from '../transport.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, LinkEnd, Part, Patience } from '../feature.js'

interface SlowLinksTypes extends FeatureTypes {}
export interface SlowLinksFeature extends Feature<'slowLinks', SlowLinksTypes, never> {}

/**
 * Whether bytes still move on a link whose answer is overdue: a message that takes longer than the heartbeat allows is slow, not lost.
 *
 * Bytes written count only if some were waiting. A system goes on taking what it can buffer long after the link has died; once its
 * buffer is full it takes more only when the peer has acknowledged what came before.
 */
class SlowLinks implements Part, Patience {
  readonly #core: Core
  readonly #factor = new PatienceFactor()
  /** How far the socket was when it was last watched. `undefined`: it does not say. */
  #last: Throughput | undefined

  constructor(core: Core) {
    this.#core = core
  }

  get patience(): this {
    return this
  }

  get factor(): number {
    return this.#factor.value
  }

  watch(): void {
    this.#last = this.#socket?.throughput?.()
  }

  /** Where only a pong proves life, what was read proves nothing. */
  get moving(): boolean {
    const before = this.#last
    const now = this.#socket?.throughput?.()
    if (before === undefined || now === undefined) return false
    if (this.#core.anyProves && now.read > before.read) return true
    return before.waiting > 0 && (now.written > before.written || now.waiting < before.waiting)
  }

  answered(rtt: number, proved: number): void {
    if (rtt <= this.#core.heartbeat.timeout) this.#factor.answered(proved)
  }

  onEnd({ attempt, why }: LinkEnd): undefined {
    const blind = this.#last === undefined
    this.#last = undefined
    if (why === 'heartbeat-timeout') this.#factor.gaveUp({ unproved: attempt.bytes - attempt.provenBytes, blind })
  }

  get #socket(): Socket | undefined {
    return this.#core.attempt?.socket
  }
}

/** Tells a slow link from a dead one, while a large message keeps the answer to a ping waiting. */
export const slowLinks = (): SlowLinksFeature => ({ name: 'slowLinks', attach: (core) => new SlowLinks(core) })
