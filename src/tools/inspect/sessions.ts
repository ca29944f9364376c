import type { Continuity, LostReason, ResumeSession } from '../../resume/index.js'

/** The part of a session of `statewire/resume` that `observe` uses, for any message type. */
export interface ObservableSession extends Pick<ResumeSession, 'counters' | 'state' | 'unacknowledged'> {
  on(type: 'continuity', listener: (event: Continuity<unknown>) => unknown): () => void
}

/** A connection's session, sampled. */
export interface SessionFigures {
  readonly state: ResumeSession['state']
  /** Messages sent and not acknowledged, and their bytes. */
  readonly unacknowledged: number
  readonly unacknowledgedBytes: number
  /** Totals across sessions since the connection was created. */
  readonly resumed: number
  readonly lost: number
  readonly replayedOut: number
  readonly replayedIn: number
  readonly duplicates: number
}

/** A session began, continues on a new link, or is lost. Has neither its id nor messages. */
export type ContinuityOccurrence = { readonly kind: 'continuity' } & (
  | { readonly continuity: 'begun' }
  | {
      readonly continuity: 'kept'
      /** How long there was no link. Milliseconds. */
      readonly away: number
      readonly replayedOut: number
      readonly replayedIn: number
    }
  | {
      readonly continuity: 'lost'
      readonly reason: LostReason
      /** Only messages of one topic are lost. */
      readonly topic: boolean
      readonly delivered: number
      readonly undelivered: number
      readonly uncertain: number
    }
)

// `Record`s, so that a missing word does not compile.
const states: Record<ResumeSession['state'], true> = {
  fresh: true,
  attached: true,
  away: true,
  plain: true,
  ended: true,
}
const reasons: Record<LostReason, true> = {
  expired: true,
  unknown: true,
  range: true,
  rewound: true,
  store: true,
  overflow: true,
  superseded: true,
  forbidden: true,
  drained: true,
  ended: true,
  closed: true,
}

/** An object of the app may have any text here. */
const known = <T extends string>(word: T, words: Readonly<Record<T, true>>, otherwise: T): T =>
  Object.keys(words).includes(word) ? word : otherwise

export function sessionFigures({ state, unacknowledged, counters }: ObservableSession): SessionFigures {
  const { resumed, lost, replayedOut, replayedIn, duplicates } = counters
  return {
    state: known(state, states, 'ended'),
    unacknowledged: unacknowledged.messages,
    unacknowledgedBytes: unacknowledged.bytes,
    resumed,
    lost,
    replayedOut,
    replayedIn,
    duplicates,
  }
}

export function continued(event: Continuity<unknown>): ContinuityOccurrence {
  const kind = 'continuity'
  if (event.kind === 'begun') return { kind, continuity: 'begun' }
  if (event.kind === 'kept') {
    const { away, replayed } = event
    return { kind, continuity: 'kept', away, replayedOut: replayed.out, replayedIn: replayed.in }
  }
  const { reason, topic, delivered, undelivered, uncertain } = event
  return {
    kind,
    continuity: 'lost',
    reason: known(reason, reasons, 'ended'),
    topic: topic !== undefined,
    delivered,
    undelivered: undelivered.length,
    uncertain: uncertain.length,
  }
}
