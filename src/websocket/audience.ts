/** Anything that `addEventListener` takes. */
export type Callback = ((event: never) => unknown) | { handleEvent(event: never): unknown } | null

export interface AddOptions {
  readonly capture?: boolean
  readonly once?: boolean
  readonly passive?: boolean
  readonly signal?: AbortSignal
}

/**
 * Who listens to one type of event. The platform's `EventTarget` does not tell, and an event that nobody hears is not
 * worth making.
 */
export class Audience {
  /** By capture, as the platform tells registrations apart; each with what lets go of it. */
  readonly #bubbling = new Map<Callback, () => void>()
  readonly #capturing = new Map<Callback, () => void>()
  readonly #changed: (anybody: boolean) => void

  constructor(changed: (anybody: boolean) => void) {
    this.#changed = changed
  }

  /** To be called before the platform registers the callback. `precede` registers one that runs right before it. */
  add(callback: Callback, options: AddOptions, precede: (leave: () => void) => () => void): void {
    const { capture = false, once = false, signal } = options
    const registered = capture ? this.#capturing : this.#bubbling
    // The platform, too, ignores what is null, registered, or aborted before it begins.
    if (callback === null || registered.has(callback) || signal?.aborted) return
    const leave = (): void => {
      if (!registered.delete(callback)) return
      signal?.removeEventListener('abort', leave)
      silence?.()
      if (this.#size === 0) this.#changed(false)
    }
    // One that runs once is gone by the time it runs, and may register itself anew.
    const silence = once ? precede(leave) : undefined
    signal?.addEventListener('abort', leave)
    registered.set(callback, leave)
    if (this.#size === 1) this.#changed(true)
  }

  remove(callback: Callback, capture: boolean): void {
    const registered = capture ? this.#capturing : this.#bubbling
    registered.get(callback)?.()
  }

  get #size(): number {
    return this.#bubbling.size + this.#capturing.size
  }
}
