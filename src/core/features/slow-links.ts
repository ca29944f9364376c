import { PatienceFactor } from './patience.js'
import type { Socket, Throughput } from '../transport.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, LinkEnd, Part, Patience } from '../feature.js'

interface SlowLinksTypes extends FeatureTypes {}
/** The type of `slowLinks()`. */
export interface SlowLinksFeature extends Feature<'slowLinks', SlowLinksTypes, never> {}

/**
 * Detects whether bytes still move on a link with an overdue ping reply, so a message that takes longer than the heartbeat allows doesn't
 * end the link.
 *
 * Written bytes count only if some were waiting before. An operating system accepts bytes into its buffer long after the link died; once the
 * buffer is full, it accepts more only after the peer has acknowledged earlier ones.
 */
class SlowLinks implements Part, Patience {
  readonly #core: Core
  readonly #factor = new PatienceFactor()
  /** The throughput at the last `watch`. `undefined` if the runtime doesn't count. */
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

  /** Received bytes prove nothing if only a pong proves life. */
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

/** Distinguishes slow links from dead ones while a large message delays the reply to a ping. */
export const slowLinks = (): SlowLinksFeature => ({ name: 'slowLinks', attach: (core) => new SlowLinks(core) })
