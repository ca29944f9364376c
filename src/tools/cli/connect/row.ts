import type { ConnectionStatus, Counters } from '../../../index.js'
import { counted } from '../status/ending.js'
import { attempt, because, join, roundTrip, tones } from '../status/present.js'
import { fit, type Line } from '../terminal/text.js'

/** The data of the status row. */
export interface View {
  readonly status: ConnectionStatus
  /** The current time, comparable to `status.retryAt`. Milliseconds since 1970. */
  readonly wall: number
  readonly counters: Pick<Counters, 'sent' | 'received' | 'queued'>
  /** The last round-trip time of a heartbeat. Milliseconds. */
  readonly rtt: number | undefined
  /** Messages that may have been lost so far. */
  readonly uncertain: number
  /** Messages that the session's server has not acknowledged yet. */
  readonly unacknowledged?: number | undefined
}

/** Renders the current status in one row, at most `width` columns wide. */
export function statusRow({ status, wall, counters, rtt, uncertain, unacknowledged }: View, width: number): Line {
  const name = { text: status.state, tone: tones[status.state] }
  const reason = because(status)
  const state: Line = reason === '' ? [name] : [name, { text: `: ${reason}` }]
  const waits = status.state === 'backoff' || status.state === 'suspended'
  const next = attempt(status, wall)
  // For an open link, the attempt number no longer matters.
  const shown = status.state === 'connecting' || waits
  const when: Line = shown ? [{ text: next.when }] : []
  const asked: Line = shown ? [{ text: next.when + next.why }] : []
  const trip: Line = status.state === 'open' && rtt !== undefined ? [{ text: roundTrip(rtt) }] : []
  const { sent, received, queued } = counters
  const open = unacknowledged === undefined ? '' : ` unacknowledged ${unacknowledged}`
  const openBriefly = unacknowledged === undefined ? '' : ` u ${unacknowledged}`
  const full: Line = [{ text: `sent ${sent} received ${received} queued ${queued}${open}` }]
  const brief: Line = [{ text: `out ${sent} in ${received} q ${queued}${openBriefly}` }]
  const lost: Line = uncertain === 0 ? [] : [{ text: `${counted(uncertain, 'message')} uncertain`, tone: 'bad' }]
  return fit(
    [
      join(state, asked, trip, full, lost),
      join(state, when, trip, full, lost),
      join(state, when, trip, brief, lost),
      join(state, when, brief),
      join([name], when, brief),
    ],
    width,
  )
}
