import { PreparingLink } from './preparing-link.js'
import type { MessageData } from '../transport.js'
import { isRefused, makeError } from '../errors.js'
import type { Attempt, Failure } from '../attempt.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, Link, Preparation, Preparing } from '../feature.js'

/**
 * Authenticates on the raw link, before the queue is flushed. A throw or a rejection is a failed attempt; a `Refused` ends the
 * connection. What it resolves with is `open.prepared`.
 */
export type Prepare = (link: Link, context: { readonly signal: AbortSignal }) => unknown

interface PrepareTypes extends FeatureTypes {}
export interface PrepareFeature extends Feature<'prepare', PrepareTypes, never> {}

/** The hooks of one attempt: every `prepare` in order, then the handshake of the framing. */
class Hooks implements Preparing {
  readonly #link: PreparingLink

  constructor(core: Core, attempt: Attempt) {
    this.#link = new PreparingLink(attempt.socket!, attempt.protocol, (error) => attempt.fail({ error }))
    // Made when it is asked for: few hooks look at it, and an AbortController is heavy.
    const context = {
      get signal() {
        return attempt.signal
      },
    }
    // By a microtask, so that the attempt has this when they answer.
    void runAll(core, this.#link, context).then(
      (prepared) => attempt.done(prepared),
      (thrown: unknown) => attempt.fail(failureOf(thrown)),
    )
  }

  take(data: MessageData): void {
    this.#link.take(data)
  }

  end(): readonly MessageData[] {
    return this.#link.end()
  }
}

function failureOf(cause: unknown): Failure {
  return isRefused(cause)
    ? { error: makeError('ERR_REFUSED', 'refused-by-prepare', [], { cause }), fatal: true }
    : { error: makeError('ERR_PREPARE', 'prepare-threw', [], { cause }) }
}

async function runAll(core: Core, link: Link, context: { readonly signal: AbortSignal }): Promise<unknown> {
  let prepared: unknown
  for (const part of core.parts)
    if (part.prepare !== undefined) prepared = (await part.prepare(link, context)) ?? prepared
  return (await core.framing?.handshake?.(link, context)) ?? prepared
}

/** For a feature that needs the raw link before the queue: the role, unless another feature has brought it. */
export function preparation(core: Core): Preparation | undefined {
  return core.preparation === undefined ? { begin: (attempt) => new Hooks(core, attempt) } : undefined
}

/** Calls `prepare` with the raw link when the handshake is done, within `connectTimeout`. */
export function prepare(hook: Prepare): PrepareFeature {
  return { name: 'prepare', attach: (core) => ({ preparation: preparation(core), prepare: hook }) }
}
