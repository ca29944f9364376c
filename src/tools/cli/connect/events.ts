import type { Connection, MessageData } from '../../../index.js'
import type { ResumeSession } from '../../../resume/index.js'
import { harmlessJson } from '../terminal/untrusted.js'

/** One line of `--json`. `at`: milliseconds since 1970 when it happened, or for a message, when it was read. */
export type EventLine = { readonly type: string; readonly at: number } & Readonly<Record<string, unknown>>

/** Reports every event of the connection except messages. With a session, `close` has its unacknowledged messages. */
export function onEvents(
  connection: Connection,
  tell: (event: EventLine) => void,
  resumed?: Pick<ResumeSession, 'unacknowledged'>,
): void {
  const at = (): number => Date.now()
  connection.on('state', (status) => {
    const { state, why, attempt, retryAt } = status
    tell({
      type: 'state',
      at: at(),
      state,
      why,
      attempt,
      ...(status.state === 'connecting' && { phase: status.phase }),
      ...(status.state === 'open' && { stable: status.stable }),
      ...(retryAt !== undefined && { retryAt }),
    })
  })
  connection.on('open', ({ attempt, protocol, extensions }) => {
    tell({ type: 'open', at: at(), attempt, protocol, extensions })
  })
  connection.on('close', ({ code, reason, wasClean, attempt, willRetry, delay, status, error, uncertain }) => {
    tell({
      type: 'close',
      at: at(),
      code,
      reason,
      wasClean,
      attempt,
      willRetry,
      ...(delay !== undefined && { delay }),
      ...(status !== undefined && { status }),
      ...(error !== undefined && { error: error.code }),
      uncertain,
      ...(resumed !== undefined && { unacknowledged: resumed.unacknowledged }),
    })
  })
  connection.on('backoff', ({ attempt, delay, retryAt, hinted }) => {
    tell({ type: 'backoff', at: at(), attempt, delay, retryAt, hinted })
  })
  connection.on('heartbeat', ({ rtt }) => tell({ type: 'heartbeat', at: at(), rtt }))
  connection.on('dropped', ({ data, reason }) => {
    tell({ type: 'dropped', at: at(), reason, ...payload(data as MessageData) })
  })
  connection.on('error', ({ code, message }) => tell({ type: 'error', at: at(), code, message }))
}

/** The fields for a message: text, or binary as base64. */
function payload(data: MessageData): { readonly text: string } | { readonly base64: string } {
  return typeof data === 'string' ? { text: data } : { base64: Buffer.from(data as ArrayBuffer).toString('base64') }
}

/** The event of a message. For a saved message, it contains the file name instead of the data. */
export function messageEvent(data: MessageData, file: string | undefined): EventLine {
  return { type: 'message', at: Date.now(), ...(file === undefined ? payload(data) : { file }) }
}

/** The event as one line of JSON, with terminal control characters escaped. */
export const lineOf = (event: EventLine): string => `${harmlessJson(JSON.stringify(event))}\n`
