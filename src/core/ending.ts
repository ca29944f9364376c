import type { Why } from '../../machines/connection.types.js'
import { makeError, type ConnectionError } from './errors.js'
import type { CloseInfo } from './transport.js'
import type { Attempt } from './attempt.js'
import type { ConnectionStatus } from './status.types.js'

/** The arguments of `close` or `reconnect`. */
export interface CloseArguments {
  readonly code?: number | undefined
  readonly reason?: string | undefined
}

/** Not 1000 or 1001, on which many servers end the session: the client will return. */
export const abandonCode = 4000

/** Describes how an attempt ended, as a close code and reason, no matter which side ended it. */
export function describeEnd(
  attempt: Pick<Attempt, 'close' | 'failure'>,
  why: Why,
  given: CloseArguments | undefined,
): { close: CloseInfo; error: ConnectionError | undefined } {
  if (attempt.close !== undefined || attempt.failure !== undefined) {
    return { close: attempt.close ?? abnormal, error: attempt.failure?.error }
  }
  switch (why) {
    case 'heartbeat-timeout':
      return {
        close: { code: abandonCode, reason: 'heartbeat timeout', wasClean: false },
        error: makeError('ERR_HEARTBEAT_TIMEOUT', 'heartbeat-timeout', []),
      }
    case 'connect-timeout':
      return { close: abnormal, error: makeError('ERR_CONNECT_TIMEOUT', 'connect-timeout', []) }
    case 'reconnect':
    case 'open':
    case 'online':
    case 'bfcached':
      return {
        close: { code: given?.code ?? abandonCode, reason: given?.reason ?? '', wasClean: false },
        error: undefined,
      }
    default:
      return { close: abnormal, error: undefined }
  }
}

/** RFC 6455 §7.1.5: no close frame was received. */
const abnormal: CloseInfo = { code: 1006, reason: '', wasClean: false }

/** The `ERR_ENDED` of a call on a connection that is closing or has ended. */
export function endedError(
  call: string,
  { state, why, loss }: ConnectionStatus,
  broken: ConnectionError | undefined,
): ConnectionError {
  if (why === 'internal') return makeError('ERR_ENDED', 'ended-defect', [call], { cause: broken })
  if (why === 'refused' && loss !== undefined) {
    const { error, close, status } = loss
    return makeError('ERR_ENDED', 'ended-refused', [call], { cause: error ?? close, status })
  }
  return makeError('ERR_ENDED', 'ended', [call, state])
}
