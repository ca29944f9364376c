import { bag, count, duration, isBoolean, isConstructor, isFunction, wrongOption } from '../core/checks.js'
import { isThenable } from '../core/guards.js'
import {
  webSocketTransport,
  type Backoff,
  type CloseInfo,
  type ConnectionOptions,
  type Retry,
  type Transport,
  type WebSocketClass,
} from '../index.js'
import { beneath } from './platform.js'

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
  /**
   * The class that makes the sockets, of WHATWG shape. Where the global one has been replaced by this class, the one before it.
   * @default the global `WebSocket`
   */
  WebSocket?: WebSocketClass | undefined
  /**
   * Whether `send` before the socket is open keeps the message for later. `false` is the standard: it throws while
   * connecting, and discards the message while closed.
   * @default true
   */
  queue?: boolean | undefined
  /** The shortest wait before a reconnect. Milliseconds. @default 1_000, if one of these three is given; else see `backoff` */
  minReconnectionDelay?: number | undefined
  /** The longest wait before a reconnect. Milliseconds. @default 10_000, if one of these three is given; else see `backoff` */
  maxReconnectionDelay?: number | undefined
  /** By how much the wait may grow from one attempt to the next. @default 1.3, if one of these three is given; else see `backoff` */
  reconnectionDelayGrowFactor?: number | undefined
  /** How long a link must last before the retries are counted from 0 again. Milliseconds. @default 10_000 */
  minUptime?: number | undefined
  /** How long an attempt may take, the URL provider included. Milliseconds. @default max(10 s, min(30 s, 1 s · 2ⁿ)) after n failures */
  connectionTimeout?: number | undefined
  /** How many attempts may follow the first, or a link that lasted; 0 means one attempt. @default Infinity */
  maxRetries?: number | undefined
  /**
   * How many messages may wait for a socket. Those beyond it are lost, and reported by one `error` event for all that were
   * refused in one go; its `message` says how many.
   * @default Infinity
   */
  maxEnqueuedMessages?: number | undefined
  /** Whether to wait for `reconnect()` before the first attempt. @default false */
  startClosed?: boolean | undefined
  /** Whether to tell `debugLogger` what happens; payloads and URLs are left out. @default false */
  debug?: boolean | undefined
  /** @default console.log */
  debugLogger?: ((...args: unknown[]) => void) | undefined
  /**
   * Whether to go on after this close; in place of the default, which stops after codes that cannot get better.
   * Not asked when the app closes, nor when `maxRetries` is used up. One that throws is reported, and the default holds.
   */
  shouldReconnectOnClose?: ((event: CloseInfo) => unknown) | undefined
}

const names = [
  'WebSocket',
  'queue',
  'minReconnectionDelay',
  'maxReconnectionDelay',
  'reconnectionDelayGrowFactor',
  'minUptime',
  'connectionTimeout',
  'maxRetries',
  'maxEnqueuedMessages',
  'startClosed',
  'debug',
  'debugLogger',
  'shouldReconnectOnClose',
  'transport',
  'heartbeat',
  'backoff',
  'retry',
  'prepare',
  'closeTimeout',
  'signal',
  'inspect',
  'clock',
  'random',
  'environment',
  'unref',
] as const satisfies readonly (keyof ReconnectingWebSocketOptions)[]

/** What the class itself needs of its options. */
export interface Behaviour {
  readonly queue: boolean
  readonly maxEnqueuedMessages: number
  /** Hears what happens; `undefined`: nobody asked. */
  readonly log: ((...args: unknown[]) => void) | undefined
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
  } = bag<ReconnectingWebSocketOptions>('options', options, names)
  if (WebSocket !== undefined) {
    isConstructor('WebSocket', WebSocket)
    refuseBoth('WebSocket', WebSocket, 'transport', rest.transport)
  }
  if (shouldReconnectOnClose !== undefined) {
    isFunction('shouldReconnectOnClose', shouldReconnectOnClose)
    refuseBoth('shouldReconnectOnClose', shouldReconnectOnClose, 'retry', rest.retry)
  }
  if (rest.retry !== undefined) isFunction('retry', rest.retry)
  const delays = { minReconnectionDelay, maxReconnectionDelay, reconnectionDelayGrowFactor }
  for (const [name, value] of Object.entries(delays)) {
    if (value !== undefined) refuseBoth(name, value, 'backoff', rest.backoff)
  }
  const backoff = theirBackoff(delays)
  const inner = WebSocket ?? beneath()
  isFunction('debugLogger', debugLogger)
  return {
    behaviour: {
      queue: isBoolean('queue', queue),
      maxEnqueuedMessages: count('maxEnqueuedMessages', maxEnqueuedMessages),
      log: isBoolean('debug', debug) ? debugLogger : undefined,
    },
    connection: {
      ...rest,
      transport:
        rest.transport === undefined ? webSocketTransport(inner && { WebSocket: inner }) : withBase(rest.transport),
      ...(backoff !== undefined && { backoff }),
      ...(minUptime !== undefined && { stableAfter: duration('minUptime', minUptime, { max: Infinity }) }),
      ...(connectionTimeout !== undefined && {
        connectTimeout: duration('connectionTimeout', connectionTimeout, { min: 1 }),
      }),
      retry: retryAtMost(count('maxRetries', maxRetries), shouldReconnectOnClose, rest.retry),
      binaryType: 'blob',
      autoOpen: !isBoolean('startClosed', startClosed),
    },
  }
}

/** A relative URL is the constructor's business, whatever makes the sockets: in a page or worker it is relative to that. */
function withBase(transport: Transport): Transport {
  // Whatever is no transport is refused where all of them are.
  if (typeof (transport as Partial<Transport> | null)?.connect !== 'function') return transport
  const standard = webSocketTransport()
  return {
    get base() {
      return transport.base ?? standard.base
    },
    connect: (target, sink) => transport.connect(target, sink),
  }
}

function refuseBoth(name: string, value: unknown, other: string, given: unknown): void {
  if (given !== undefined) wrongOption(name, value, 'given-twice', other)
}

/** Between their bounds, as theirs grows, and spread: clients that lose a server together do not come back together. */
function theirBackoff(given: {
  readonly minReconnectionDelay: number | undefined
  readonly maxReconnectionDelay: number | undefined
  readonly reconnectionDelayGrowFactor: number | undefined
}): Backoff | undefined {
  if (Object.values(given).every((value) => value === undefined)) return undefined
  const { minReconnectionDelay = 1_000, reconnectionDelayGrowFactor: factor = 1.3 } = given
  const min = duration('minReconnectionDelay', minReconnectionDelay)
  const { maxReconnectionDelay = Math.max(min, 10_000) } = given
  // Without a bound: as long as a number can grow and stay one.
  const max = Math.min(
    duration('maxReconnectionDelay', maxReconnectionDelay, { max: Infinity }),
    Number.MAX_SAFE_INTEGER,
  )
  if (typeof factor !== 'number' || !(factor >= 1 && factor < Infinity)) {
    wrongOption('reconnectionDelayGrowFactor', factor, 'not-a-factor')
  }
  // As with theirs: where they contradict each other, the longest is what holds.
  const low = Math.min(min, max)
  return ({ attempt, random }) => {
    // From 0 nothing grows.
    const ceiling = Math.min(max, Math.max(low, 1) * factor ** attempt)
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
    if (shouldReconnectOnClose === undefined) return retry?.(loss)
    const answer = shouldReconnectOnClose(loss.close)
    // A promise is no answer, although it is true: the core reports it, and takes care of its rejection.
    return isThenable(answer) ? (answer as never) : Boolean(answer)
  }
}

function consoleLog(...args: unknown[]): void {
  // oxlint-disable-next-line no-console -- asked for by `debug: true`
  console.log(...args)
}
