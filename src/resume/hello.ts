import type { Attempt } from '../core/attempt.js'
import { byteLength } from '../core/bytes.js'
import { isRefused, makeError, type ConnectionError } from '../core/errors.js'
import { encodeJson, longestHello, type Hello } from './protocol.js'
import type { ResumeOptions } from './resume.types.js'

/** Asks the app for its credentials. Throws a `Refused` of the app, and otherwise the `ERR_PREPARE` of the attempt. */
export async function credentials(ask: ResumeOptions['auth'], attempt: Attempt, number: number): Promise<unknown> {
  try {
    return await ask?.({ signal: attempt.signal, attempt: number })
  } catch (cause) {
    throw isRefused(cause) ? cause : authFailed(cause)
  }
}

/** The frame of a hello. Throws the `ERR_PREPARE` of the attempt. */
export function encodeHello(hello: Hello): string {
  let frame: string
  try {
    frame = encodeJson('h', hello)
    // Without its position, the server announces a topic from the start, and the client reports what is lost.
    if (byteLength(frame) > longestHello) frame = encodeJson('h', { ...hello, topics: undefined })
  } catch (cause) {
    throw authFailed(cause)
  }
  const bytes = byteLength(frame)
  if (bytes > longestHello) throw makeError('ERR_PREPARE', 'hello-too-long', [bytes, longestHello])
  return frame
}

function authFailed(cause: unknown): ConnectionError {
  return makeError('ERR_PREPARE', 'auth-threw', [], { cause })
}
