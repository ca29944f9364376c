import { onAbort } from '../core/abort-signals.js'
import type { Core } from '../core/core.js'
import type { ListenOptions } from '../core/features/checks.js'
import type { Continuity } from './resume.types.js'

type Listener = (event: Continuity<never>) => unknown

interface Registration {
  readonly listener: Listener
  readonly options: ListenOptions
  remove: () => void
}

/** The listeners of a session, which may be added before there is a connection. */
export class ContinuityListeners {
  #core: Core | undefined
  /** Waiting for the connection. */
  #early: Registration[] = []

  /** `options` are checked. */
  add(listener: Listener, options: ListenOptions): () => void {
    const registration: Registration = { listener, options, remove: () => this.#forget(registration) }
    if (this.#core === undefined) this.#early.push(registration)
    else this.#register(this.#core, registration)
    return () => registration.remove()
  }

  /** The connection is complete. */
  ready(core: Core): void {
    this.#core = core
    for (const registration of this.#early) this.#register(core, registration)
    this.#early = []
  }

  #forget(registration: Registration): void {
    this.#early = this.#early.filter((each) => each !== registration)
  }

  #register({ listening, events }: Core, registration: Registration): void {
    const { listener, options } = registration
    if (listening !== undefined) {
      registration.remove = listening.on('continuity', listener, options)
      return
    }
    // Without `checks()`, a connection has no options of `on`.
    const { once, signal } = options
    if (signal?.aborted) return
    const remove = events.add('continuity', (event) => {
      if (once === true) registration.remove()
      return listener(event)
    })
    const ignore = signal && onAbort(signal, () => registration.remove())
    registration.remove = () => {
      ignore?.()
      remove()
    }
  }
}
