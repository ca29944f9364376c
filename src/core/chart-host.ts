import type { Effect } from '../../machines/connection.types.js'
import type { Core } from './core.js'
import type { EngineHost } from './engine/engine.types.js'

/** The time limit of a probe. Milliseconds. */
const probeWithin = 5_000
/**
 * A late timer means a blocked event loop, not a dead link; the grace period is as long as it was late, up to this. Milliseconds.
 */
const mostGrace = 1_000

/**
 * What guards, delays and effects of the chart use of their connection. Its fields are private, so serializing the context reveals
 * nothing.
 */
export class CoreChartHost implements EngineHost {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  get livenessCount(): number {
    const { anyProves, received, pongs } = this.#core
    return anyProves ? received : pongs
  }

  get trafficCounts(): boolean {
    // Not in a hidden page. Browsers throttle chained timers there to one per minute, and with traffic each check would set
    // the next. A ping's reply sets it from a network callback, which is not throttled.
    return this.#core.heartbeat.when === 'idle' && this.#core.environment?.hidden !== true
  }

  get paused(): boolean {
    return this.#core.paused
  }

  get moving(): boolean {
    return this.#core.patience?.moving === true
  }

  get canPing(): boolean {
    const { ping } = this.#core.heartbeat
    return ping === 'protocol' ? this.#core.attempt?.socket?.ping !== undefined : ping !== 'none'
  }

  get dialledOffline(): boolean {
    return this.#core.attempt?.dialledOffline === true
  }

  get checkInterval(): number {
    const { interval, ping, when, proof } = this.#core.heartbeat
    if (ping === 'protocol' && !this.canPing) return Infinity
    // Two checks per interval, so a frame just after a check delays detection by half an interval instead of a whole one. With
    // `always` or `pong`, every check is a ping.
    return when === 'idle' && proof === 'any' ? interval / 2 : interval
  }

  get timeout(): number {
    return this.#core.timeout
  }

  get probe(): number {
    return Math.min(probeWithin, this.#core.attempt?.left ?? this.timeout)
  }

  get grace(): number {
    // Not 0 after a late timer: other late timers and this one would run before the reply is read.
    return Math.min(mostGrace, Math.max(0, this.#core.timers.late))
  }

  get closeTimeout(): number {
    return this.#core.options.closeTimeout ?? 2_000
  }

  get stableAfter(): number {
    return this.#core.options.stableAfter ?? 10_000
  }

  connectTimeout(failures: number): number {
    return this.#core.options.connectTimeout ?? connectDeadline(failures)
  }

  effect(name: Effect): void {
    this.#core.effect(name)
  }

  dispose(gen: number): void {
    this.#core.dispose(gen)
  }

  toJSON(): string {
    return '[host]'
  }
}

/**
 * The time limit of an attempt (`url` function, handshake and `prepare` together) after this many failures. Milliseconds.
 *
 * max(10 s, min(30 s, 1 s · 2ⁿ)): it grows with the backoff, because an overloaded server answers late and browsers delay attempts after
 * failures. With a short deadline none would succeed.
 */
export function connectDeadline(failures: number): number {
  return Math.max(10_000, Math.min(30_000, 1_000 * 2 ** failures))
}
