import type { EnvironmentSignal } from '../../../machines/connection.types.js'
import { EnvironmentWatcher } from '../environment/watcher.js'
import { pageEnvironment, type Environment } from '../environment/environment.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, Part, Surroundings } from '../feature.js'
import type { ConnectionState } from '../status.types.js'
import { plainClock, type Clock } from '../time/timers.js'

interface LifecycleTypes extends FeatureTypes {}
/** The type of `lifecycle()`. */
export interface LifecycleFeature extends Feature<'lifecycle', LifecycleTypes, never> {}

/** A hint that the network is back shortens a wait to at most this; clients spread over it. Milliseconds. */
const hastenWithin = 1_000
/** How long a connection is suspended after an `offline` hint, which may be wrong. Milliseconds. */
const holdFor = 60_000

class Lifecycle implements Part, Surroundings {
  readonly #core: Core
  readonly #environment: EnvironmentWatcher

  constructor(core: Core, environment: Environment, clock: Clock) {
    this.#core = core
    this.#environment = new EnvironmentWatcher({ clock, environment }, this)
  }

  get environment(): this {
    return this
  }

  get online(): boolean {
    return this.#environment.online
  }

  get hidden(): boolean {
    return this.#environment.hidden
  }

  onState(state: ConnectionState): void {
    if (state === 'idle' || state === 'ended') this.#environment.stop()
    else this.#environment.start()
  }

  fail(code: 'ERR_ENVIRONMENT', what: string, thrown: unknown): void {
    this.#core.fail(code, what, thrown)
  }

  onSignal(signal: EnvironmentSignal): void {
    const core = this.#core
    const holds = signal === 'offline' || signal === 'bfcached'
    const now = core.timers.now()
    const least = Math.max(0, core.notBefore - now)
    const wait = holds ? Math.max(holdFor, least) : least + core.random() * hastenWithin
    // Hints never lengthen a wait.
    const left = core.status.state === 'backoff' && !holds ? core.waitEnds - now : wait
    core.chart({ type: `environment.${signal}`, wait: Math.max(0, Math.min(wait, left)) })
  }
}

/**
 * Reacts to network and page: probes when they change, waits while offline, and releases the socket in the back/forward cache.
 */
export const lifecycle = (environment: Environment = pageEnvironment, clock: Clock = plainClock): LifecycleFeature => ({
  name: 'lifecycle',
  attach: (core) => new Lifecycle(core, environment, clock),
})
