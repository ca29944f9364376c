import type { Brake } from '../data/brake.js'
import type { Inbound } from '../data/inbound.js'
import type { Outbound, Uncertain } from '../data/outbound.js'
import type { ConnectionError } from '../errors.js'
import type { Heartbeat } from '../policies/heartbeat.js'
import type { Loss } from '../policies/retry.js'
import type { CloseInfo } from '../transports/transport.js'
import type { MakeEngine } from '../core/engine/engine.types.js'
import type { Attempt } from './attempt.js'
import type { Clock } from './clock.js'
import type { Environment } from './environment.js'
import type { JudgeOptions } from './judge.js'
import type { ConnectionStatus } from './status.types.js'

export interface ControlOptions extends Pick<JudgeOptions, 'retry' | 'backoff' | 'defaultBackoff' | 'maxServerDelay'> {
  readonly heartbeat: Heartbeat
  /** `undefined`: grows with the failures. */
  readonly connectTimeout: number | undefined
  readonly closeTimeout: number
  readonly stableAfter: number
  readonly clock: Clock
  readonly random: () => number
  readonly environment: Environment
  readonly unref: boolean
  readonly engine: MakeEngine
}

/** The data plane, as far as control has to do with it. */
export interface DataPlane {
  readonly inbound: Pick<Inbound<unknown>, 'expectProof' | 'expecting' | 'frames' | 'proofs' | 'reset'>
  readonly outbound: Pick<
    Outbound<unknown>,
    'attach' | 'attached' | 'flush' | 'drained' | 'handed' | 'prove' | 'uncertain' | 'reset'
  >
  readonly brake: Pick<Brake, 'held' | 'detach'>
}

/** An attempt or a socket that is over. */
export interface Ended extends Loss {
  /** What was handed to the socket and not proved to have arrived. */
  readonly uncertain: Uncertain
}

/** Where control tells what happened: from the outbox, so outside the chart and one after the other. */
export interface ControlHost extends DataPlane {
  makeAttempt(gen: number, dialledOffline: boolean): Attempt
  whenOpen(attempt: Attempt): void
  whenClosed(ended: Ended): void
  /** A retry is scheduled. */
  whenWaiting(status: ConnectionStatus): void
  whenChanged(status: ConnectionStatus): void
  whenAnswered(rtt: number): void
  whenDrained(): void
  /** Over: what still waits is to be settled. */
  whenSettled(close: CloseInfo | undefined): void
  report(error: ConnectionError): void
}
