import { abortReason, onAbort } from './abort-signals.js'

interface Waiter {
  settle(how: 'resolve' | 'reject', value: unknown): void
}

/**
 * Promises of future events, each of which can be aborted with a signal. `Values`: the value of each event. All operations take constant time
 * per promise.
 */
export class Waiters<Values extends object> {
  /** Created lazily; most connections have no waiters. */
  #waiting: Map<keyof Values, Set<Waiter>> | undefined

  wait<K extends keyof Values>(what: K, signal?: AbortSignal): Promise<Values[K]> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal))
        return
      }
      const all = this.#of(what)
      const waiter: Waiter = {
        settle: (how, value) => {
          forget?.()
          if (how === 'resolve') resolve(value as Values[K])
          else reject(value)
        },
      }
      const giveUp = (given: AbortSignal): void => {
        all.delete(waiter)
        waiter.settle('reject', abortReason(given))
      }
      const forget = signal && onAbort(signal, () => giveUp(signal))
      all.add(waiter)
    })
  }

  resolve<K extends keyof Values>(what: K, value: Values[K]): void {
    this.#settle(what, 'resolve', value)
  }

  reject(what: keyof Values, reason: unknown): void {
    this.#settle(what, 'reject', reason)
  }

  #of(what: keyof Values): Set<Waiter> {
    const waiting = (this.#waiting ??= new Map<keyof Values, Set<Waiter>>())
    const all = waiting.get(what) ?? new Set()
    waiting.set(what, all)
    return all
  }

  #settle(what: keyof Values, how: 'resolve' | 'reject', value: unknown): void {
    const all = this.#waiting?.get(what)
    if (all === undefined) return
    this.#waiting!.delete(what)
    if (this.#waiting!.size === 0) this.#waiting = undefined
    for (const waiter of all) waiter.settle(how, value)
  }
}
