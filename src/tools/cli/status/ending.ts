import type { BackoffEvent, CloseEvent, ConnectionError } from '../../../index.js'

/** How a link or an attempt ended: what an event says of it. */
export type Ending = Pick<CloseEvent, 'code' | 'reason' | 'error' | 'status'>

/** Lengths of time, for people. */
export function seconds(ms: number, digits = 1): string {
  return `${(ms / 1_000).toFixed(digits)} s`
}

/** `1 message`, `2 messages`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The system's name for what a socket failed with, such as ECONNREFUSED; or what was wrong with the answer to the upgrade. */
function causeOf({ cause }: ConnectionError): string | undefined {
  if (!(cause instanceof Error)) return undefined
  const { code, message } = cause as { code?: unknown; message: string }
  if (typeof code === 'string' && code !== '') return code
  // Both say it in words of their own, which hold nothing of the server's.
  return cause.name === 'ProxyError' || /^(?:Server sent|Invalid) [\w -]+$/.test(message) ? message : undefined
}

/** Why it ended, in a few words. */
export function describeEnding({ code, reason, error, status }: Ending): string {
  if (status !== undefined) return `HTTP ${status}`
  if (error?.code === 'ERR_HEARTBEAT_TIMEOUT') return `heartbeat timeout (${code})`
  if (error?.code === 'ERR_IDLE_CUT') return `idle link cut (${code}); try a shorter --interval`
  if (error?.code === 'ERR_CONNECT_TIMEOUT') return 'connect timeout'
  const system = error === undefined ? undefined : causeOf(error)
  if (system !== undefined) return system
  if (code === 1006) return 'cut off (1006)'
  return `closed ${code}${reason === '' ? '' : ` ${reason}`}`
}

/** For the status, which knows the ending under another shape. */
export function endingOf({
  close,
  error,
  status,
}: Pick<BackoffEvent, 'close' | 'error'> & { status: number | undefined }): Ending {
  return { code: close.code, reason: close.reason, error, status }
}
