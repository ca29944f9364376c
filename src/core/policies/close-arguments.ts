import { byteLength } from '../bytes.js'
import { makeError } from '../errors.js'

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
