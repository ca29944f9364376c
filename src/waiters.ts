interface Waiter {
  readonly what: unknown
  settle(how: 'resolve' | 'reject', value: unknown): void
}

const none: readonly never[] = []

/** Promises for things that are going to happen, each of which its caller can give up by a signal. `Values`: what each is resolved with. */
export class Waiters<Values extends object> {
  #waiting: readonly Waiter[] = none

  wait<K extends keyof Values>(what: K, signal?: AbortSignal): Promise<Values[K]> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        what,
        settle: (how, value) => {
          signal?.removeEventListener('abort', giveUp)
          this.#waiting = this.#waiting.filter((each) => each !== waiter)
          if (how === 'resolve') resolve(value as Values[K])
          else reject(value)
        },
      }
      const giveUp = (): void => waiter.settle('reject', signal!.reason)
      signal?.addEventListener('abort', giveUp)
      this.#waiting = [...this.#waiting, waiter]
    })
  }

  resolve<K extends keyof Values>(what: K, value: Values[K]): void {
    this.#settle(what, 'resolve', value)
  }

  reject(what: keyof Values, reason: unknown): void {
    this.#settle(what, 'reject', reason)
  }

  #settle(what: keyof Values, how: 'resolve' | 'reject', value: unknown): void {
    for (const waiter of this.#waiting) if (waiter.what === what) waiter.settle(how, value)
  }
}
