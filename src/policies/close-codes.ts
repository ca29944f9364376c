import { ConnectionError } from '../errors.js'

/**
 * What a close code says about trying again.
 *
 * `retry`: try again. `stop`: the next attempt would end the same way. `slow`: try again, but leave the server in peace.
 * `rapid`: try again, until it has happened several times in quick succession.
 */
export type RetryClass = 'retry' | 'stop' | 'slow' | 'rapid'

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

type Row = readonly [name: string, sendable: boolean, retry: RetryClass]

/** RFC 6455 §7.4.1 and the IANA WebSocket Close Code Number Registry. */
const registry: Readonly<Record<number, Row>> = {
  // From a server these two are not final: proxies close with 1000 as well, and 1001 is a restart.
  1000: ['Normal Closure', true, 'retry'],
  1001: ['Going Away', true, 'retry'],
  1002: ['Protocol Error', true, 'stop'],
  1003: ['Unsupported Data', true, 'stop'],
  1004: ['Reserved', false, 'retry'],
  1005: ['No Status Received', false, 'retry'],
  1006: ['Abnormal Closure', false, 'retry'],
  1007: ['Invalid Frame Payload Data', true, 'stop'],
  // Servers use it for anything from a bad token to a rate limit.
  1008: ['Policy Violation', true, 'rapid'],
  1009: ['Message Too Big', true, 'stop'],
  1010: ['Mandatory Extension', true, 'stop'],
  1011: ['Internal Error', true, 'retry'],
  1012: ['Service Restart', true, 'retry'],
  1013: ['Try Again Later', true, 'slow'],
  1014: ['Bad Gateway', true, 'retry'],
  1015: ['TLS Handshake', false, 'retry'],
  3000: ['Unauthorized', true, 'retry'],
  3003: ['Forbidden', true, 'retry'],
  3008: ['Timeout', true, 'retry'],
}

/** RFC 6455 §7.4.2. */
function unlisted(code: number): string {
  if (!Number.isInteger(code) || code < 1000 || code > 4999) return 'Not a Close Code'
  if (code < 3000) return 'Reserved for the Protocol'
  return code < 4000 ? 'Library or Framework' : 'Private Use'
}

/** WHATWG WebSockets, `close()`: 1000, or 3000 to 4999. */
function isClosable(code: number): boolean {
  return Number.isInteger(code) && (code === 1000 || (code >= 3000 && code <= 4999))
}

/**
 * What is known of a close code; any number has an answer, because runtimes report illegal ones too.
 *
 * Source: RFC 6455 §7.4, the IANA registry, WHATWG WebSockets.
 */
export function describeCloseCode(code: number): CloseCode {
  const closable = isClosable(code)
  const [name, sendable, retry] = registry[code] ?? ([unlisted(code), closable, 'retry'] satisfies Row)
  return { code, name, sendable, closable, retry }
}

/** RFC 6455 §5.5: a control frame carries 125 bytes, and the code takes two. */
const reasonBytes = 123

function illegal(what: string, shown: string, remedy: string): never {
  throw new ConnectionError('ERR_CLOSE_ARGUMENT', `${what} (${shown}) must ${remedy}`)
}

/**
 * Checks what `close` was given: a code of 1000 or 3000 to 4999, a reason of at most 123 bytes.
 *
 * Throws `ERR_CLOSE_ARGUMENT`. The reason never shows in the message, as it may hold a secret.
 * Trap: bytes of UTF-8, not characters. Source: WHATWG WebSockets, `close()`.
 */
export function checkCloseArguments(code: unknown, reason: unknown): void {
  if (code !== undefined && (typeof code !== 'number' || !isClosable(code))) {
    illegal('close code', typeof code === 'number' ? `${code}` : typeof code, 'be 1000, or 3000 to 4999')
  }
  if (reason === undefined) return
  if (typeof reason !== 'string') illegal('close reason', typeof reason, 'be a string')
  const bytes = new TextEncoder().encode(reason).length
  if (bytes > reasonBytes) illegal('close reason', `${bytes} bytes`, `be at most ${reasonBytes} bytes of UTF-8`)
}
