import type { Key, Topic, Values } from './sentences/catalogue.js'
import { explain } from './sentences/explain.js'

export { explain }

/**
 * Every way statewire can object, as a closed set.
 *
 * | code | meaning |
 * |---|---|
 * | `ERR_OPTION` | an option has a wrong value; thrown before any socket is made |
 * | `ERR_URL` | the URL cannot be dialled (scheme, fragment, syntax) |
 * | `ERR_CLOSE_ARGUMENT` | `close` or `reconnect` was given a code or reason that the protocol forbids |
 * | `ERR_DATA` | `send` was given something a WebSocket cannot carry |
 * | `ERR_QUEUE_FULL` | the send queue is at its bound and its overflow policy is `reject` |
 * | `ERR_ENDED` | the connection is over (or closing), so the request cannot be met |
 * | `ERR_PROVIDER` | the URL provider threw, rejected or returned nonsense: a failed attempt |
 * | `ERR_PREPARE` | the `prepare` hook threw or rejected: a failed attempt |
 * | `ERR_REFUSED` | the URL provider or `prepare` threw a `Refused`: the connection has ended |
 * | `ERR_CONNECT_TIMEOUT` | provider, handshake and `prepare` together took longer than `connectTimeout` |
 * | `ERR_HEARTBEAT_TIMEOUT` | the link went silent and did not answer a ping |
 * | `ERR_IDLE_CUT` | several links in a row were cut after about the same time without traffic: a proxy or server cuts idle links |
 * | `ERR_HANDSHAKE` | the server answered the upgrade with an HTTP status (`status` says which) |
 * | `ERR_SOCKET` | the runtime's WebSocket failed; `cause` is what it told us |
 * | `ERR_TRANSPORT` | a transport broke its contract, or cannot do what was asked of it |
 * | `ERR_MISSING_PEER` | an optional package or a global of the platform is needed here and missing |
 * | `ERR_ENCODE` | `codec.encode` threw; nothing was sent |
 * | `ERR_DECODE` | `codec.decode` threw; the frame was skipped and the link kept |
 * | `ERR_POLICY` | `retry`, `backoff` or a heartbeat function threw or returned nonsense; its default was used |
 * | `ERR_LISTENER` | a listener threw |
 * | `ERR_INSPECTOR` | an inspector threw |
 * | `ERR_ENVIRONMENT` | the environment, clock or random seam threw |
 * | `ERR_INTERNAL` | a defect of statewire itself; the connection has ended |
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

/** Who is told of what the app gave us and threw: once, as an `error` event, and nothing else comes of it. */
export interface Reporter {
  fail(code: ErrorCode, what: string, thrown: unknown): void
}

/** The answer to a refused upgrade. */
export interface HandshakeResponse {
  /** `proxy`: it is a forward proxy's, and the server may never have been asked. */
  readonly from: 'server' | 'proxy'
  readonly status: number
  /** By their names in lower case. Those that set cookies or carry credentials are left out. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** The first 4 KiB at most, as far as they came within a second. Not decompressed: '' if it came compressed. */
  readonly body: string
}

/**
 * What statewire throws, rejects with, and publishes as `error` events.
 *
 * Its `message` is a sentence: what is wrong, the value, what to do. In a browser's production bundle it is a key, the values, and
 * the address of the sentence.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  /** One of a closed set; branch on this, never on the message. */
  readonly code: ErrorCode
  /** The HTTP status of a refused upgrade, where the transport could see it. */
  readonly status: number | undefined
  /**
   * The answer to a refused upgrade, where the transport could see it. It is not enumerable, so loggers and JSON leave it out: a
   * server may repeat in it what it was sent, credentials included.
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

  /** True for an error of any copy of this package: an application can have two, of two versions or in two bundles. */
  static override [Symbol.hasInstance](this: unknown, value: unknown): boolean {
    // What `instanceof` always means comes first: an object that is still being made says nothing yet, and compilers that make
    // functions of classes ask.
    const ordinary = Function.prototype[Symbol.hasInstance].call(this as typeof ConnectionError, value)
    return ordinary || (this === ConnectionError && isConnectionError(value))
  }
}

/** An error with a sentence of the catalogue; a browser's production bundle has only its key and the values. */
export function makeError<C extends ErrorCode & Topic, K extends Key<C>>(
  code: C,
  key: K,
  values: Values<C, K>,
  detail?: ConstructorParameters<typeof ConnectionError>[2],
): ConnectionError {
  return new ConnectionError(code, explain(code, key, values), detail)
}

/** Whether this is a `ConnectionError`, by what it says and not by its class: another copy of this package has a class of its own. */
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
 * Thrown by a URL provider or by `prepare`, it ends the connection: no attempt follows, and `retry` is not asked. For
 * credentials that were revoked, an account that was closed, a client that is too old.
 *
 * It is recognized by its `code`, `ERR_REFUSED`, so one of another copy of this package does the same, and any error with that code.
 * The `close` event has it as the `cause` of its error. `open()` starts anew.
 */
export class Refused extends ConnectionError {
  /** `message` is for your own code: it is not repeated in any other message. */
  constructor(message = explain('ERR_REFUSED', 'refused', []), detail: { cause?: unknown } = {}) {
    super('ERR_REFUSED', message, detail)
  }
}

/** Whatever was thrown may throw when it is read. */
export function isRefused(thrown: unknown): boolean {
  try {
    return (thrown as { readonly code?: unknown } | null | undefined)?.code === 'ERR_REFUSED'
  } catch {
    return false
  }
}
