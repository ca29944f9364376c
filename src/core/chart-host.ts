import type { Effect } from '../../machines/connection.types.js'
import type { Core } from './core.js'
import type { EngineHost } from './engine/engine.types.js'

/** How long a probe may take. Milliseconds. */
const probeWithin = 5_000
/** A timer that comes late says that the loop was blocked, not that the link is dead; it earns as much again, up to this. Milliseconds. */
const mostGrace = 1_000

/** What the chart may ask of its connection. All of it private: an inspector that serializes the context finds a word. */
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
    // Not in a hidden page. A chain of timers is what browsers hold back there, to one a minute, and with traffic one look
    // would set the next. The answer to a ping sets it from a network callback, which they leave alone.
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
    // Two looks an interval: a frame just after one look then costs half an interval and not a whole one. Where every
    // interval is to have its ping, the look is the ping.
    return when === 'idle' && proof === 'any' ? interval / 2 : interval
  }

  get timeout(): number {
    return this.#core.timeout
  }

  get probe(): number {
    return Math.min(probeWithin, this.#core.attempt?.left ?? this.timeout)
  }

  get grace(): number {
    // Not 0: where other timers were late too, theirs and this one's would run before the answer is read.
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
 * How long an attempt may take in all (provider, handshake, `prepare`), after so many failures. Milliseconds.
 *
 * max(10 s, min(30 s, 1 s · 2ⁿ)): it grows with the backoff, because a crowded server answers late and browsers hold
 * back the attempts that follow failures; a deadline that stayed short would never let one through.
 */
export function connectDeadline(failures: number): number {
  return Math.max(10_000, Math.min(30_000, 1_000 * 2 ** failures))
}
