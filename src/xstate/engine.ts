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

/** A snapshot of XState, as an engine shows it. */
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

/** The chart, run by an actor of XState. */
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

  inspect(tell: (event: ConnectionInspection) => void): () => void {
    return inspectActor(this.#actor, tell)
  }
}

/**
 * Runs the chart of a connection on XState itself: `createConnection(url, { engine: xstateEngine })`.
 *
 * The connection behaves the same. It is larger, slower and heavier than on the default engine, so the reason to use it is that what
 * runs is XState's own actor.
 */
export const xstateEngine = (host: EngineHost, timers: EngineTimers): Engine => new XStateEngine(host, timers)
