/** Promises for one thing that is going to happen, each of which its caller can give up by a signal. */
export class Waiters<T> {
  #waiting: { resolve: (value: T) => void; reject: (reason: unknown) => void }[] = []

  wait(signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const stop = (): void => signal?.removeEventListener('abort', giveUp)
      const waiter = {
        resolve: (value: T): void => (stop(), resolve(value)),
        reject: (reason: unknown): void => (stop(), reject(reason)),
      }
      const giveUp = (): void => {
        this.#waiting = this.#waiting.filter((each) => each !== waiter)
        reject(signal!.reason)
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#waiting.push(waiter)
    })
  }

  resolve(value: T): void {
    for (const waiter of this.#waiting.splice(0)) waiter.resolve(value)
  }

  reject(reason: unknown): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(reason)
  }
}
