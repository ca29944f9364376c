import { PreparingLink } from './preparing-link.js'
import type { MessageData } from '../transport.js'
import { isRefused, makeError } from '../errors.js'
import type { Attempt, Failure } from '../attempt.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, Link, Preparation, Preparing } from '../feature.js'

/**
 * Prepares a link after the handshake, before the queue is flushed, for example by authenticating.
 *
 * Called once per attempt, within `connectTimeout`. Throwing or rejecting fails the attempt; a `Refused` ends the connection. The result
 * becomes `open.prepared`. `signal` aborts when the attempt ends.
 */
export type Prepare = (link: Link, context: { readonly signal: AbortSignal }) => unknown

interface PrepareTypes extends FeatureTypes {}
/** The type of `prepare()`. */
export interface PrepareFeature extends Feature<'prepare', PrepareTypes, never> {}

/** The hooks of one attempt: each `prepare` in order, then the framing's handshake. */
class Hooks implements Preparing {
  readonly #link: PreparingLink

  constructor(core: Core, attempt: Attempt) {
    this.#link = new PreparingLink(attempt.socket!, attempt.protocol, (error) => attempt.fail({ error }))
    // Created lazily: few hooks use it, and an AbortController is heavy.
    const context = {
      get signal() {
        return attempt.signal
      },
    }
    // Settles in a microtask, so the attempt has this object by then.
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

/** Returns the role `preparation` for a feature that needs the raw link, or `undefined` if another feature has taken it. */
export function preparation(core: Core): Preparation | undefined {
  return core.preparation === undefined ? { begin: (attempt) => new Hooks(core, attempt) } : undefined
}

/** Calls `hook` with the raw link after each handshake, within `connectTimeout`. */
export function prepare(hook: Prepare): PrepareFeature {
  return { name: 'prepare', attach: (core) => ({ preparation: preparation(core), prepare: hook }) }
}
