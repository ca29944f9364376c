import type { ConnectionStatus, Counters } from '../../../index.js'
import { counted } from '../status/ending.js'
import { attempt, because, join, roundTrip, tones } from '../status/present.js'
import { fit, type Line } from '../terminal/text.js'

/** All that the status row shows. */
export interface View {
  readonly status: ConnectionStatus
  /** Now, in milliseconds since 1970, as `status.retryAt` is. */
  readonly wall: number
  readonly counters: Pick<Counters, 'sent' | 'received' | 'queued'>
  /** The last round trip of a heartbeat. Milliseconds. */
  readonly rtt: number | undefined
  /** Messages that may be lost, so far. */
  readonly uncertain: number
}

/** The connection at this moment, in one row that is no wider than it is told. */
export function statusRow({ status, wall, counters, rtt, uncertain }: View, width: number): Line {
  const name = { text: status.state, tone: tones[status.state] }
  const reason = because(status)
  const state: Line = reason === '' ? [name] : [name, { text: `: ${reason}` }]
  const waits = status.state === 'backoff' || status.state === 'suspended'
  const next = attempt(status, wall)
  // An open link got there by its first attempt, or it does not matter any more.
  const shown = status.state === 'connecting' || waits
  const when: Line = shown ? [{ text: next.when }] : []
  const asked: Line = shown ? [{ text: next.when + next.why }] : []
  const trip: Line = status.state === 'open' && rtt !== undefined ? [{ text: roundTrip(rtt) }] : []
  const { sent, received, queued } = counters
  const full: Line = [{ text: `sent ${sent} received ${received} queued ${queued}` }]
  const brief: Line = [{ text: `out ${sent} in ${received} q ${queued}` }]
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
