import { sizeOf, timeOf } from '../foreign.js'
import { Latest } from './latest.js'
import type { Fields } from './log-words.js'
import { phases, type Phase } from './states.js'
import { Watched } from './watched.js'

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Characters, roughly. The relay passes on no more than half of it. */
const longestMessage = 8_388_608
/** As the relay makes them: 200 characters of the application's own, and what says which application. */
const longestId = 300

/** How large a message is, in characters. `undefined` for anything that is not a message, or is not one that we could save. */
export function sizeOfMessage(data: unknown): number | undefined {
  if (!isFields(data) || typeof data['type'] !== 'string' || typeof data['sessionId'] !== 'string') return undefined
  return data['sessionId'].length > longestId ? undefined : sizeOf(data, longestMessage)
}

export const isMessage = (data: unknown): data is Fields => sizeOfMessage(data) !== undefined

const hour = 3_600_000
const year = 8_760 * hour

/** No recording is older; the clock of the test kit begins here. */
const firstRecording = Date.UTC(2000, 0)

/** When a message of a recording was made; 0 if that is unknown. A recording may come from a machine whose clock is ahead. */
export function recordedAt({ createdAt }: Fields): number {
  const at = timeOf(createdAt, Date.now() + year) ?? 0
  return at < firstRecording ? 0 : at
}

/** Beyond so many, those that are no longer reported are forgotten, the oldest first; then all others. */
const mostConnections = 5_000
const mostInAll = 20_000

/** All connections that were told of. */
export class Store {
  readonly connections = new Map<string, Watched>()
  readonly #timeOf: (message: Fields) => number
  /** Those that were no longer reported, the oldest first; some of them may be back. */
  readonly #gone = new Set<string>()
  /** Actors of other charts, which are not ours to show. */
  readonly #foreign = new Latest()
  /** What connections have spawned: their sockets. */
  readonly #children = new Latest()
  /** The chart's definition as text, once it was found to be ours: it is told of every connection. */
  #chart = ''
  /** When the last message was made. */
  latest = 0
  taken = 0

  /** For what happens now: what claims to be from the future, or from no time, is from now. `now`: in milliseconds since 1970. */
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
      // Introduced before we came: whoever keeps the last two hundred messages has let that go.
      const watched = known ?? new Watched(id, id)
      watched.snapshot(at, event, message['snapshot'])
      if (watched.paths.length > 0) this.#keep(watched)
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
    this.#keep(watched)
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

  #keep(watched: Watched): void {
    this.connections.set(watched.id, watched)
    if (this.connections.size <= mostInAll) return
    this.#forgetGone()
    if (this.connections.size <= mostInAll) return
    // Several at once: finding the oldest costs as much for one as for many.
    for (const oldest of this.connections.keys()) {
      if (this.connections.size <= mostInAll * 0.95) return
      this.connections.delete(oldest)
    }
  }

  #leave(watched: Watched): void {
    watched.gone = true
    watched.version++
    // At the end, if it was there before.
    this.#gone.delete(watched.id)
    this.#gone.add(watched.id)
    if (this.connections.size > mostConnections || this.#gone.size > mostConnections) this.#forgetGone()
  }

  /** The one that has been gone for the longest time. */
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
