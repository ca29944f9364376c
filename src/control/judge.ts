import type { WorldSignal } from '../../machines/connection.types.js'
import type { Failure } from './attempt.js'
import type { Reporter } from '../errors.js'
import { ignore, onRejection } from '../guards.js'
import type { Backoff } from '../policies/backoff.js'
import { slowDelay } from '../policies/hints.js'
import type { Heartbeat } from '../policies/heartbeat.js'
import { isSlow, lossKind, retryByDefault, type Loss, type Retry } from '../policies/retry.js'

export interface JudgeOptions {
  readonly heartbeat?: Pick<Heartbeat, 'retry'>
  readonly retry: Retry | undefined
  readonly backoff: Backoff
  /** Takes the place of a `backoff` that throws or returns nonsense. */
  readonly defaultBackoff: Backoff
  /** No server is waited for longer than this. Milliseconds. */
  readonly maxServerDelay: number
}

export interface JudgeHost extends Reporter {
  random(): number
  now(): number
}

export type Judgement =
  | { readonly retry: false }
  /** `hinted`: the server asked for this delay. */
  | { readonly retry: true; readonly delay: number; readonly hinted: boolean }

/** A hint that the world is well again shortens a wait to this at most: a herd spreads over it. Milliseconds. */
const hastenWithin = 1_000
/** How long a connection is held when the world says that there is no network: it may be wrong. Milliseconds. */
const holdFor = 60_000

/** Asks the policies, guarded: whether a loss is followed by another attempt, and when. */
export class Judge {
  readonly #options: JudgeOptions
  readonly #host: JudgeHost
  #kind: string | number | undefined
  #streak = 0
  #previous: number | undefined
  /** Until then the server wants to be left alone. */
  #notBefore = -Infinity

  constructor(options: JudgeOptions, host: JudgeHost) {
    this.#options = options
    this.#host = host
  }

  /** `failure`: what the transport knew of it. */
  judge(loss: Loss, failure: Failure | undefined): Judgement {
    const { fatal = false } = failure ?? {}
    this.#remember(loss)
    // The app has said it already.
    if (failure?.error?.code === 'ERR_REFUSED') return { retry: false }
    // What a proxy answers says nothing of the server.
    const answer = loss.error?.response?.from === 'proxy' ? { ...loss, status: undefined } : loss
    const byDefault = retryByDefault({ ...answer, fatal, streak: this.#streak })
    const { heartbeat, retry } = this.#options
    // The profile knows what the codes of its server mean; the app has the last word.
    const byProfile = this.#ask('heartbeat.retry', heartbeat?.retry, loss, byDefault)
    if (!this.#ask('retry', retry, loss, byProfile)) return { retry: false }
    const own = this.#backoff(loss)
    this.#previous = own
    const asked = Math.min(this.#options.maxServerDelay, loss.serverDelay ?? 0)
    const slow = isSlow(answer)
    const floor = Math.max(asked, slow ? slowDelay({ streak: this.#streak, random: () => this.#host.random() }) : 0)
    this.#notBefore = this.#host.now() + floor
    // A wait that many were told alike is a floor for each, and what the backoff adds keeps them apart. The slow delay of
    // ours needs no more than the jitter that it has.
    return { retry: true, delay: Math.max(asked + own, floor), hinted: floor >= own && floor > 0 }
  }

  /** How long until the next attempt, should this signal be what decides: never before the server allows it. */
  waitAfter(signal: WorldSignal): number {
    const left = Math.max(0, this.#notBefore - this.#host.now())
    if (signal === 'offline' || signal === 'stashed') return Math.max(holdFor, left)
    return left + this.#host.random() * hastenWithin
  }

  #remember(loss: Loss): void {
    const kind = lossKind(loss)
    // The first loss since the link was stable begins anew whatever it is.
    const goesOn = loss.attempt > 1 && kind === this.#kind
    this.#streak = goesOn ? this.#streak + 1 : 1
    this.#kind = kind
    if (loss.attempt === 1) this.#previous = undefined
  }

  #ask(what: string, retry: Retry | undefined, loss: Loss, byDefault: boolean): boolean {
    if (retry === undefined) return byDefault
    try {
      const answer: unknown = silenced(retry({ ...loss, byDefault }))
      if (typeof answer === 'boolean') return answer
      if (answer !== undefined) throw new TypeError(`${what} returned ${typeof answer}, not a boolean or undefined`)
    } catch (thrown) {
      this.#host.fail('ERR_POLICY', what, thrown)
    }
    return byDefault
  }

  #backoff({ attempt, serverDelay }: Loss): number {
    const { backoff, defaultBackoff } = this.#options
    const input = { attempt, previous: this.#previous, serverDelay, random: () => this.#host.random() }
    try {
      const delay: unknown = silenced(backoff(input))
      if (typeof delay === 'number' && delay >= 0) return delay
      throw new TypeError(`backoff returned ${String(delay)}, not a number of milliseconds, 0 or more`)
    } catch (thrown) {
      this.#host.fail('ERR_POLICY', 'backoff', thrown)
    }
    return defaultBackoff(input)
  }
}

/** A policy that answers with a promise is reported for that; its rejection is not to be an unhandled one besides. */
function silenced(answer: unknown): unknown {
  onRejection(answer, ignore)
  return answer
}
