import { makeError } from '../core/errors.js'

const longestReason = 123

/** Throws `ERR_CLOSE_ARGUMENT` for what a close frame can't carry. Source: RFC 6455 §5.5.1, §7.4. */
export function checkClose(code: unknown, reason: unknown): void {
  const isSendable =
    Number.isInteger(code) && ((inRange(code, 1000, 1014) && !inRange(code, 1004, 1006)) || inRange(code, 3000, 4999))
  if (!isSendable) throw makeError('ERR_CLOSE_ARGUMENT', 'close-code', [String(code)])
  if (typeof reason !== 'string') throw makeError('ERR_CLOSE_ARGUMENT', 'close-reason-type', [typeof reason])
  const bytes = Buffer.byteLength(reason)
  if (bytes > longestReason) throw makeError('ERR_CLOSE_ARGUMENT', 'close-reason-length', [bytes, longestReason])
}

function inRange(code: unknown, low: number, high: number): boolean {
  return (code as number) >= low && (code as number) <= high
}
