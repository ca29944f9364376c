import { closeCodeWords, count, span, trip } from './format.js'

// What the log says. It is given whatever was sent, and believes none of it.

export type Fields = Readonly<Record<string, unknown>>

export const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** As much of a text as may be kept and shown. */
export const brief = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.slice(0, 100) : undefined

function closeWords(occurrence: Fields): string {
  const code = number(occurrence['code'])
  const status = number(occurrence['status'])
  const uncertain = number(occurrence['uncertain']) ?? 0
  return [
    code === undefined ? undefined : closeCodeWords(code),
    brief(occurrence['error']),
    status === undefined ? undefined : `HTTP ${status}`,
    uncertain > 0 ? `${count(uncertain, 'message')} may be lost` : undefined,
    occurrence['willRetry'] === true ? `tries again in ${span(number(occurrence['delay']) ?? 0)}` : 'final',
  ]
    .filter((part) => part !== undefined)
    .join(', ')
}

/** What happened; `undefined`: it says nothing that we know. */
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
      return `answered in ${trip(number(occurrence['rtt']) ?? 0)}`
    case 'dropped':
      return `${count(number(occurrence['messages']) ?? 0, 'message')}: ${brief(occurrence['reason']) ?? '?'}`
    case 'error':
      return brief(occurrence['error']) ?? '?'
    default:
      return undefined
  }
}

/** The numbers that an event of the chart carries. */
export function eventDetail(event: Fields): string {
  const parts: string[] = []
  const code = number(event['code'])
  if (code !== undefined) parts.push(`code ${code}`)
  const delay = number(event['delay'])
  if (delay !== undefined) parts.push(`in ${span(delay)}${event['hinted'] === true ? ', as the server asked' : ''}`)
  return parts.join(', ')
}
