import { explain } from './errors.js'
import { ignore, onRejection } from './guards.js'
import { jitter } from './policies/backoff.js'
import type { Loss, Retry } from './policies/retry.js'
import type { Failure } from './attempt.js'
import type { Core } from './core.js'
import type { RetryAdvice } from './feature.js'

/** Another attempt follows after `delay` milliseconds. `hinted`: the server asked for this delay. */
export interface RetryDecision {
  readonly delay: number
  readonly hinted: boolean
}

/** Decides whether and when to retry after a loss, from the advice of features and the guarded policies. */
export class Retrying {
  readonly #core: Core
  #previousDelay: number | undefined

  constructor(core: Core) {
    this.#core = core
  }

  /** Returns `undefined` for no retry. `failure`: the transport's details of the loss. */
  decide(loss: Loss, failure: Failure | undefined): RetryDecision | undefined {
    const core = this.#core
    let advice: RetryAdvice = { retry: failure?.fatal !== true, asked: 0, floor: 0 }
    core.each('onLoss', (part) => {
      const given = part.onLoss!(loss, failure)
      if (given !== undefined && 'retry' in given) advice = given
      return given
    })
    // A `Refused` is the app's decision.
    if (failure?.error.code === 'ERR_REFUSED') return undefined
    // The heartbeat knows the close codes of its server; the app has the last word.
    const byProfile = this.#ask('heartbeat.retry', core.heartbeat.retry, loss, advice.retry)
    if (!this.#ask('retry', core.options.retry, loss, byProfile)) return undefined
    const { asked, floor } = advice
    const own = this.#backoff(loss)
    this.#previousDelay = own
    core.notBefore = core.timers.now() + floor
    // Many clients may have got the same delay; adding the backoff spreads them.
    return { delay: Math.max(asked + own, floor), hinted: floor >= own && floor > 0 }
  }

  #ask(what: string, retry: Retry | undefined, loss: Loss, byDefault: boolean): boolean {
    if (retry === undefined) return byDefault
    try {
      const answer: unknown = retry({ ...loss, byDefault })
      if (typeof answer === 'boolean') return answer
      onRejection(answer, ignore)
      if (answer !== undefined) throw new TypeError(explain('ERR_POLICY', 'not-a-decision', [what, typeof answer]))
    } catch (thrown) {
      this.#core.fail('ERR_POLICY', what, thrown)
    }
    return byDefault
  }

  #backoff({ attempt, serverDelay }: Loss): number {
    const core = this.#core
    const { backoff = jitter } = core.options
    const previous = attempt === 1 ? undefined : this.#previousDelay
    const input = { attempt, previous, serverDelay, random: () => core.random() }
    try {
      const delay: unknown = backoff(input)
      if (typeof delay === 'number' && delay >= 0) return delay
      onRejection(delay, ignore)
      throw new TypeError(explain('ERR_POLICY', 'not-a-delay', [String(delay)]))
    } catch (thrown) {
      core.fail('ERR_POLICY', 'backoff', thrown)
    }
    return jitter(input)
  }
}
