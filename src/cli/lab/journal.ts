import type { BackoffEvent, CloseEvent, ConnectionError } from '../../index.js'

/** How a link or an attempt ended: what an event says of it. */
export type Ending = Pick<CloseEvent, 'code' | 'reason' | 'error' | 'status'>

/** What happened to the connection. `at`: milliseconds since the lab began. */
export type Happening = { readonly at: number } & (
  | {
      readonly what: 'open'
      readonly attempt: number
      /** Messages that had waited for it. */
      readonly flushed: number
    }
  | {
      /** `lost`: a link that was open; `failed`: an attempt. */
      readonly what: 'lost' | 'failed'
      readonly event: CloseEvent
      /** The next attempt waits so long because the server asked for it. */
      readonly hinted: boolean
      /** Messages whose echo will not come now. */
      readonly lost: number
    }
)

/** Lengths of time, for people. */
export function seconds(ms: number, digits = 1): string {
  return `${(ms / 1_000).toFixed(digits)} s`
}

/** `1 message`, `2 messages`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The system's name for what a socket failed with, such as ECONNREFUSED. */
function systemCode({ cause }: ConnectionError): string | undefined {
  if (!(cause instanceof Error)) return undefined
  const { code } = cause as { code?: unknown }
  return typeof code === 'string' && code !== '' ? code : undefined
}

/** Why it ended, in a few words. */
export function describeEnding({ code, reason, error, status }: Ending): string {
  if (status !== undefined) return `HTTP ${status}`
  if (error?.code === 'ERR_HEARTBEAT_TIMEOUT') return `heartbeat timeout (${code})`
  if (error?.code === 'ERR_CONNECT_TIMEOUT') return 'connect timeout'
  const system = error === undefined ? undefined : systemCode(error)
  if (system !== undefined) return system
  if (code === 1006) return 'cut off (1006)'
  return `closed ${code}${reason === '' ? '' : ` ${reason}`}`
}

/** One line of the log. */
export function describeHappening(happening: Happening): string {
  if (happening.what === 'open') {
    const { attempt, flushed } = happening
    const what = attempt === 1 ? 'open' : `open again, by attempt ${attempt}`
    return flushed === 0 ? what : `${what}; ${counted(flushed, 'message')} that waited went out`
  }
  const { what, event, hinted, lost } = happening
  const { attempt, willRetry, delay = 0, uncertain } = event
  const subject = what === 'lost' ? (willRetry ? 'lost' : 'ended') : `attempt ${attempt} failed`
  const missing = uncertain.messages === 0 ? [] : [`${counted(uncertain.messages, 'message')} uncertain`]
  // Every frame makes what was sent before it certain, an echo only its own message: the two may differ.
  if (lost !== uncertain.messages) missing.push(`${lost} without an echo`)
  const next = willRetry ? `attempt ${attempt + 1} in ${seconds(delay)}${hinted ? ', as the server asked' : ''}` : ''
  return [[`${subject}: ${describeEnding(event)}`, ...missing].join(', '), next]
    .filter((part) => part !== '')
    .join(' · ')
}

/** For the status, which knows the ending under another shape. */
export function endingOf({
  close,
  error,
  status,
}: Pick<BackoffEvent, 'close' | 'error'> & { status: number | undefined }): Ending {
  return { code: close.code, reason: close.reason, error, status }
}
