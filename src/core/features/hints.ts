import { serverDelay, slowDelay } from '../policies/hints.js'
import { isSlow, lossKind, retryByDefault, type Loss } from '../policies/retry.js'
import type { Failure } from '../attempt.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, LinkEnd, Part, RetryAdvice } from '../feature.js'

interface HintsTypes extends FeatureTypes {}
/** The type of `hints()`. */
export interface HintsFeature extends Feature<'hints', HintsTypes, never> {}

class Hints implements Part {
  readonly #core: Core
  readonly #most: number
  #kind: string | number | undefined
  #streak = 0

  constructor(core: Core, most: number) {
    this.#core = core
    this.#most = most
  }

  onEnd({ attempt: { failure }, close }: LinkEnd): { serverDelay: number | undefined } {
    return { serverDelay: serverDelay({ retryAfter: failure?.retryAfter, close }) }
  }

  onLoss(loss: Loss, failure: Failure | undefined): RetryAdvice {
    const kind = lossKind(loss)
    // The first loss after a stable link starts a new streak.
    this.#streak = loss.attempt > 1 && kind === this.#kind ? this.#streak + 1 : 1
    this.#kind = kind
    const streak = this.#streak
    // A proxy's response says nothing about the server.
    const answer = loss.error?.response?.from === 'proxy' ? { ...loss, status: undefined } : loss
    const asked = Math.min(this.#most, loss.serverDelay ?? 0)
    // The slow delay includes jitter.
    const slow = isSlow(answer) ? slowDelay({ streak, random: () => this.#core.random() }) : 0
    const retry = retryByDefault({ ...answer, fatal: failure?.fatal === true, streak })
    return { retry, asked, floor: Math.max(asked, slow) }
  }
}

/**
 * Honors hints of the server: `Retry-After`, delays in close reasons, and the meaning of close codes and HTTP statuses for retries.
 *
 * @param maxServerDelay Caps the delay that a server asks for. Milliseconds; 300,000 unless set.
 */
export const hints = (maxServerDelay = 300_000): HintsFeature => ({
  name: 'hints',
  attach: (core) => new Hints(core, maxServerDelay),
})
