import { bag, duration, isBlob, isBoolean, isFunction, oneOf, wrongOption, tagOf } from '../checks.js'
import { isThenable } from '../guards.js'
import type { Data, Frame } from '../transports/transport.js'
import type { Retry } from './retry.js'

/** How liveness is proved. Made by `protocolPing`, `textHeartbeat`, `serverPing` or `off`; a plain object of this shape will do. */
export interface Heartbeat {
  /**
   * A ping goes out after at most this much silence, and at least half of it. Milliseconds; `Infinity` when off.
   * Where nothing is pinged, `timeout` starts to run instead.
   */
  readonly interval: number
  /** How long an answer may take before the link is judged dead. Milliseconds. */
  readonly timeout: number
  /** `idle`: ping only after silence. `always`: ping every interval, whatever else arrives. */
  readonly when: 'idle' | 'always'
  /**
   * What proves life: `any` inbound frame, or only a `pong`; then other traffic spares no ping, and a link that still
   * hears but is no longer heard is found.
   */
  readonly proof: 'any' | 'pong'
  /** What we send: a protocol ping (where the transport can), a message of the app's dialect, or nothing. */
  readonly ping: 'protocol' | 'none' | (() => Data)
  /**
   * Tells heartbeat frames from messages. Called for every message. A `pong` counts only as the answer to a `ping` of this
   * profile that is outstanding on this link; any other message that looks like one is delivered.
   */
  readonly recognise?: ((frame: Frame) => 'ping' | 'pong' | undefined) | undefined
  /** What to send back when the server's ping is recognized; nothing for `undefined`. */
  readonly answer?: ((ping: Frame) => Data | undefined) | undefined
  /**
   * Whether the server's pings and the answers to yours are kept from listeners. `false` delivers every message: use it where
   * a message may hold more than a ping or a pong, as in a protocol that is a stream of bytes (MQTT, NATS, STOMP).
   * @default true
   */
  readonly withhold?: boolean | undefined
  /**
   * What the server's own close codes say about trying again. It is asked before the option `retry`, which hears its answer as
   * `byDefault` and has the last word; `undefined` keeps the default. One that throws is reported, and the default holds.
   */
  readonly retry?: Retry | undefined
}

/** What the factories assume where an option is left out. Durations in milliseconds. */
export const heartbeatDefaults = { interval: 20_000, timeout: 10_000, when: 'idle', proof: 'any' } as const

/** What `protocolPing()` makes, without the checks. */
export const plainPing: Heartbeat = { ping: 'protocol', interval: 20_000, timeout: 10_000, when: 'idle', proof: 'any' }

export interface TimingOptions {
  /**
   * A ping goes out after at most this much silence, and at least half of it: a link on which nothing moves is pinged twice in each
   * interval. Once in each with `when: 'always'` or `proof: 'pong'`. Milliseconds, 1 or more, finite.
   * Trap: proxies drop idle links, many after 60 s; stay under half of that.
   * @default 20_000
   */
  interval?: number | undefined
  /**
   * How long the proof may then take. Milliseconds, 1 or more, finite; less than `interval` when `'always'`.
   * @default 10_000
   */
  timeout?: number | undefined
  /** What the server's own close codes say about trying again; `undefined` keeps the default. The option `retry` has the last word. */
  retry?: Retry | undefined
}

export interface PingOptions extends TimingOptions {
  /**
   * `idle`: ping only after silence; in a hidden page, whose timers browsers hold back, twice an interval whatever else
   * arrives. `always`: ping every interval, whatever else arrives.
   * @default 'idle'
   */
  when?: Heartbeat['when'] | undefined
  /**
   * What proves life: `any` inbound frame, or only a `pong`.
   * Trap: a pong can be late because it queues behind a backlog; any frame would have proved that link alive.
   * @default 'any'
   */
  proof?: Heartbeat['proof'] | undefined
}

export interface TextHeartbeatOptions extends PingOptions {
  /** What we send, or a function that makes it for each ping. */
  ping: Data | (() => Data)
  /** What the server answers: the exact text, or a test. Trap: a test is called for every message that arrives. */
  pong: string | ((frame: Frame) => boolean)
  /**
   * Whether answers to your pings are kept from listeners. `false` delivers every message, for messages that may hold more
   * than a pong.
   * @default true
   */
  withhold?: boolean | undefined
}

export interface ServerPingOptions extends TimingOptions {
  /** The server's ping: the exact text, or a test. Left out: it pings in the protocol, or its traffic is the proof. */
  ping?: string | ((frame: Frame) => boolean) | undefined
  /** What the server expects back, or a function that makes it from the ping; `undefined` sends nothing. */
  answer?: Data | ((ping: Frame) => Data | undefined) | undefined
  /**
   * Whether the server's pings are kept from listeners. `false` delivers every message, for messages that may hold more than
   * a ping.
   * @default true
   */
  withhold?: boolean | undefined
}

const occasions = ['idle', 'always'] as const
const proofs = ['any', 'pong'] as const

/** Whether a WebSocket can carry it. */
export function isData(value: unknown): value is Data {
  if (typeof value === 'string' || ArrayBuffer.isView(value)) return true
  return tagOf(value) === 'ArrayBuffer' || isBlob(value)
}

function checkTiming({ interval, timeout }: Pick<Heartbeat, 'interval' | 'timeout'>): void {
  duration('heartbeat.interval', interval, { min: 1 })
  duration('heartbeat.timeout', timeout, { min: 1 })
}

/** What was left out is filled in; `checkHeartbeat` looks at it. */
function rhythm({
  interval = heartbeatDefaults.interval,
  timeout = heartbeatDefaults.timeout,
  when = heartbeatDefaults.when,
  proof = heartbeatDefaults.proof,
}: PingOptions): Pick<Heartbeat, 'interval' | 'timeout' | 'when' | 'proof'> {
  return { interval, timeout, when, proof }
}

function matcher<K extends 'ping' | 'pong'>(
  kind: K,
  pattern: string | ((frame: Frame) => boolean),
): (frame: Frame) => K | undefined {
  if (typeof pattern === 'string') return (frame) => (frame === pattern ? kind : undefined)
  if (typeof pattern !== 'function') wrongOption(`heartbeat.${kind}`, pattern, 'not-a-matcher')
  return (frame) => {
    const found: unknown = pattern(frame)
    // A promise is always true. It is passed on to be reported.
    if (isThenable(found)) return found as never
    return found ? kind : undefined
  }
}

function codes(retry: Retry | undefined): { retry?: Retry } {
  return retry === undefined ? {} : { retry: isFunction('heartbeat.retry', retry) as Retry }
}

/** Left out where nothing is said: `ReconnectingWebSocket.with` has another default. */
function withholding(withhold: boolean | undefined): { withhold?: boolean } {
  return withhold === undefined ? {} : { withhold: isBoolean('heartbeat.withhold', withhold) }
}

/**
 * Pings with the protocol's own ping frame, which every server answers by itself.
 *
 * Throws `ERR_OPTION` at once for a wrong value. Trap: browsers cannot send it; there, use `textHeartbeat`.
 * Source: RFC 6455 §5.5.2.
 */
export function protocolPing(options: PingOptions = {}): Heartbeat {
  const given = bag<PingOptions>('heartbeat', options, ['interval', 'timeout', 'when', 'proof', 'retry'])
  return checkHeartbeat({ ping: 'protocol', ...rhythm(given), ...codes(given.retry) })
}

/**
 * Pings with a message of the application's dialect; works everywhere, if the server speaks it.
 *
 * Throws `ERR_OPTION` at once for a wrong value. A `ping` or `pong` function that throws later is reported, not fatal.
 */
export function textHeartbeat(options: TextHeartbeatOptions): Heartbeat {
  const keys = ['interval', 'timeout', 'when', 'proof', 'ping', 'pong', 'withhold', 'retry'] as const
  const { ping, pong, withhold, ...rest } = bag<TextHeartbeatOptions>('heartbeat', options, keys)
  if (typeof ping !== 'function' && !isData(ping)) wrongOption('heartbeat.ping', ping, 'not-sendable')
  const recognise = matcher('pong', pong)
  return checkHeartbeat({
    ping: typeof ping === 'function' ? ping : () => ping,
    recognise,
    ...rhythm(rest),
    ...withholding(withhold),
    ...codes(rest.retry),
  })
}

/**
 * The server pings every `interval`; we answer, and judge the link dead when it falls silent.
 *
 * Dead after no less than `interval + timeout` of silence, and no more than half an interval later; any frame breaks it.
 * There is no `when` or `proof`: we send no ping, so there is no pong to ask for. Throws `ERR_OPTION` at once.
 * Trap: give the interval that the server advertises, not a shorter one.
 */
export function serverPing(options: ServerPingOptions = {}): Heartbeat {
  const given = bag<ServerPingOptions>('heartbeat', options, [
    'interval',
    'timeout',
    'ping',
    'answer',
    'withhold',
    'retry',
  ])
  const { interval, timeout } = rhythm(given)
  checkTiming({ interval, timeout })
  const { ping, answer, withhold } = given
  if (answer !== undefined && typeof answer !== 'function' && !isData(answer)) {
    wrongOption('heartbeat.answer', answer, 'not-sendable')
  }
  if (answer !== undefined && ping === undefined) {
    wrongOption('heartbeat.answer', answer, 'answer-alone', 'heartbeat.ping')
  }
  return {
    interval,
    // Doubt begins after half an interval of silence at the earliest, while the server's ping may be an interval away.
    timeout: interval / 2 + timeout,
    when: 'idle',
    proof: 'any',
    ping: 'none',
    ...(ping === undefined ? {} : { recognise: matcher('ping', ping) }),
    ...(answer === undefined ? {} : { answer: typeof answer === 'function' ? answer : () => answer }),
    ...withholding(withhold),
    ...codes(given.retry),
  }
}

/** No heartbeat. Trap: a link that dies silently then stays open on paper until the system notices, if ever. */
export function off(): Heartbeat {
  return { ...heartbeatDefaults, interval: Infinity, ping: 'none' }
}

/**
 * Checks a profile that may not come from a factory, and returns a copy of it.
 *
 * Throws `ERR_OPTION` for what could never work, such as waiting for a pong that nothing recognises.
 */
export function checkHeartbeat(value: unknown): Heartbeat {
  const keys = ['interval', 'timeout', 'when', 'proof', 'ping', 'recognise', 'answer', 'withhold', 'retry'] as const
  const given = bag<Heartbeat>('heartbeat', value, keys)
  const { interval, timeout, ping, when, proof, recognise, answer, withhold, retry } = given
  if (ping !== 'protocol' && ping !== 'none' && typeof ping !== 'function') {
    wrongOption('heartbeat.ping', ping, 'not-a-ping')
  }
  const isOff = ping === 'none' && interval === Infinity
  checkTiming({ interval: isOff ? heartbeatDefaults.interval : interval, timeout })
  oneOf('heartbeat.when', when, occasions)
  oneOf('heartbeat.proof', proof, proofs)
  if (recognise !== undefined) isFunction('heartbeat.recognise', recognise)
  if (answer !== undefined) isFunction('heartbeat.answer', answer)
  if (retry !== undefined) isFunction('heartbeat.retry', retry)
  if (withhold !== undefined) isBoolean('heartbeat.withhold', withhold)
  if (ping === 'none' && when === 'always') wrongOption('heartbeat.when', when, 'nothing-pinged', 'idle')
  if (ping === 'none' && proof === 'pong') wrongOption('heartbeat.proof', proof, 'nothing-pinged', 'any')
  if (typeof ping === 'function' && proof === 'pong' && recognise === undefined) {
    wrongOption('heartbeat.recognise', recognise, 'pong-unknown')
  }
  if (answer !== undefined && recognise === undefined) {
    wrongOption('heartbeat.answer', answer, 'answer-alone', 'heartbeat.recognise')
  }
  // When idle, the next look comes only after the answer; so a patient timeout with a short interval is sound.
  // `always` promises a ping each interval, with one in flight at most: an answer must be due before the next.
  if (when === 'always' && timeout >= interval) {
    wrongOption('heartbeat.timeout', timeout, 'timeout-too-long', interval)
  }
  return given
}
