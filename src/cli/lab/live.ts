import type { ConnectionStatus } from '../../index.js'
import { fit, printable, type Line, type Span, type Tone } from '../terminal/text.js'
import { describeEnding, endingOf, seconds } from './journal.js'
import type { Totals } from './rig.js'

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

const tones: Record<ConnectionStatus['state'], Tone> = {
  idle: 'faint',
  connecting: 'busy',
  open: 'good',
  closing: 'busy',
  backoff: 'bad',
  suspended: 'bad',
  ended: 'bad',
}

function reason({ loss }: ConnectionStatus): string {
  return loss === undefined ? '' : printable(describeEnding(endingOf(loss)))
}

/** What brought it here, or what it is about. */
function why({ status, silence }: Live): string {
  switch (status.state) {
    case 'idle':
      return 'never opened'
    case 'connecting':
      return status.phase
    case 'open':
      if (silence > longSilence) return `silent for ${seconds(silence)}`
      return status.stable ? 'stable' : 'settling'
    case 'backoff':
      return reason(status)
    case 'suspended':
      return status.why
    case 'closing':
      return 'by you'
    case 'ended':
      if (status.why === 'close') return 'closed by you'
      return status.why === 'close-timeout' ? 'closed by you, unanswered' : reason(status)
  }
}

function roundTrip(rtt: number): string {
  if (rtt >= 1_000) return `rtt ${seconds(rtt, 2)}`
  return `rtt ${rtt < 10 ? rtt.toFixed(1) : Math.round(rtt)} ms`
}

/** Which attempt, and when; `why` there has to be a wait, if the server wanted it. */
function attempt({ status, wall }: Live): { readonly when: string; readonly why: string } {
  const number = `attempt ${status.attempt}`
  if (status.state !== 'backoff' && status.state !== 'suspended') return { when: number, why: '' }
  // Upwards: 0.0 s would look as if it were late.
  const left = Math.max(0, Math.ceil((status.retryAt - wall) / 100) * 100)
  return { when: `${number} in ${seconds(left)}`, why: status.hinted ? ', as the server asked' : '' }
}

const join = (...lines: readonly Line[]): Line =>
  lines.filter((line) => line.length > 0).flatMap((line, at) => (at === 0 ? line : [{ text: ' · ' }, ...line]))

/** The connection at this moment, in rows no wider than the terminal. How many depends on the width alone. */
export function liveRows(live: Live, width: number): Line[] {
  const { status, totals, queued, rtt } = live
  const name: Span = { text: status.state, tone: tones[status.state] }
  const because = why(live)
  const state: Line = because === '' ? [name] : [name, { text: `: ${because}` }]
  const ended = status.state === 'ended' || status.state === 'idle'
  const next = attempt(live)
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
