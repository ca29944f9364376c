import { makeError } from '../core/errors.js'
import { Waiters } from '../core/waiters.js'
import type { LostReason } from './resume.types.js'

/** The promises of `delivered()`. */
export class Confirmations {
  readonly #waiters = new Waiters<Record<number, void>>()
  /** The number that each promise waits for. */
  #targets: readonly number[] = []

  /** Resolves once this number is acknowledged. */
  wait(target: number, signal: AbortSignal | undefined): Promise<void> {
    if (!this.#targets.includes(target)) this.#targets = [...this.#targets, target]
    return this.#waiters.wait(target, signal)
  }

  /** Messages up to this number are acknowledged. */
  resolve(acked: number): void {
    const targets = this.#take(acked)
    for (const target of targets) this.#waiters.resolve(target, undefined)
  }

  reject(reason: LostReason | 'plain'): void {
    const targets = this.#take(Infinity)
    if (targets.length === 0) return
    const error =
      reason === 'plain' ? makeError('ERR_SESSION_LOST', 'plain', []) : makeError('ERR_SESSION_LOST', 'lost', [reason])
    for (const target of targets) this.#waiters.reject(target, error)
  }

  #take(upTo: number): readonly number[] {
    const taken = this.#targets.filter((target) => target <= upTo)
    if (taken.length > 0) this.#targets = this.#targets.filter((target) => target > upTo)
    return taken
  }
}
