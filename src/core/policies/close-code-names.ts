import { retryClassOf, type RetryClass } from './close-codes.js'
import { isClosable } from './close-arguments.js'

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
