import type { ConnectionStatus } from '../../../index.js'
import { seconds } from '../status/ending.js'
import { attempt, because, join, roundTrip, tones } from '../status/present.js'
import { fit, type Line, type Span } from '../terminal/text.js'
import type { Totals } from './traffic.js'

/** All that the live rows show. */
export interface Live {
  readonly status: ConnectionStatus
  /** Now, in milliseconds since 1970, as `status.retryAt` is. */
  readonly wall: number
  readonly totals: Totals
  readonly queued: number
  /** The last round trip. Milliseconds. */
  readonly rtt: number | undefined
  /** For how long an open link has been silent. Milliseconds. */
  readonly silence: number
}

/** A silence worth mentioning: several messages are due by then. Milliseconds. */
const longSilence = 1_000

/** Rows of the terminal in which everything has room side by side; or with the counters, or everything, on a row of its own. */
const wide = 100
const narrow = 60

/** What brought it here, or what it is about. */
function why({ status, silence }: Live): string {
  return status.state === 'open' && silence > longSilence ? `silent for ${seconds(silence)}` : because(status)
}

/** The connection at this moment, in rows no wider than the terminal. How many depends on the width alone. */
export function liveRows(live: Live, width: number): Line[] {
  const { status, totals, queued, rtt } = live
  const name: Span = { text: status.state, tone: tones[status.state] }
  const reason = why(live)
  const state: Line = reason === '' ? [name] : [name, { text: `: ${reason}` }]
  const ended = status.state === 'ended' || status.state === 'idle'
  const next = attempt(status, live.wall)
  const when: Line = ended ? [] : [{ text: next.when }]
  const asked: Line = ended ? [] : [{ text: next.when + next.why }]
  const trip: Line = status.state === 'open' && rtt !== undefined ? [{ text: roundTrip(rtt) }] : []
  const lost: Span = { text: `lost ${totals.lost}`, ...(totals.lost > 0 ? { tone: 'bad' } : {}) }
  const traffic: Line = [{ text: `out ${totals.out} in ${totals.in} queued ${queued} ` }, lost]
  const brief: Line = [{ text: `out ${totals.out} in ${totals.in} q ${queued} ` }, lost]
  if (width < narrow) {
    return [fit([state], width), fit([join(asked, trip), asked, when], width), fit([traffic, brief], width)]
  }
  if (width < wide) {
    const variants = [join(state, asked, trip), join(state, asked), join(state, when)]
    return [fit(variants, width), fit([traffic, brief], width)]
  }
  const variants = [join(state, asked, trip, traffic), join(state, asked, traffic), join(state, when, traffic)]
  return [fit([...variants, join([name], when, traffic)], width)]
}
