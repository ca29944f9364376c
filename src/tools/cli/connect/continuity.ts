import type { ConnectionError } from '../../../index.js'
import type { Continuity, ResumeSession } from '../../../resume/index.js'
import { counted, seconds } from '../status/ending.js'
import type { EventLine } from './events.js'

/** What became of the session, in one line. Shows neither messages nor the session's id, which is a secret. */
export function describeContinuity(event: Continuity): string {
  if (event.kind === 'begun') return 'session begun'
  if (event.kind === 'kept') {
    const { out, in: incoming } = event.replayed
    return `session kept after ${seconds(event.away)}: ${counted(out, 'message')} sent again, ${incoming} received late`
  }
  const { reason, topic, delivered, undelivered, uncertain } = event
  if (topic !== undefined) return `messages of the topic ${topic} lost (${reason})`
  return `session lost (${reason}): ${delivered} delivered, ${undelivered.length} undelivered, ${uncertain.length} uncertain`
}

/** Reports the session's events. */
export function onContinuity(session: Pick<ResumeSession, 'on'>, tell: (event: EventLine) => void): void {
  session.on('continuity', (event) => tell({ type: 'continuity', at: Date.now(), ...fieldsOf(event) }))
}

function fieldsOf(event: Continuity): Readonly<Record<string, unknown>> {
  const { kind } = event
  if (kind === 'begun') return { kind }
  if (kind === 'kept') return { kind, away: event.away, replayed: event.replayed }
  const { reason, topic, lastReceived, delivered, undelivered, uncertain } = event
  return {
    kind,
    reason,
    ...(topic !== undefined && { topic }),
    lastReceived,
    delivered,
    undelivered: undelivered.length,
    uncertain: uncertain.length,
  }
}

/** The session of one run, and what it has lost. Without `--resume` there is none. */
export class RunSession {
  undelivered = 0
  uncertain = 0
  readonly #session: ResumeSession | undefined

  constructor(session: ResumeSession | undefined) {
    this.#session = session
    session?.on('continuity', (event) => {
      if (event.kind !== 'lost') return
      this.undelivered += event.undelivered.length
      this.uncertain += event.uncertain.length
    })
  }

  /** Whether there is a session, which accounts for every message itself. */
  get exists(): boolean {
    return this.#session !== undefined
  }

  /** Messages that the server has not acknowledged yet. */
  get unacknowledged(): number | undefined {
    return this.#session?.unacknowledged.messages
  }

  /** Describes each event. `stays`: it is more than the normal beginning. */
  report(tell: (text: string, stays: boolean) => void): void {
    this.#session?.on('continuity', (event) => tell(describeContinuity(event), event.kind !== 'begun'))
  }

  /** Resolves when the server has handled everything sent, or the session is lost, which its event has reported. */
  async handled(signal: AbortSignal): Promise<void> {
    try {
      await this.#session?.delivered({ signal })
    } catch (error) {
      if ((error as Partial<ConnectionError> | null)?.code !== 'ERR_SESSION_LOST') throw error
    }
  }
}
