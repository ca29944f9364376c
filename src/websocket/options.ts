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
import { platformWebSocket } from './platform.js'

/** The options of a connection that the class takes as they are, and doesn't check itself. */
const shared = [
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
] as const

/** Names are those of `ConnectionOptions`, or those of reconnecting-websocket and partysocket for what they have too. */
export interface ReconnectingWebSocketOptions extends Pick<ConnectionOptions, (typeof shared)[number]> {
  /**
   * The class that creates the sockets, with the interface of the WHATWG standard. If the global class was replaced by this one, the
   * class before it is used.
   *
   * @default the global `WebSocket`
   */
  WebSocket?: WebSocketClass | undefined
  /**
   * Whether `send` queues a message while there is no open socket. `false` is the standard's behavior: `send` throws while connecting
   * and discards the message while closed.
   *
   * @default true
   */
  queue?: boolean | undefined
  /** The shortest delay before a reconnect. Milliseconds. @default 1_000, if one of these three is given; else see `backoff` */
  minReconnectionDelay?: number | undefined
  /** The longest delay before a reconnect. Milliseconds. @default 10_000, if one of these three is given; else see `backoff` */
  maxReconnectionDelay?: number | undefined
  /** The factor by which the delay may grow per attempt, at least 1. @default 1.3, if one of these three is given; else see `backoff` */
  reconnectionDelayGrowFactor?: number | undefined
  /** How long a link must stay open before earlier failures are forgotten. Milliseconds. @default 10_000 */
  minUptime?: number | undefined
  /** How long an attempt may take, URL function included. Milliseconds. @default max(10 s, min(30 s, 1 s · 2ⁿ)) after n failures */
  connectionTimeout?: number | undefined
  /** How many attempts may follow the first one, or a stable link. 0 allows a single attempt. @default Infinity */
  maxRetries?: number | undefined
  /**
   * How many messages may wait for a socket. Messages beyond that are lost. One `error` event reports all that were refused in one tick;
   * its `message` says how many.
   *
   * @default Infinity
   */
  maxEnqueuedMessages?: number | undefined
  /** Whether to wait for `reconnect()` before the first attempt. @default false */
  startClosed?: boolean | undefined
  /** Whether to log events to `debugLogger`. Payloads and URLs are left out. @default false */
  debug?: boolean | undefined
  /** Receives what `debug` logs. @default console.log */
  debugLogger?: ((...args: unknown[]) => void) | undefined
  /**
   * Decides whether to reconnect after this close. It replaces the default, which stops after codes that can't improve. It isn't called
   * after `close()`, nor once `maxRetries` is used up. If it throws, that is reported and the default decision holds.
   */
  shouldReconnectOnClose?: ((event: CloseInfo) => unknown) | undefined
}

type Own = Exclude<keyof ReconnectingWebSocketOptions, (typeof shared)[number]>
type Check = (option: string, value: unknown) => unknown

/** Each option of the class's own with its default and its check. */
const own = {
  WebSocket: [undefined, isConstructor],
  queue: [true, isBoolean],
  minReconnectionDelay: [undefined, (option, value) => duration(option, value)],
  maxReconnectionDelay: [undefined, unbounded],
  reconnectionDelayGrowFactor: [undefined, checkGrowFactor],
  minUptime: [undefined, unbounded],
  connectionTimeout: [undefined, (option, value) => duration(option, value, { min: 1 })],
  maxRetries: [Infinity, (option, value) => count(option, value)],
  maxEnqueuedMessages: [Infinity, (option, value) => count(option, value)],
  startClosed: [false, isBoolean],
  debug: [false, isBoolean],
  debugLogger: [consoleLog, isFunction],
  shouldReconnectOnClose: [undefined, isFunction],
} as const satisfies Record<Own, readonly [unknown, Check]>

function unbounded(option: string, value: unknown): number {
  return duration(option, value, { max: Infinity })
}

function checkGrowFactor(option: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 1 && value < Infinity)) wrongOption(option, value, 'not-a-factor')
  return value
}

const ownNames = /* @__PURE__ */ Object.keys(own) as Own[]

/** The options that the class handles itself. */
export interface Behaviour {
  readonly queue: boolean
  readonly maxEnqueuedMessages: number
  /** `undefined` without `debug: true`. */
  readonly log: ((...args: unknown[]) => void) | undefined
}

type Values = { readonly [N in Own]: (typeof own)[N][0] | NonNullable<ReconnectingWebSocketOptions[N]> }

function ownValues(given: { readonly [N in Own]?: unknown }): Values {
  const values: Record<string, unknown> = {}
  for (const name of ownNames) {
    const [fallback, check] = own[name]
    values[name] = given[name] === undefined ? fallback : check(name, given[name])
  }
  return values as Values
}

/** Splits the options into those of the class and those of its connection. Throws `ERR_OPTION`. */
export function readOptions(options: ReconnectingWebSocketOptions): {
  behaviour: Behaviour
  connection: ConnectionOptions
} {
  const given = bag<ReconnectingWebSocketOptions>('options', options, [...ownNames, ...shared])
  const passed: ConnectionOptions = Object.fromEntries(shared.map((name) => [name, given[name]]))
  if (passed.retry !== undefined) isFunction('retry', passed.retry)
  const values = ownValues(given)
  refuseBoth(values, 'WebSocket', 'transport', passed.transport)
  refuseBoth(values, 'shouldReconnectOnClose', 'retry', passed.retry)
  for (const name of ['minReconnectionDelay', 'maxReconnectionDelay', 'reconnectionDelayGrowFactor'] as const)
    refuseBoth(values, name, 'backoff', passed.backoff)
  const { queue, maxEnqueuedMessages, debug, debugLogger, minUptime, connectionTimeout } = values
  const backoff = delaysBackoff(values)
  const WebSocket = values.WebSocket ?? platformWebSocket()
  return {
    behaviour: { queue, maxEnqueuedMessages, log: debug ? debugLogger : undefined },
    connection: {
      ...passed,
      transport:
        passed.transport === undefined ? webSocketTransport(WebSocket && { WebSocket }) : withBase(passed.transport),
      ...(backoff !== undefined && { backoff }),
      ...(minUptime !== undefined && { stableAfter: minUptime }),
      ...(connectionTimeout !== undefined && { connectTimeout: connectionTimeout }),
      retry: retryAtMost(values.maxRetries, values.shouldReconnectOnClose, passed.retry),
      binaryType: 'blob',
      autoOpen: !values.startClosed,
    },
  }
}

/** Adds the page's base URL to a transport that has none: relative URLs are resolved by the constructor, whatever creates the sockets. */
function withBase(transport: Transport): Transport {
  // An invalid transport is refused later, with the other options.
  if (typeof (transport as Partial<Transport> | null)?.connect !== 'function') return transport
  const standard = webSocketTransport()
  return {
    get base() {
      return transport.base ?? standard.base
    },
    connect: (target, sink) => transport.connect(target, sink),
  }
}

function refuseBoth(values: Values, name: Own, other: string, given: unknown): void {
  if (values[name] !== undefined && given !== undefined) wrongOption(name, values[name], 'given-twice', other)
}

/** Grows between the bounds as theirs does, with jitter: clients that lose a server together don't return together. */
function delaysBackoff(values: Values): Backoff | undefined {
  const { minReconnectionDelay, maxReconnectionDelay, reconnectionDelayGrowFactor } = values
  if ((minReconnectionDelay ?? maxReconnectionDelay ?? reconnectionDelayGrowFactor) === undefined) return undefined
  const min = minReconnectionDelay ?? 1_000
  const factor = reconnectionDelayGrowFactor ?? 1.3
  // `Infinity` becomes the largest exact number.
  const max = Math.min(maxReconnectionDelay ?? Math.max(min, 10_000), Number.MAX_SAFE_INTEGER)
  // As with theirs: where they contradict each other, the longest holds.
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
    // A promise is truthy but no answer. The core reports it and handles its rejection.
    return isThenable(answer) ? (answer as never) : Boolean(answer)
  }
}

function consoleLog(...args: unknown[]): void {
  // oxlint-disable-next-line no-console -- asked for by `debug: true`
  console.log(...args)
}
