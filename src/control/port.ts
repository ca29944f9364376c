import type { Effect } from '../../machines/connection.types.js'
import type { EnginePort } from '../core/engine/engine.types.js'
import { connectDeadline } from '../policies/deadlines.js'
import type { Attempt } from './attempt.js'
import type { Timers } from './timers.js'
import type { ControlOptions, DataPlane } from './control.types.js'
import type { Pulse } from './pulse.js'

export interface PortHost {
  readonly options: Pick<ControlOptions, 'heartbeat' | 'connectTimeout' | 'closeTimeout' | 'stableAfter'>
  readonly data: Pick<DataPlane, 'inbound' | 'brake'>
  readonly pulse: Pulse
  readonly timers: Timers
  /** The attempt that lives. */
  readonly attempt: Attempt | undefined
  /** Nobody sees the page. */
  readonly hidden: boolean
  /** To be done when the turn is over. */
  effect(name: Effect): void
  /** The socket of this generation is no longer wanted: at once. */
  dispose(gen: number): void
}

/** How long a probe may take. Milliseconds. */
const probeWithin = 5_000
/** A timer that comes late says that the loop was blocked, not that the link is dead; it earns as much again, up to this. Milliseconds. */
const mostGrace = 1_000

/** What the chart knows of its connection. All of it private: an inspector that serialises the context finds a word. */
export class ControlPort implements EnginePort {
  readonly #host: PortHost

  constructor(host: PortHost) {
    this.#host = host
  }

  get proofs(): number {
    return this.#host.data.inbound.proofs
  }

  get trafficCounts(): boolean {
    // Not in a hidden page. A chain of timers is what browsers hold back there, to one a minute, and with traffic one look
    // would set the next. The answer to a ping sets it from a network callback, which they leave alone.
    return this.#host.options.heartbeat.when === 'idle' && !this.#host.hidden
  }

  get paused(): boolean {
    return this.#host.data.brake.held
  }

  get moving(): boolean {
    const socket = this.#host.attempt?.socket
    return socket !== undefined && this.#host.pulse.moves(socket)
  }

  get canPing(): boolean {
    const { ping } = this.#host.options.heartbeat
    return ping === 'protocol' ? this.#host.attempt?.socket?.ping !== undefined : ping !== 'none'
  }

  get dialledOffline(): boolean {
    return this.#host.attempt?.dialledOffline === true
  }

  get look(): number {
    const { interval, ping, when, proof } = this.#host.options.heartbeat
    if (ping === 'protocol' && !this.canPing) return Infinity
    // Two looks an interval: a frame just after one look then costs half an interval and not a whole one. Where every
    // interval is to have its ping, the look is the ping.
    return when === 'idle' && proof === 'any' ? interval / 2 : interval
  }

  get timeout(): number {
    return this.#host.pulse.timeout
  }

  get probe(): number {
    return Math.min(probeWithin, this.#host.pulse.left)
  }

  get grace(): number {
    // Not 0: where other timers were late too, theirs and this one's would run before the answer is read.
    return Math.min(mostGrace, Math.max(0, this.#host.timers.late))
  }

  get closeTimeout(): number {
    return this.#host.options.closeTimeout
  }

  get stableAfter(): number {
    return this.#host.options.stableAfter
  }

  connectTimeout(failures: number): number {
    return this.#host.options.connectTimeout ?? connectDeadline(failures)
  }

  effect(name: Effect): void {
    this.#host.effect(name)
  }

  dispose(gen: number): void {
    this.#host.dispose(gen)
  }

  toJSON(): string {
    return '[port]'
  }
}
