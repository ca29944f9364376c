import { count, duration, isBoolean, isFunction, refuse } from '../checks.js'
import {
  webSocketTransport,
  type Backoff,
  type CloseInfo,
  type ConnectionOptions,
  type Retry,
  type WebSocketClass,
} from '../index.js'

/** Asked for each attempt, as the URL provider is. */
export type ProtocolsProvider = () => Protocols | Promise<Protocols>

type Protocols = string | readonly string[] | null | undefined

/** What is ours goes by our names, what reconnecting-websocket and partysocket have goes by theirs. */
export interface ReconnectingWebSocketOptions extends Pick<
  ConnectionOptions,
  | 'transport'
  | 'heartbeat'
  | 'backoff'
  | 'retry'
  | 'prepare'
  | 'closeTimeout'
  | 'signal'
  | 'inspect'
  | 'clock'
  | 'random'
  | 'environment'
  | 'unref'
> {
  /** The class that makes the sockets, of WHATWG shape. @default the global `WebSocket` */
  WebSocket?: WebSocketClass
  /**
   * Whether `send` before the socket is open keeps the message for later. `false` is the standard: it throws while
   * connecting, and discards the message while closed.
   * @default true
   */
  queue?: boolean
  /** The shortest wait before a reconnect. Milliseconds. @default 1_000, if one of these three is given; else see `backoff` */
  minReconnectionDelay?: number
  /** The longest wait before a reconnect. Milliseconds. @default 10_000, if one of these three is given; else see `backoff` */
  maxReconnectionDelay?: number
  /** By how much the wait may grow from one attempt to the next. @default 1.3, if one of these three is given; else see `backoff` */
  reconnectionDelayGrowFactor?: number
  /** How long a link must last before the retries are counted from 0 again. Milliseconds. @default 10_000 */
  minUptime?: number
  /** How long an attempt may take, the URL provider included. Milliseconds. @default max(10 s, min(30 s, 1 s · 2ⁿ)) after n failures */
  connectionTimeout?: number
  /** How many attempts may follow the first, or a link that lasted; 0 means one attempt. @default Infinity */
  maxRetries?: number
  /** How many messages may wait for a socket; one more is an `error` event. @default Infinity */
  maxEnqueuedMessages?: number
  /** Whether to wait for `reconnect()` before the first attempt. @default false */
  startClosed?: boolean
  /** Whether to tell `debugLogger` what happens; payloads and URLs are left out. @default false */
  debug?: boolean
  /** @default console.log */
  debugLogger?: (...args: unknown[]) => void
  /** Whether to go on after this close; in place of the default, which stops after codes that cannot get better. */
  shouldReconnectOnClose?: (event: CloseInfo) => unknown
}

/** What the class itself needs of its options. */
export interface Behaviour {
  readonly queue: boolean
  readonly log: (...args: unknown[]) => void
}

/** Tells the options of a connection from those of the class. Throws `ERR_OPTION`. */
export function readOptions(options: ReconnectingWebSocketOptions): {
  behaviour: Behaviour
  connection: ConnectionOptions
} {
  const {
    WebSocket,
    queue = true,
    minReconnectionDelay,
    maxReconnectionDelay,
    reconnectionDelayGrowFactor,
    minUptime,
    connectionTimeout,
    maxRetries = Infinity,
    maxEnqueuedMessages = Infinity,
    startClosed = false,
    debug = false,
    debugLogger = consoleLog,
    shouldReconnectOnClose,
    ...rest
  } = options
  if (WebSocket !== undefined && rest.transport !== undefined) {
    refuse('options.WebSocket', WebSocket, 'not be given together with transport: the transport makes the sockets')
  }
  if (shouldReconnectOnClose !== undefined) isFunction('shouldReconnectOnClose', shouldReconnectOnClose)
  isFunction('debugLogger', debugLogger)
  count('maxRetries', maxRetries)
  const backoff = theirBackoff(minReconnectionDelay, maxReconnectionDelay, reconnectionDelayGrowFactor)
  return {
    behaviour: {
      queue: isBoolean('queue', queue),
      log: isBoolean('debug', debug) ? debugLogger : () => {},
    },
    connection: {
      ...rest,
      ...(rest.transport === undefined && { transport: webSocketTransport(WebSocket && { WebSocket }) }),
      ...(rest.backoff === undefined && backoff !== undefined && { backoff }),
      ...(minUptime !== undefined && { stableAfter: duration('minUptime', minUptime, { max: Infinity }) }),
      ...(connectionTimeout !== undefined && {
        connectTimeout: duration('connectionTimeout', connectionTimeout, { min: 1 }),
      }),
      retry: retryAtMost(maxRetries, shouldReconnectOnClose, rest.retry),
      // In the standard nothing that an open socket is given waits anywhere but in the socket.
      highWaterMark: Infinity,
      queue: { messages: count('maxEnqueuedMessages', maxEnqueuedMessages), bytes: Infinity },
      binaryType: 'blob',
      autoOpen: !isBoolean('startClosed', startClosed),
    },
  }
}

/** Between their bounds, as theirs grows, and spread: clients that lose a server together do not come back together. */
function theirBackoff(min: number | undefined, max: number | undefined, grow: number | undefined): Backoff | undefined {
  if (min === undefined && max === undefined && grow === undefined) return undefined
  const { factor, ...bounds } = { low: min ?? 1_000, high: max ?? Math.max(min ?? 0, 10_000), factor: grow ?? 1.3 }
  const high = duration('maxReconnectionDelay', bounds.high)
  const low = Math.min(duration('minReconnectionDelay', bounds.low), high)
  if (typeof factor !== 'number' || !(factor >= 1)) {
    refuse('reconnectionDelayGrowFactor', factor, 'be a number, 1 or more')
  }
  return ({ attempt, random }) => {
    // From 0 nothing grows.
    const ceiling = Math.min(high, Math.max(low, 1) * factor ** attempt)
    return low + random() * Math.max(0, ceiling - low)
  }
}

function retryAtMost(
  maxRetries: number,
  shouldReconnectOnClose: ((event: CloseInfo) => unknown) | undefined,
  retry: Retry | undefined,
): Retry {
  return (loss) => {
    if (loss.attempt > maxRetries) return false
    return shouldReconnectOnClose === undefined ? retry?.(loss) : Boolean(shouldReconnectOnClose(loss.close))
  }
}

function consoleLog(...args: unknown[]): void {
  // oxlint-disable-next-line no-console -- asked for by `debug: true`
  console.log(...args)
}
