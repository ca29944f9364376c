import { timeOf } from '../foreign.js'
import { Latest } from './bounded.js'
import { hour, isFields, recordedAt, type Fields } from './message.js'
import { phases, type Phase } from './states.js'
import { Watched } from './watched.js'

/** Above these numbers, connections are forgotten: first those no longer observed, oldest first, then the others. */
const mostConnections = 5_000
const mostInAll = 20_000

/** All observed connections. */
export class Store {
  readonly connections = new Map<string, Watched>()
  readonly #timeOf: (message: Fields) => number
  /** Connections that were reported gone, oldest first. Some may have come back. */
  readonly #gone = new Set<string>()
  /** Actors of other charts, which are not shown. */
  readonly #foreign = new Latest()
  /** Actors that connections spawned: their sockets. */
  readonly #children = new Latest()
  /** The definition of statewire's chart as text, once recognized. Every connection sends it. */
  #chart = ''
  /** When the newest message was made. */
  latest = 0
  taken = 0

  /** For live messages: one with no valid time, or a time in the future, gets the current time. `now`: milliseconds since 1970. */
  static live(now: () => number = Date.now): Store {
    return new Store(({ createdAt }) => timeOf(createdAt, now() + hour) ?? now())
  }

  constructor(timeOfMessage: (message: Fields) => number = recordedAt) {
    this.#timeOf = timeOfMessage
  }

  get foreign(): number {
    return this.#foreign.size
  }

  take(message: Fields): void {
    const id = String(message['sessionId'])
    const at = this.#timeOf(message)
    this.taken++
    this.latest = Math.max(this.latest, at)
    const { type } = message
    if (type === '@xstate.actor') {
      this.#meet(id, message)
      return
    }
    if (this.#foreign.has(id) || this.#children.has(id)) return
    const known = this.connections.get(id)
    if (type === '@statewire.gone') {
      if (known !== undefined) this.#leave(known)
      return
    }
    if (type === '@xstate.snapshot') {
      if (!isFields(message['snapshot'])) return
      const event = isFields(message['event']) ? message['event'] : {}
      // Its `@xstate.actor` message is missing: a sender that keeps only the last 200 messages has dropped it.
      const watched = known ?? new Watched(id, id)
      watched.snapshot(at, event, message['snapshot'])
      if (watched.paths.length > 0) this.#keep(watched)
      return
    }
    if (known === undefined) return
    if (type === '@statewire.figures' && isFields(message['figures'])) known.figures(at, message['figures'])
    if (type === '@statewire.occurrence' && isFields(message['occurrence'])) known.occurrence(at, message['occurrence'])
  }

  /** Marks all as gone. A sender that restarts reports again those that still exist. */
  leaveAll(): void {
    for (const watched of this.connections.values()) this.#leave(watched)
  }

  /** The number of connections in each phase. */
  census(): Map<Phase, number> {
    const counts = new Map<Phase, number>(phases.map((phase) => [phase, 0]))
    for (const { phase } of this.connections.values()) counts.set(phase, (counts.get(phase) ?? 0) + 1)
    return counts
  }

  #meet(id: string, message: Fields): void {
    const { parentId, name, definition } = message
    if (typeof parentId === 'string') {
      this.#children.add(id)
      return
    }
    if (!this.#isConnection(definition)) {
      this.#foreign.add(id)
      return
    }
    const label = typeof name === 'string' ? name.slice(0, 200) : id
    const known = this.connections.get(id)
    const watched = known ?? new Watched(id, label)
    watched.name = label
    watched.gone = false
    this.#keep(watched)
    // Ignores its snapshot, which may show a later state. The next snapshot message is correct.
  }

  #isConnection(definition: unknown): boolean {
    if (typeof definition !== 'string') return false
    if (definition === this.#chart) return true
    try {
      const chart: unknown = JSON.parse(definition)
      const states = isFields(chart) && chart['id'] === 'connection' ? chart['states'] : undefined
      if (!isFields(states) || !('closed' in states && 'live' in states)) return false
    } catch {
      return false
    }
    this.#chart = definition
    return true
  }

  #keep(watched: Watched): void {
    this.connections.set(watched.id, watched)
    if (this.connections.size <= mostInAll) return
    this.#forgetGone()
    if (this.connections.size <= mostInAll) return
    // In batches: finding the oldest costs the same for one as for many.
    for (const oldest of this.connections.keys()) {
      if (this.connections.size <= mostInAll * 0.95) return
      this.connections.delete(oldest)
    }
  }

  #leave(watched: Watched): void {
    watched.gone = true
    watched.version++
    // Moves to the end if it was present.
    this.#gone.delete(watched.id)
    this.#gone.add(watched.id)
    if (this.connections.size > mostConnections || this.#gone.size > mostConnections) this.#forgetGone()
  }

  /** Forgets the connection that has been gone longest. */
  #forgetGone(): void {
    for (const id of this.#gone) {
      this.#gone.delete(id)
      if (this.connections.get(id)?.gone === true) {
        this.connections.delete(id)
        return
      }
    }
  }
}
