import { byteLength } from '../bytes.js'
import { makeError } from '../errors.js'

/**
 * What a close code says about trying again.
 *
 * `retry`: try again. `stop`: the next attempt would end the same way. `slow`: try again, but leave the server in peace.
 * `rapid`: try again, until it has happened several times in quick succession.
 */
export type RetryClass = 'retry' | 'stop' | 'slow' | 'rapid'

/** Malformed, or more than the other side takes: the same would come again. */
const stop: readonly number[] = [1002, 1003, 1007, 1009, 1010]

/**
 * Any number has an answer, because runtimes report illegal ones too. 1000 and 1001 from a server are not final: proxies close
 * with 1000 as well, and 1001 is a restart.
 */
export function retryClassOf(code: number): RetryClass {
  if (stop.includes(code)) return 'stop'
  if (code === 1013) return 'slow'
  // Servers use it for anything from a bad token to a rate limit.
  return code === 1008 ? 'rapid' : 'retry'
}

export interface CloseCode {
  readonly code: number
  /** As in the IANA registry; a description where the registry has no name. */
  readonly name: string
  /** Whether an endpoint may put it into a close frame. */
  readonly sendable: boolean
  /** Whether `close()` takes it. */
  readonly closable: boolean
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

/** Of those below 3000, the ones that only stand for what a frame cannot say. */
const neverSent: readonly number[] = [1004, 1005, 1006, 1015]

/** RFC 6455 §7.4.2. */
function unlisted(code: number): string {
  if (!Number.isInteger(code) || code < 1000 || code > 4999) return 'Not a Close Code'
  if (code < 3000) return 'Reserved for the Protocol'
  return code < 4000 ? 'Library or Framework' : 'Private Use'
}

/**
 * What is known of a close code; any number has an answer, because runtimes report illegal ones too.
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

/** RFC 6455 §5.5: a control frame carries 125 bytes, and the code takes two. */
const reasonBytes = 123

/**
 * Checks what `close` was given: a code of 1000 or 3000 to 4999, a reason of at most 123 bytes.
 *
 * Throws `ERR_CLOSE_ARGUMENT`. The reason never shows in the message, as it may hold a secret.
 * Trap: bytes of UTF-8, not characters. Source: WHATWG WebSockets, `close()`.
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
