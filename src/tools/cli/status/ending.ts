import type { BackoffEvent, CloseEvent, ConnectionError } from '../../../index.js'

/** How a link or an attempt ended. */
export type Ending = Pick<CloseEvent, 'code' | 'reason' | 'error' | 'status'>

/** A duration in seconds: `1.2 s`. */
export function seconds(ms: number, digits = 1): string {
  return `${(ms / 1_000).toFixed(digits)} s`
}

/** `1 message`, `2 messages`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The system's error code, such as ECONNREFUSED, or the problem with the handshake's response. */
function causeOf({ cause }: ConnectionError): string | undefined {
  if (!(cause instanceof Error)) return undefined
  const { code, message } = cause as { code?: unknown; message: string }
  if (typeof code === 'string' && code !== '') return code
  // Both messages are fixed texts without data from the server.
  return cause.name === 'ProxyError' || /^(?:Server sent|Invalid) [\w -]+$/.test(message) ? message : undefined
}

/** Why a link or an attempt ended, in a few words. */
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

/** The ending in `ConnectionStatus.loss`, which has another shape. */
export function endingOf({
  close,
  error,
  status,
}: Pick<BackoffEvent, 'close' | 'error'> & { status: number | undefined }): Ending {
  return { code: close.code, reason: close.reason, error, status }
}
