import { createActor, type Actor, type SnapshotFrom } from 'xstate'
import type { ConnectionMachine } from '../../machines/connection.machine.js'
import type { ConnectionContext, ConnectionEvent, ReadyStateTag } from '../../machines/connection.types.js'
import type {
  ChartState,
  ConnectionSnapshot,
  Engine,
  EngineObserver,
  EngineHost,
  EngineTimers,
} from '../core/engine/engine.types.js'
import type { ConnectionInspection } from '../core/engine/inspection.types.js'
import { chart } from './chart.js'
import { inspectActor } from './inspection.js'

/** Adapts an XState snapshot to `ConnectionSnapshot`. */
class XStateSnapshot implements ConnectionSnapshot {
  readonly #snapshot: SnapshotFrom<ConnectionMachine>

  constructor(snapshot: SnapshotFrom<ConnectionMachine>) {
    this.#snapshot = snapshot
  }

  get state(): ChartState {
    const [inner] = Object.values(this.#snapshot.value) as [string | object]
    return (typeof inner === 'string' ? inner : Object.keys(inner)[0]) as ChartState
  }

  get value(): object {
    return this.#snapshot.value
  }

  get context(): ConnectionContext {
    return this.#snapshot.context
  }

  hasTag(tag: ReadyStateTag): boolean {
    return this.#snapshot.hasTag(tag)
  }
}

/** Runs the chart as an XState actor. */
export class XStateEngine implements Engine {
  readonly #actor: Actor<ConnectionMachine>

  constructor(host: EngineHost, timers: EngineTimers) {
    this.#actor = createActor(chart, { input: { host }, clock: timers })
  }

  get snapshot(): ConnectionSnapshot {
    return new XStateSnapshot(this.#actor.getSnapshot())
  }

  start(observer: EngineObserver): void {
    this.#actor.subscribe({
      next: (snapshot) => observer.next(new XStateSnapshot(snapshot)),
      error: (thrown) => observer.error(thrown),
    })
    this.#actor.start()
  }

  send(event: ConnectionEvent): void {
    this.#actor.send(event)
  }

  stop(): void {
    this.#actor.stop()
  }

  inspect(listener: (event: ConnectionInspection) => void): () => void {
    return inspectActor(this.#actor, listener)
  }
}

/**
 * Runs a connection's chart on XState: `createConnection(url, { engine: xstateEngine })`.
 *
 * The connection behaves the same, but is larger and slower than with the default engine. Use it if you need XState's
 * own actor.
 */
export const xstateEngine = (host: EngineHost, timers: EngineTimers): Engine => new XStateEngine(host, timers)
