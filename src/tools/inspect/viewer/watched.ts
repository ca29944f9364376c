import type { Figures } from '../messages.js'
import { Ring } from './bounded.js'
import { brief, number, type Fields } from './message.js'
import { continuityWords, sessionIn, type SeenSession } from './session.js'
import { activePaths, eventName, kindOf, move, phaseOf, type Kind, type Phase } from './states.js'
import { eventDetail, occurrenceWords } from './words.js'

/** The connection entered a phase. */
export interface Segment {
  readonly at: number
  readonly phase: Phase
  /** The heartbeat's state, if the link is open. */
  readonly beat: string
}

export interface Entry {
  readonly at: number
  readonly kind: Kind
  readonly event: string
  /** The transition; `''` if the state did not change. */
  readonly move: string
  readonly detail: string
  /** Highlighted as a problem. */
  readonly grave: boolean
}

/** One step of the chart. */
export interface Step {
  readonly event: string
  readonly before: readonly string[]
  readonly after: readonly string[]
}

export interface Trip {
  readonly at: number
  readonly rtt: number
}

export interface Sample extends Figures {
  readonly at: number
}

/** How the last link or attempt ended, as far as it is known. */
export interface Lost {
  readonly at: number
  readonly code?: number
  readonly error?: string
  readonly status?: number
  readonly uncertain?: number
  /** The reason in the chart. */
  readonly why?: string
  /** A `close` event was received, which knows more than the chart. */
  readonly told?: true
}

export interface Facts {
  readonly why: string
  readonly failures: number
  readonly hinted: boolean
  readonly wait: number
}

const asked = /^live\.open\.heartbeat\.(?:waiting|probing)$/

/** One connection, as known from its messages. */
export class Watched {
  readonly id: string
  name: string
  /** No longer observed. */
  gone = false
  paths: readonly string[] = []
  phase: Phase = 'idle'
  beat = ''
  /** When it entered this phase. */
  since = 0
  openSince = 0
  facts: Facts = { why: 'new', failures: 0, hinted: false, wait: 0 }
  waitEnds: number | undefined
  lost: Lost | undefined
  /** How long the last unanswered ping waited for its reply. */
  patience: number | undefined
  /** When the pending ping was sent. */
  pingAt: number | undefined
  readonly segments = new Ring<Segment>(2_000)
  readonly log = new Ring<Entry>(400)
  readonly trips = new Ring<Trip>(1_200)
  readonly samples = new Ring<Sample>(2_400)
  readonly steps = new Ring<Step>(4)
  /** The session, if the connection has one. */
  session: SeenSession | undefined
  /** `heartbeat` events were received, so round trips need not be estimated from the chart. */
  tripsTold = false
  /** Increases with every change. */
  version = 0

  constructor(id: string, name: string) {
    this.id = id
    this.name = name
  }

  /** The chart took an event. */
  snapshot(at: number, event: Fields, snapshot: Fields): void {
    const after = activePaths(snapshot['value'])
    const phase = phaseOf(after)
    if (phase === undefined) return
    this.version++
    this.gone = false
    const before = this.paths
    const type = brief(event['type']) ?? ''
    this.#learn(snapshot['context'])
    this.#noteHeartbeat(at, type, before, after)
    this.#noteLoss(at, type, event, after)
    // `xstate.init` repeats when observation restarts.
    const isFirst = before.length === 0 || type.endsWith('xstate.init')
    const wasOpen = this.phase === 'open' || this.phase === 'doubted'
    const isOpen = phase === 'open' || phase === 'doubted'
    if (isOpen && (!wasOpen || isFirst || isNewLink(type))) this.openSince = at
    if (phase !== this.phase || isFirst) this.since = at
    const beat =
      after.find((path) => path.startsWith('live.open.heartbeat.'))?.slice('live.open.heartbeat.'.length) ?? ''
    if (phase !== this.phase || beat !== this.beat || isFirst) this.segments.push({ at, phase, beat })
    this.paths = after
    this.phase = phase
    this.beat = beat
    if (!isFirst) this.steps.push({ event: type, before, after })
    const moved = isFirst ? '' : move(before, after)
    const isRenewed = moved === '' && ['RECONNECT', 'OPEN', 'environment.online'].includes(type)
    this.log.push({
      at,
      kind: kindOf(type),
      event: eventName(type),
      move: isFirst ? `in ${phase}` : isRenewed ? 'restarted' : moved,
      detail: eventDetail(event),
      grave: moved.endsWith('→ deciding') || moved.endsWith('→ grace'),
    })
  }

  figures(at: number, figures: Fields): void {
    this.version++
    this.samples.push({
      at,
      sent: number(figures['sent']) ?? 0,
      received: number(figures['received']) ?? 0,
      queued: number(figures['queued']) ?? 0,
      queuedBytes: number(figures['queuedBytes']) ?? 0,
      bufferedAmount: number(figures['bufferedAmount']) ?? 0,
      unread: number(figures['unread']) ?? 0,
      dropped: number(figures['dropped']) ?? 0,
      uncertain: number(figures['uncertain']) ?? 0,
      attempt: number(figures['attempt']) ?? 0,
    })
    this.session = sessionIn(figures)
    const retryAt = number(figures['retryAt'])
    if (retryAt !== undefined && this.waitEnds !== undefined) this.waitEnds = retryAt
  }

  occurrence(at: number, occurrence: Fields): void {
    this.version++
    const kind = occurrence['kind']
    if (kind === 'heartbeat') {
      const rtt = number(occurrence['rtt'])
      if (rtt === undefined) return
      // Earlier estimates from the chart are the same trips, less exact.
      this.tripsTold = true
      this.trips.push({ at, rtt })
    } else if (kind === 'close') {
      const [code, status, uncertain] = ['code', 'status', 'uncertain'].map((field) => number(occurrence[field]))
      const error = brief(occurrence['error'])
      const why = this.lost?.told === true ? undefined : this.lost?.why
      this.lost = {
        at,
        told: true,
        ...(why !== undefined && { why }),
        ...(code !== undefined && { code }),
        ...(status !== undefined && { status }),
        ...(uncertain !== undefined && { uncertain }),
        ...(error !== undefined && { error }),
      }
    } else if (kind === 'backoff') this.waitEnds = number(occurrence['retryAt']) ?? this.waitEnds
    const words = kind === 'continuity' ? continuityWords(occurrence) : occurrenceWords(occurrence)
    if (words === undefined) return
    const isLost = kind === 'continuity' && occurrence['continuity'] === 'lost'
    const grave =
      isLost || kind === 'dropped' || kind === 'error' || (kind === 'close' && occurrence['willRetry'] === true)
    this.log.push({ at, kind: 'report', event: String(kind), move: '', detail: words, grave })
  }

  #learn(context: unknown): void {
    if (typeof context !== 'object' || context === null) return
    const { why, failures, hinted, wait } = context as Fields
    this.facts = {
      why: brief(why) ?? this.facts.why,
      failures: number(failures) ?? this.facts.failures,
      hinted: typeof hinted === 'boolean' ? hinted : this.facts.hinted,
      wait: number(wait) ?? this.facts.wait,
    }
  }

  #noteHeartbeat(at: number, type: string, before: readonly string[], after: readonly string[]): void {
    const isAsking = after.some((path) => asked.test(path))
    const wasAsking = before.some((path) => asked.test(path))
    if (isAsking && !wasAsking) this.pingAt = at
    if (this.pingAt === undefined) return
    const isInGrace = after.includes('live.open.heartbeat.grace')
    if (isInGrace) this.patience = at - this.pingAt
    if (type === 'socket.alive' && !this.tripsTold) this.trips.push({ at, rtt: at - this.pingAt })
    if (!isAsking && !isInGrace) this.pingAt = undefined
  }

  #noteLoss(at: number, type: string, event: Fields, after: readonly string[]): void {
    const isWaiting = after.some((path) => path.startsWith('closed.backoff') || path === 'closed.suspended')
    if (!isWaiting) this.waitEnds = undefined
    else if (after.join(' ') !== this.paths.join(' ') || type === 'environment.bfcached')
      this.waitEnds = at + this.facts.wait
    if (after.includes('closed.deciding')) {
      const code = number(event['code'])
      this.lost = { at, why: this.facts.why, ...(code !== undefined && { code }) }
    }
    if (type === 'OPEN' && after.includes('live')) this.lost = undefined
  }
}

/** One open link replaced another directly. */
const isNewLink = (type: string): boolean => type === 'socket.prepared'
