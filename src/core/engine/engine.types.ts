import type {
  ConnectionContext,
  ConnectionEvent,
  Effect,
  ChartHost,
  ReadyStateTag,
} from '../../../machines/connection.types.js'
import type { ConnectionInspection } from './inspection.types.js'

/** The states inside `closed` and `live`. `deciding`, while a loss is being judged, is shown in no status. */
export type ChartState = 'idle' | 'deciding' | 'backoff' | 'suspended' | 'ended' | 'connecting' | 'open' | 'closing'

/** Where the chart is. */
export interface ConnectionSnapshot {
  readonly state: ChartState
  /** All active states, as XState writes them. Do not change it: it may belong to several connections. */
  readonly value: object
  readonly context: ConnectionContext
  hasTag(tag: ReadyStateTag): boolean
}

/** What an engine asks of its connection. */
export interface EngineHost extends ChartHost {
  /** In the middle of an event: put it off until the engine has finished. */
  effect(name: Effect): void
  /** The socket of this generation is no longer wanted: at once. */
  dispose(gen: number): void
}

/** The clock of an engine. Milliseconds; a delay may be `Infinity`. */
export interface EngineTimers {
  setTimeout(callback: () => void, delay: number): unknown
  /** A timer that was cleared must not fire. */
  clearTimeout(handle: unknown): void
}

export interface EngineObserver {
  /** An event was taken, and its effects were asked for. Events that change nothing may be left out. Must not throw. */
  next(snapshot: ConnectionSnapshot): void
  /** A guard, an update, a delay or an effect threw. The engine has stopped, and has not disposed of the socket. */
  error(thrown: unknown): void
}

/** Runs the chart of one connection. */
export interface Engine {
  readonly snapshot: ConnectionSnapshot
  /** Calls `next` once, with where the chart begins. */
  start(observer: EngineObserver): void
  /** An event that is sent while another one is taken waits for its turn. */
  send(event: ConnectionEvent): void
  /** Disposes of the socket and clears the timers; what is sent from now on is ignored. */
  stop(): void
  /** Tells, from now on, what the chart does. An engine without it is one that `inspection.ts` can watch. */
  inspect?(tell: (event: ConnectionInspection) => void): () => void
}

export type MakeEngine = (host: EngineHost, timers: EngineTimers) => Engine
