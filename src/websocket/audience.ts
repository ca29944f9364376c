/** Anything that `addEventListener` takes. */
export type Callback = ((event: never) => unknown) | { handleEvent(event: never): unknown } | null

/** What the platform registers for a callback. */
export type Ear = Callback

export interface AddOptions {
  readonly capture?: boolean
  readonly once?: boolean
  readonly passive?: boolean
  readonly signal?: AbortSignal
}

interface Registration {
  readonly ear: Ear
  readonly signal: AbortSignal | undefined
  leave(): void
}

/**
 * Who listens to one type of event. The platform's `EventTarget` does not tell, and an event that nobody hears is not
 * worth making.
 */
export class Audience {
  /** By capture, as the platform tells registrations apart. */
  readonly #bubbling = new Map<Callback, Registration>()
  readonly #capturing = new Map<Callback, Registration>()
  readonly #changed: (anybody: boolean) => void

  constructor(changed: (anybody: boolean) => void) {
    this.#changed = changed
  }

  /** `register` is given what the platform is to register, and throws what the platform throws. */
  add(callback: Callback, options: AddOptions, register: (ear: Ear) => void): void {
    const { once = false, signal } = options
    const registered = this.#registered(options)
    const present = registered.get(callback)
    // Another listener of `abort` may come before ours; the platform has let go of it by then.
    if (present?.signal?.aborted) present.leave()
    // The platform ignores it as well, but Node would heed its signal.
    else if (present !== undefined) return
    const leave = (): void => {
      if (registered.get(callback) !== registration) return
      registered.delete(callback)
      signal?.removeEventListener('abort', leave)
      if (this.#size === 0) this.#changed(false)
    }
    const registration = { ear: once ? hearOnce(callback, leave) : callback, signal, leave }
    register(registration.ear)
    if (callback === null || signal?.aborted) return
    signal?.addEventListener('abort', leave)
    registered.set(callback, registration)
    if (this.#size === 1) this.#changed(true)
  }

  /** Returns what the platform has registered. */
  remove(callback: Callback, options: Pick<AddOptions, 'capture'>): Ear {
    const present = this.#registered(options).get(callback)
    present?.leave()
    return present === undefined ? callback : present.ear
  }

  #registered({ capture = false }: AddOptions): Map<Callback, Registration> {
    return capture ? this.#capturing : this.#bubbling
  }

  get #size(): number {
    return this.#bubbling.size + this.#capturing.size
  }
}

/** One that runs once is gone by the time it runs, and may register itself anew. */
function hearOnce(callback: Callback, leave: () => void): Ear {
  if (callback === null) return null
  return function (this: unknown, event: never): unknown {
    leave()
    return typeof callback === 'function' ? callback.call(this, event) : callback.handleEvent(event)
  }
}
