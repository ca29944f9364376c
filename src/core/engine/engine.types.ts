import type {
  ConnectionContext,
  ConnectionEvent,
  Effect,
  ChartHost,
  ReadyStateTag,
} from '../../../machines/connection.types.js'
import type { ConnectionInspection } from './inspection.types.js'

/** The states inside `closed` and `live`. The status never shows `deciding`, in which a loss awaits the retry decision. */
export type ChartState = 'idle' | 'deciding' | 'backoff' | 'suspended' | 'ended' | 'connecting' | 'open' | 'closing'

/** The current state of the chart. */
export interface ConnectionSnapshot {
  readonly state: ChartState
  /** All active states, in XState's format. Read-only: connections may share it. */
  readonly value: object
  readonly context: ConnectionContext
  hasTag(tag: ReadyStateTag): boolean
}

/** The connection that an engine works for. */
export interface EngineHost extends ChartHost {
  /** Called while an event is processed: defer the effect until the engine is done. */
  effect(name: Effect): void
  /** Drop the socket of this generation, immediately. */
  dispose(gen: number): void
}

/** The timers of an engine. Milliseconds; a delay may be `Infinity`. */
export interface EngineTimers {
  setTimeout(callback: () => void, delay: number): unknown
  /** A cleared timer must not fire. */
  clearTimeout(handle: unknown): void
}

/** Receives the results of an engine. */
export interface EngineObserver {
  /** An event was processed and its effects were requested. May be omitted for events that change nothing. Must not throw. */
  next(snapshot: ConnectionSnapshot): void
  /** A guard, an update, a delay or an effect threw. The engine has stopped without dropping the socket. */
  error(thrown: unknown): void
}

/** Runs the chart of one connection. */
export interface Engine {
  /** The current state. */
  readonly snapshot: ConnectionSnapshot
  /** Starts the chart and calls `next` with its initial state. */
  start(observer: EngineObserver): void
  /** Sends an event. During the processing of another event, it is queued. */
  send(event: ConnectionEvent): void
  /** Drops the socket and clears the timers. Later events are ignored. */
  stop(): void
  /**
   * Subscribes to inspection events. Without it, the engine must be a `CompiledEngine`, which `inspection.ts` observes directly.
   */
  inspect?(emit: (event: ConnectionInspection) => void): () => void
}

/** Creates the engine of one connection. */
export type MakeEngine = (host: EngineHost, timers: EngineTimers) => Engine
