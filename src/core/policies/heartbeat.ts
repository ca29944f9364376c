import { bag, checkAnswer, checkHeartbeat, checkMatcher, checkSendable, checkTiming } from '../factory-checks/checks.js'
import { isThenable } from '../guards.js'
import type { SendData, MessageData } from '../transport.js'
import { heartbeatDefaults, type Heartbeat } from './profile.js'
import type { Retry } from './retry.js'

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
  ping: SendData | (() => SendData)
  /** What the server answers: the exact text, or a test. Trap: a test is called for every message that arrives. */
  pong: string | ((frame: MessageData) => boolean)
  /**
   * Whether answers to your pings are kept from listeners. `false` delivers every message, for messages that may hold more
   * than a pong.
   * @default true
   */
  withhold?: boolean | undefined
}

export interface ServerPingOptions extends TimingOptions {
  /** The server's ping: the exact text, or a test. Left out: it pings in the protocol, or its traffic is the proof. */
  ping?: string | ((frame: MessageData) => boolean) | undefined
  /** What the server expects back, or a function that makes it from the ping; `undefined` sends nothing. */
  answer?: SendData | ((ping: MessageData) => SendData | undefined) | undefined
  /**
   * Whether the server's pings are kept from listeners. `false` delivers every message, for messages that may hold more than
   * a ping.
   * @default true
   */
  withhold?: boolean | undefined
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
  pattern: string | ((frame: MessageData) => boolean),
): (frame: MessageData) => K | undefined {
  checkMatcher(`heartbeat.${kind}`, pattern)
  if (typeof pattern === 'string') return (frame) => (frame === pattern ? kind : undefined)
  return (frame) => {
    const found: unknown = pattern(frame)
    // A promise is always true. It is passed on to be reported.
    if (isThenable(found)) return found as never
    return found ? kind : undefined
  }
}

/**
 * Pings with the protocol's own ping frame, which every server answers by itself.
 *
 * Throws `ERR_OPTION` at once for a wrong value, except in a browser's production bundle.
 * Trap: browsers cannot send it; there, use `textHeartbeat`.
 * Source: RFC 6455 §5.5.2.
 */
export function protocolPing(options: PingOptions = {}): Heartbeat {
  const given = bag<PingOptions>('heartbeat', options, ['interval', 'timeout', 'when', 'proof', 'retry'])
  return checkHeartbeat({ ping: 'protocol', ...rhythm(given), retry: given.retry })
}

/**
 * Pings with a message of the application's dialect; works everywhere, if the server speaks it.
 *
 * Throws `ERR_OPTION` at once for a wrong value, except in a browser's production bundle.
 * A `ping` or `pong` function that throws later is reported, not fatal.
 */
export function textHeartbeat(options: TextHeartbeatOptions): Heartbeat {
  const keys = ['interval', 'timeout', 'when', 'proof', 'ping', 'pong', 'withhold', 'retry'] as const
  const { ping, pong, withhold, retry, ...rest } = bag<TextHeartbeatOptions>('heartbeat', options, keys)
  checkSendable('heartbeat.ping', ping)
  return checkHeartbeat({
    ping: typeof ping === 'function' ? ping : () => ping,
    classify: matcher('pong', pong),
    ...rhythm(rest),
    withhold,
    retry,
  })
}

/**
 * The server pings every `interval`; we answer, and judge the link dead when it falls silent.
 *
 * Dead after no less than `interval + timeout` of silence, and no more than half an interval later; any frame breaks it.
 * There is no `when` or `proof`: we send no ping, so there is no pong to ask for.
 * Throws `ERR_OPTION` at once for a wrong value, except in a browser's production bundle.
 * Trap: give the interval that the server advertises, not a shorter one.
 */
export function serverPing(options: ServerPingOptions = {}): Heartbeat {
  const keys = ['interval', 'timeout', 'ping', 'answer', 'withhold', 'retry'] as const
  const { ping, answer, withhold, retry, ...rest } = bag<ServerPingOptions>('heartbeat', options, keys)
  const { interval, timeout, when, proof } = rhythm(rest)
  checkTiming({ interval, timeout })
  checkAnswer(answer, ping)
  return checkHeartbeat({
    interval,
    // Doubt begins after half an interval of silence at the earliest, while the server's ping may be an interval away.
    timeout: interval / 2 + timeout,
    when,
    proof,
    ping: 'none',
    classify: ping === undefined ? undefined : matcher('ping', ping),
    answer: answer === undefined || typeof answer === 'function' ? answer : () => answer,
    withhold,
    retry,
  })
}

/** No heartbeat. Trap: a link that dies silently then stays open on paper until the system notices, if ever. */
export function noHeartbeat(): Heartbeat {
  return { ...heartbeatDefaults, interval: Infinity, ping: 'none' }
}
