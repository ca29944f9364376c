import type { SessionFigures } from '../messages.js'
import { brief, isFields, number, type Fields } from './message.js'
import { count, span } from './words.js'

// The session of a connection, read from messages. Nothing about their shape is trusted.

/** What is shown of a session. */
export type SeenSession = SessionFigures

const states: readonly string[] = ['fresh', 'attached', 'away', 'plain', 'ended'] satisfies SeenSession['state'][]

/** `undefined` if the connection has no session. */
export function sessionIn(figures: Fields): SeenSession | undefined {
  const { session } = figures
  if (!isFields(session)) return undefined
  const { state } = session
  if (typeof state !== 'string' || !states.includes(state)) return undefined
  const total = (field: keyof SeenSession): number => number(session[field]) ?? 0
  return {
    state: state as SeenSession['state'],
    unacknowledged: total('unacknowledged'),
    unacknowledgedBytes: total('unacknowledgedBytes'),
    resumed: total('resumed'),
    lost: total('lost'),
    replayedOut: total('replayedOut'),
    replayedIn: total('replayedIn'),
    duplicates: total('duplicates'),
  }
}

/** For the row of a connection: the session's state, and what is unacknowledged. */
export function sessionWords({ state, unacknowledged }: SeenSession): string {
  return unacknowledged === 0 ? `session ${state}` : `session ${state}, ${unacknowledged.toLocaleString('en')} unacked`
}

/** What became of a session. `undefined` if that is unknown. */
export function continuityWords(occurrence: Fields): string | undefined {
  const total = (field: string): number => number(occurrence[field]) ?? 0
  const { continuity } = occurrence
  if (continuity === 'begun') return 'session begun'
  if (continuity === 'kept') {
    const again = `${count(total('replayedOut'), 'message')} sent again, ${total('replayedIn')} received late`
    return `session kept after ${span(total('away'))}: ${again}`
  }
  if (continuity !== 'lost') return undefined
  const reason = brief(occurrence['reason']) ?? '?'
  if (occurrence['topic'] === true) return `messages of a topic lost: ${reason}`
  const [delivered, undelivered, uncertain] = ['delivered', 'undelivered', 'uncertain'].map(total)
  return `session lost: ${reason}, ${delivered} delivered, ${undelivered} undelivered, ${uncertain} uncertain`
}
