import type { Key, Topic, Values } from './sentences/catalogue.js'
import { explain } from './sentences/explain.js'

export { explain }

/**
 * The code of a `ConnectionError`.
 *
 * | code | meaning |
 * |---|---|
 * | `ERR_OPTION` | an option is unknown or invalid; thrown before dialing |
 * | `ERR_URL` | the URL has an invalid scheme or syntax, or a fragment |
 * | `ERR_CLOSE_ARGUMENT` | `close` or `reconnect` was called with a code or reason that the standard forbids |
 * | `ERR_DATA` | a WebSocket can't carry this value |
 * | `ERR_QUEUE_FULL` | the send queue is full and `queue.overflow` is `reject` |
 * | `ERR_ENDED` | the connection is closing or has ended |
 * | `ERR_PROVIDER` | the `url` function threw, rejected or returned an invalid value: a failed attempt |
 * | `ERR_PREPARE` | the `prepare` hook threw or rejected: a failed attempt |
 * | `ERR_REFUSED` | the `url` function or `prepare` threw a `Refused`: the connection has ended |
 * | `ERR_CONNECT_TIMEOUT` | provider, handshake and `prepare` together took longer than `connectTimeout` |
 * | `ERR_HEARTBEAT_TIMEOUT` | the link went silent and a ping wasn't answered |
 * | `ERR_IDLE_CUT` | several links in a row were cut after about the same time without traffic: a proxy or server cuts idle links |
 * | `ERR_HANDSHAKE` | the server answered the upgrade with an HTTP status (`status`) |
 * | `ERR_SOCKET` | the runtime's WebSocket failed; see `cause` |
 * | `ERR_TRANSPORT` | a transport broke its contract, or doesn't support what you requested |
 * | `ERR_MISSING_PEER` | an optional package or a global is missing |
 * | `ERR_ENCODE` | `codec.encode` threw; nothing was sent |
 * | `ERR_DECODE` | `codec.decode` threw; the message was skipped, the link stays up |
 * | `ERR_POLICY` | `retry`, `backoff` or a heartbeat function threw or returned an invalid value; the default was used |
 * | `ERR_LISTENER` | a listener threw |
 * | `ERR_INSPECTOR` | an inspector threw |
 * | `ERR_ENVIRONMENT` | the environment, the clock or `random` threw |
 * | `ERR_INTERNAL` | a defect in statewire; the connection has ended |
 * | `ERR_SESSION_LOST` | the session was lost, so messages that were sent may not have been handled |
 * | `ERR_SESSION_ENDED` | the session is over; the message will not arrive |
 * | `ERR_SESSION_FULL` | the session's outbox has no room; the message will not arrive |
 * | `ERR_STORE` | the session store failed or can't be reached; the message may or may not arrive |
 * | `ERR_HANDLER` | a message handler of a session threw or rejected |
 */
export type ErrorCode =
  | 'ERR_OPTION'
  | 'ERR_URL'
  | 'ERR_CLOSE_ARGUMENT'
  | 'ERR_DATA'
  | 'ERR_QUEUE_FULL'
  | 'ERR_ENDED'
  | 'ERR_PROVIDER'
  | 'ERR_PREPARE'
  | 'ERR_REFUSED'
  | 'ERR_CONNECT_TIMEOUT'
  | 'ERR_HEARTBEAT_TIMEOUT'
  | 'ERR_IDLE_CUT'
  | 'ERR_HANDSHAKE'
  | 'ERR_SOCKET'
  | 'ERR_TRANSPORT'
  | 'ERR_MISSING_PEER'
  | 'ERR_ENCODE'
  | 'ERR_DECODE'
  | 'ERR_POLICY'
  | 'ERR_LISTENER'
  | 'ERR_INSPECTOR'
  | 'ERR_ENVIRONMENT'
  | 'ERR_INTERNAL'
  | 'ERR_SESSION_LOST'
  | 'ERR_SESSION_ENDED'
  | 'ERR_SESSION_FULL'
  | 'ERR_STORE'
  | 'ERR_HANDLER'

/** Reports an exception from the app's code as one `error` event. */
export interface Reporter {
  fail(code: ErrorCode, what: string, thrown: unknown): void
}

/** The HTTP response to a refused upgrade. */
export interface HandshakeResponse {
  /** `proxy`: a forward proxy sent it; the request may not have reached the server. */
  readonly from: 'server' | 'proxy'
  /** The HTTP status. */
  readonly status: number
  /** Keyed by lowercase name. Headers that set cookies or carry credentials are omitted. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** At most the first 4 KiB that arrived within a second. Empty if compressed. */
  readonly body: string
}

/**
 * The error that statewire throws, rejects with, and reports as `error` events.
 *
 * Its `message` names the problem, the redacted value and the fix. In a browser's production bundle it is a key, the values, and a link to
 * the full text.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  /** Branch on this, never on the message. */
  readonly code: ErrorCode
  /** The HTTP status of a refused upgrade, if the transport could see it. */
  readonly status: number | undefined
  /**
   * The response to a refused upgrade, if the transport could see it. It may echo credentials, so it is not enumerable: loggers and JSON
   * omit it.
   */
  declare readonly response: HandshakeResponse | undefined

  constructor(
    code: ErrorCode,
    message: string,
    detail: { cause?: unknown; status?: number | undefined; response?: HandshakeResponse | undefined } = {},
  ) {
    super(message, 'cause' in detail ? { cause: detail.cause } : undefined)
    this.code = code
    this.status = detail.status
    if (detail.response !== undefined) Object.defineProperty(this, 'response', { value: detail.response })
  }

  /** True for errors from any copy of this package. An application may have two, of two versions or in two bundles. */
  static override [Symbol.hasInstance](this: unknown, value: unknown): boolean {
    // The ordinary check first: compiled classes run `instanceof` in the constructor, before `name` and `code` are set.
    const ordinary = Function.prototype[Symbol.hasInstance].call(this as typeof ConnectionError, value)
    return ordinary || (this === ConnectionError && isConnectionError(value))
  }
}

/** Creates an error with a message from the catalogue. */
export function makeError<C extends ErrorCode & Topic, K extends Key<C>>(
  code: C,
  key: K,
  values: Values<C, K>,
  detail?: ConstructorParameters<typeof ConnectionError>[2],
): ConnectionError {
  return new ConnectionError(code, explain(code, key, values), detail)
}

/** Whether this is a `ConnectionError` of any copy of this package: checks its fields, not its class. */
export function isConnectionError(value: unknown): value is ConnectionError {
  try {
    const { name, code } = (value ?? {}) as { readonly name?: unknown; readonly code?: unknown }
    return name === 'ConnectionError' && typeof code === 'string'
  } catch {
    // Reading it threw.
    return false
  }
}

/**
 * Ends the connection when thrown by the `url` function or by `prepare`: there is no retry, and `retry` is not called. Use it for revoked
 * credentials, a closed account or an outdated client.
 *
 * Any error with the `code` `ERR_REFUSED` has this effect. It becomes the `cause` of the error in the `close` event. `open()` connects
 * again.
 */
export class Refused extends ConnectionError {
  /** `message` is for your own code; statewire doesn't repeat it in other messages. */
  constructor(message = explain('ERR_REFUSED', 'refused', []), detail: { cause?: unknown } = {}) {
    super('ERR_REFUSED', message, detail)
  }
}

/** Whether this is a `Refused` of any copy. Never throws, even if reading the value does. */
export function isRefused(thrown: unknown): boolean {
  try {
    return (thrown as { readonly code?: unknown } | null | undefined)?.code === 'ERR_REFUSED'
  } catch {
    return false
  }
}
