import type { Why } from '../../machines/connection.types.js'
import { ConnectionError } from '../errors.js'
import type { CloseInfo } from '../transports/transport.js'
import type { Attempt } from './attempt.js'

/** What the app asked us to say when the socket is dropped. */
export interface Farewell {
  readonly code?: number | undefined
  readonly reason?: string | undefined
}

/** Neither 1000 nor 1001, which tell many servers to forget the session: we mean to be back. */
export const abandonCode = 4000

/** How an attempt ended, in the words of the standard, whoever ended it. */
export function describeEnd(
  attempt: Pick<Attempt, 'close' | 'failure'>,
  why: Why,
  farewell: Farewell | undefined,
): { close: CloseInfo; error: ConnectionError | undefined } {
  if (attempt.close !== undefined || attempt.failure !== undefined) {
    return { close: attempt.close ?? abnormal, error: attempt.failure?.error }
  }
  switch (why) {
    case 'heartbeat-timeout':
      return {
        close: { code: abandonCode, reason: 'heartbeat timeout', wasClean: false },
        error: new ConnectionError(
          'ERR_HEARTBEAT_TIMEOUT',
          'the link (silent, and no answer to a ping in time) was abandoned: if this is not rare, compare heartbeat.timeout with the round-trip time',
        ),
      }
    case 'connect-timeout':
      return {
        close: abnormal,
        error: new ConnectionError(
          'ERR_CONNECT_TIMEOUT',
          'connectTimeout passed before provider, handshake and prepare were done: see which one hangs, or raise it',
        ),
      }
    case 'reconnect':
    case 'open':
    case 'online':
    case 'stashed':
      return {
        close: { code: farewell?.code ?? abandonCode, reason: farewell?.reason ?? '', wasClean: false },
        error: undefined,
      }
    default:
      return { close: abnormal, error: undefined }
  }
}

/** RFC 6455 §7.1.5: no close frame was received. */
const abnormal: CloseInfo = { code: 1006, reason: '', wasClean: false }
