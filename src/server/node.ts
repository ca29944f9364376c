import { complain } from '../core/complain.js'
import type { ConnectionError } from '../core/errors.js'
import { makeError } from '../core/errors.js'
import { Listeners } from '../core/listeners.js'
import { unref } from '../core/time/clock.js'
import type { Clock } from '../core/time/timers.js'
import { PrincipalLimits } from './limits.js'
import type { ServerSettings } from './options.js'
import type { Metric } from './server.types.js'
import type { OpenStore } from './stores/store.js'

/** What the parts of one session server share. */
export class ServerNode {
  readonly name: string
  readonly settings: ServerSettings
  readonly clock: Clock
  readonly limits: PrincipalLimits
  readonly errors: Listeners<ConnectionError>
  /** Set once the store is open. */
  store!: OpenStore
  #tokens = 0

  constructor(settings: ServerSettings, name: string) {
    this.settings = settings
    this.name = name
    this.clock = settings.clock
    this.limits = new PrincipalLimits(settings.limits, settings.clock)
    this.errors = new Listeners(complain)
  }

  /** A name for a new session object, as stores keep it. */
  newToken(): string {
    return `${this.name}/${++this.#tokens}`
  }

  metric(event: Metric): void {
    const { metrics } = this.settings
    if (metrics === undefined) return
    try {
      metrics(event)
    } catch (thrown) {
      this.report(makeError('ERR_LISTENER', 'failed', ['metrics'], { cause: thrown }))
    }
  }

  report(error: ConnectionError): void {
    if (this.errors.size > 0) this.errors.emit(error)
    else complain(error)
  }

  /** Reports a failure of the store and returns the error. */
  storeFailed(call: string, cause: unknown): ConnectionError {
    const error = makeError('ERR_STORE', 'store-failed', [call], { cause })
    this.report(error)
    return error
  }

  /** Runs `task` after `delay` milliseconds. Such a timer doesn't keep the process alive: the sockets do. */
  later(task: () => void, delay: number): unknown {
    const timer = this.clock.setTimeout(task, delay)
    unref(timer)
    return timer
  }
}
