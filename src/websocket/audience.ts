import type { SignalRegistrations } from '../abort-signals.js'
import { guardListener } from '../guards.js'
import { complain } from '../complain.js'

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

/** What the platform is told: signals are followed here. */
export type PlatformOptions = Omit<AddOptions, 'signal'>

export interface AudienceHost {
  register(ear: Ear, options: PlatformOptions): void
  unregister(ear: Ear, options: PlatformOptions): void
  /** Whether there is anyone now. Told when it changes. */
  changed?(anybody: boolean): void
}

interface Registration {
  readonly ear: Ear
  readonly signal: AbortSignal | undefined
  /** It is gone from here; the platform may have it still. */
  leave(): void
  /** It is gone from both. */
  end(): void
}

/**
 * Who listens to one type of event. The platform's `EventTarget` does not tell, and an event that nobody hears is not worth making.
 *
 * A listener that throws, or whose promise rejects, is reported and goes no further: in Node, Deno and Bun the platform would end the
 * process for it. Signals are followed by `SignalRegistrations`, because Node's `EventTarget` warns of a leak where many sockets share one.
 */
export class Audience {
  /** By capture, as the platform tells registrations apart. */
  readonly #bubbling = new Map<Callback, Registration>()
  #capturing: Map<Callback, Registration> | undefined
  readonly #host: AudienceHost
  readonly #signals: () => SignalRegistrations

  /** `signals`: called when the first listener with a signal comes. */
  constructor(host: AudienceHost, signals: () => SignalRegistrations) {
    this.#host = host
    this.#signals = signals
  }

  /** Throws what the platform throws. */
  add(callback: Callback, { signal, ...options }: AddOptions): void {
    if (callback === null || (typeof callback !== 'object' && typeof callback !== 'function')) {
      this.#host.register(callback, options)
      return
    }
    if (signal?.aborted) return
    const registered = this.#registered(options)
    const present = registered.get(callback)
    // Another listener of `abort` may come before ours.
    if (present?.signal?.aborted) present.end()
    else if (present !== undefined) return
    let forget: (() => void) | undefined
    const leave = (): void => {
      if (registered.get(callback) !== registration) return
      registered.delete(callback)
      forget?.()
      if (this.#size === 0) this.#host.changed?.(false)
    }
    const end = (): void => {
      leave()
      this.#host.unregister(registration.ear, options)
    }
    const guarded = guardListener(callback, complain)
    const isPlain = signal === undefined && !options.once
    const registration: Registration = { ear: isPlain ? guarded : hear, signal, leave, end }
    /** One that runs once is gone by the time it runs, and may register itself anew. */
    function hear(this: unknown, event: unknown): void {
      if (options.once || signal?.aborted) end()
      if (!signal?.aborted) guarded.call(this, event)
    }
    this.#host.register(registration.ear, options)
    if (signal !== undefined) forget = this.#signals().add(signal, end)
    registered.set(callback, registration)
    if (this.#size === 1) this.#host.changed?.(true)
  }

  remove(callback: Callback, options: Pick<AddOptions, 'capture'>): void {
    const present = this.#registered(options).get(callback)
    if (present === undefined) this.#host.unregister(callback, options)
    else present.end()
  }

  #registered({ capture = false }: AddOptions): Map<Callback, Registration> {
    return capture ? (this.#capturing ??= new Map<Callback, Registration>()) : this.#bubbling
  }

  get #size(): number {
    return this.#bubbling.size + (this.#capturing?.size ?? 0)
  }
}
