import { Latest } from './latest.js'
import { number, type Fields } from './log-words.js'
import { phases, type Phase } from './states.js'
import { Watched } from './watched.js'

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What may be a message: anything else that is posted is somebody else's talk. */
export function isMessage(data: unknown): data is Fields {
  return isFields(data) && typeof data['type'] === 'string' && typeof data['sessionId'] === 'string'
}

export const timeOf = (message: Fields): number => {
  const { createdAt } = message
  return number(typeof createdAt === 'string' ? Number(createdAt) : createdAt) ?? 0
}

/** Beyond so many, those that nobody tells of any more are forgotten, the oldest first. */
const mostConnections = 5_000

/** All connections that were told of. */
export class Store {
  readonly connections = new Map<string, Watched>()
  /** Actors of other charts, which are not ours to show. */
  readonly #foreign = new Latest()
  /** What connections have spawned: their sockets. */
  readonly #children = new Latest()
  /** The chart's definition as text, once it was found to be ours: it is told of every connection. */
  #chart = ''
  /** When the last message was made. */
  latest = 0
  earliest = Infinity
  taken = 0

  get foreign(): number {
    return this.#foreign.size
  }

  take(message: Fields): void {
    const id = String(message['sessionId'])
    const at = timeOf(message)
    this.taken++
    this.latest = Math.max(this.latest, at)
    if (at > 0) this.earliest = Math.min(this.earliest, at)
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
      // Introduced before we came: whoever keeps the last two hundred messages has let that go.
      const watched = known ?? new Watched(id, id)
      watched.snapshot(at, event, message['snapshot'])
      if (watched.paths.length > 0) this.connections.set(id, watched)
      return
    }
    if (known === undefined) return
    if (type === '@statewire.figures' && isFields(message['figures'])) known.figures(at, message['figures'])
    if (type === '@statewire.occurrence' && isFields(message['occurrence'])) known.occurrence(at, message['occurrence'])
  }

  /** Whoever told of them is starting anew, and will tell of those that are still there. */
  leaveAll(): void {
    for (const watched of this.connections.values()) this.#leave(watched)
  }

  /** How many are in each phase. */
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
    this.connections.set(id, watched)
    // Its snapshot is not believed: one that is told late shows a later state. The one that follows is right.
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

  #leave(watched: Watched): void {
    watched.gone = true
    watched.version++
    if (this.connections.size <= mostConnections) return
    const oldest = [...this.connections.values()].find(({ gone }) => gone)
    if (oldest !== undefined) this.connections.delete(oldest.id)
  }
}
