import { describeCloseCode } from '../../../index.js'
import { brief, number, type Fields } from './message.js'

// Words for durations and log lines.

/** A duration in readable units: `840 ms`, `3.2 s`, `4 min 5 s`. */
export function span(duration: number): string {
  const time = Math.max(0, duration)
  if (time < 995) return `${Math.round(time)} ms`
  if (time < 9_950) return `${(time / 1_000).toFixed(1)} s`
  const seconds = Math.round(time / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `1 message`, `2 messages`. */
export const count = (number: number, thing: string): string =>
  `${number.toLocaleString('en')} ${thing}${number === 1 ? '' : 's'}`

/** A round trip. Below 10 ms, with one decimal. */
export const trip = (rtt: number): string => (rtt < 9.95 ? `${rtt.toFixed(1)} ms` : span(rtt))

export function closeCodeWords(code: number): string {
  const { name } = describeCloseCode(code)
  return `${code} ${name}`
}

function closeWords(occurrence: Fields): string {
  const code = number(occurrence['code'])
  const status = number(occurrence['status'])
  const uncertain = number(occurrence['uncertain']) ?? 0
  return [
    code === undefined ? undefined : closeCodeWords(code),
    brief(occurrence['error']),
    status === undefined ? undefined : `HTTP ${status}`,
    uncertain > 0 ? `${count(uncertain, 'message')} uncertain` : undefined,
    occurrence['willRetry'] === true ? `next attempt in ${span(number(occurrence['delay']) ?? 0)}` : 'no reconnect',
  ]
    .filter((part) => part !== undefined)
    .join(', ')
}

/** The details of an event. `undefined` if its kind is unknown. */
export function occurrenceWords(occurrence: Fields): string | undefined {
  switch (occurrence['kind']) {
    case 'open':
      return `attempt ${number(occurrence['attempt']) ?? '?'}`
    case 'close':
      return closeWords(occurrence)
    case 'backoff': {
      const hint = occurrence['hinted'] === true ? ', as the server asked' : ''
      return `attempt ${number(occurrence['attempt']) ?? '?'} in ${span(number(occurrence['delay']) ?? 0)}${hint}`
    }
    case 'heartbeat':
      return `pong after ${trip(number(occurrence['rtt']) ?? 0)}`
    case 'dropped':
      return `${count(number(occurrence['messages']) ?? 0, 'message')}: ${brief(occurrence['reason']) ?? '?'}`
    case 'error':
      return brief(occurrence['error']) ?? '?'
    default:
      return undefined
  }
}

/** The numbers in an event of the chart. */
export function eventDetail(event: Fields): string {
  const parts: string[] = []
  const code = number(event['code'])
  if (code !== undefined) parts.push(`code ${code}`)
  const delay = number(event['delay'])
  if (delay !== undefined) parts.push(`in ${span(delay)}${event['hinted'] === true ? ', as the server asked' : ''}`)
  return parts.join(', ')
}
