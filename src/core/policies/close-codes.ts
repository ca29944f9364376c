import { byteLength } from '../bytes.js'
import { makeError } from '../errors.js'

/**
 * Whether to retry after a close code.
 *
 * `retry`: retries. `stop`: ends, because the next attempt would end the same way. `slow`: retries after at least 2 s, longer each time.
 * `rapid`: retries, and ends at the third time in a row.
 */
export type RetryClass = 'retry' | 'stop' | 'slow' | 'rapid'

/** Codes for invalid or unacceptable messages; a retry would cause them again. */
const stop: readonly number[] = [1002, 1003, 1007, 1009, 1010]

/**
 * Accepts any number, because runtimes report illegal codes too. 1000 and 1001 from a server are not final: proxies close with 1000, and
 * 1001 is a restart.
 */
export function retryClassOf(code: number): RetryClass {
  if (stop.includes(code)) return 'stop'
  if (code === 1013) return 'slow'
  // Servers use 1008 for anything from an invalid token to a rate limit.
  return code === 1008 ? 'rapid' : 'retry'
}

/** The description of a close code. */
export interface CloseCode {
  readonly code: number
  /** The name in the IANA registry, or a description if it has none. */
  readonly name: string
  /** Whether a close frame may contain it. */
  readonly sendable: boolean
  /** Whether `close()` accepts it. */
  readonly closable: boolean
  /** The default after a link ended with it. */
  readonly retry: RetryClass
}

/** RFC 6455 §7.4.1 and the IANA WebSocket Close Code Number Registry. */
const names: Readonly<Record<number, string>> = {
  1000: 'Normal Closure',
  1001: 'Going Away',
  1002: 'Protocol Error',
  1003: 'Unsupported Data',
  1004: 'Reserved',
  1005: 'No Status Received',
  1006: 'Abnormal Closure',
  1007: 'Invalid Frame Payload Data',
  1008: 'Policy Violation',
  1009: 'Message Too Big',
  1010: 'Mandatory Extension',
  1011: 'Internal Error',
  1012: 'Service Restart',
  1013: 'Try Again Later',
  1014: 'Bad Gateway',
  1015: 'TLS Handshake',
  3000: 'Unauthorized',
  3003: 'Forbidden',
  3008: 'Timeout',
}

/** Codes below 3000 that never appear in a frame. */
const neverSent: readonly number[] = [1004, 1005, 1006, 1015]

/** RFC 6455 §7.4.2. */
function unlisted(code: number): string {
  if (!Number.isInteger(code) || code < 1000 || code > 4999) return 'Not a Close Code'
  if (code < 3000) return 'Reserved for the Protocol'
  return code < 4000 ? 'Library or Framework' : 'Private Use'
}

/**
 * Describes a close code. Accepts any number, because runtimes report illegal codes too.
 *
 * Source: RFC 6455 §7.4, the IANA registry, WHATWG WebSockets.
 */
export function describeCloseCode(code: number): CloseCode {
  const closable = isClosable(code)
  const name = names[code]
  const sendable = closable || (name !== undefined && !neverSent.includes(code))
  return { code, name: name ?? unlisted(code), sendable, closable, retry: retryClassOf(code) }
}

/** WHATWG WebSockets, `close()`: 1000, or 3000 to 4999. */
export function isClosable(code: number): boolean {
  return Number.isInteger(code) && (code === 1000 || (code >= 3000 && code <= 4999))
}

/** RFC 6455 §5.5: a control frame has at most 125 bytes, two of which are the code. */
const reasonBytes = 123

/**
 * Checks the arguments of `close`: a code of 1000 or 3000 to 4999, a reason of at most 123 bytes of UTF-8.
 *
 * Throws `ERR_CLOSE_ARGUMENT`. Its message never contains the reason, which may be secret. Source: WHATWG WebSockets, `close()`.
 */
export function checkCloseArguments(code: unknown, reason: unknown): void {
  if (code !== undefined && (typeof code !== 'number' || !isClosable(code))) {
    throw makeError('ERR_CLOSE_ARGUMENT', 'close-code', [typeof code === 'number' ? `${code}` : typeof code])
  }
  if (reason === undefined) return
  if (typeof reason !== 'string') throw makeError('ERR_CLOSE_ARGUMENT', 'close-reason-type', [typeof reason])
  const bytes = byteLength(reason)
  if (bytes > reasonBytes) throw makeError('ERR_CLOSE_ARGUMENT', 'close-reason-length', [bytes, reasonBytes])
}
