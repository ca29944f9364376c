import type { ConnectionStatus } from '../../../index.js'
import type { Line, Tone } from '../terminal/text.js'
import { printable } from '../terminal/untrusted.js'
import { describeEnding, endingOf, seconds } from './ending.js'

/** The tone of each state. */
export const tones: Record<ConnectionStatus['state'], Tone> = {
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

/** Why the connection is in its state, or what it is doing. */
export function because(status: ConnectionStatus): string {
  switch (status.state) {
    case 'idle':
      return 'never opened'
    case 'connecting':
      return status.phase
    case 'open':
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

/** The round trip of a message or a ping. Milliseconds. */
export function roundTrip(rtt: number): string {
  if (rtt >= 1_000) return `rtt ${seconds(rtt, 2)}`
  return `rtt ${rtt < 10 ? rtt.toFixed(1) : Math.round(rtt)} ms`
}

/** Which attempt, and when. `why` says if the server asked for the delay. */
export function attempt(status: ConnectionStatus, wall: number): { readonly when: string; readonly why: string } {
  const number = `attempt ${status.attempt}`
  if (status.state !== 'backoff' && status.state !== 'suspended') return { when: number, why: '' }
  // Rounded up: `0.0 s` would look overdue.
  const left = Math.max(0, Math.ceil((status.retryAt - wall) / 100) * 100)
  return { when: `${number} in ${seconds(left)}`, why: status.hinted ? ', as the server asked' : '' }
}

/** Joins the parts of a row with `·`. Skips empty parts. */
export const join = (...lines: readonly Line[]): Line =>
  lines.filter((line) => line.length > 0).flatMap((line, at) => (at === 0 ? line : [{ text: ' · ' }, ...line]))
