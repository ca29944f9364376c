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

/** What the class itself needs of its options. */
export interface Behaviour {
  readonly queue: boolean
  readonly maxEnqueuedMessages: number
  /** Hears what happens; `undefined`: nobody asked. */
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
  const WebSocket = values.WebSocket ?? beneath()
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
    // A promise is no answer, although it is true: the core reports it, and takes care of its rejection.
    return isThenable(answer) ? (answer as never) : Boolean(answer)
  }
}

function consoleLog(...args: unknown[]): void {
  // oxlint-disable-next-line no-console -- asked for by `debug: true`
  console.log(...args)
}
