import { bag, checkAnswer, checkHeartbeat, checkMatcher, checkSendable, checkTiming } from '../factory-checks/checks.js'
import { isThenable } from '../guards.js'
import type { SendData, MessageData } from '../transport.js'
import { heartbeatDefaults, type Heartbeat } from './profile.js'
import type { Retry } from './retry.js'

/** Options of every heartbeat. */
export interface TimingOptions {
  /**
   * The maximum silence before a ping. Milliseconds, 1 or more, finite.
   *
   * A ping is sent after half of it to all of it, so a silent link is pinged twice per interval; once with `when: 'always'` or
   * `proof: 'pong'`. Proxies drop idle links, many after 60 s, so stay below half of that.
   * @default 20_000
   */
  interval?: number | undefined
  /**
   * How long proof of life may then take. Milliseconds, 1 or more, finite; less than `interval` with `when: 'always'`.
   * @default 10_000
   */
  timeout?: number | undefined
  /**
   * Decides whether to retry, by the close codes of this kind of server; `undefined` keeps the default. The option `retry` has the
   * last word.
   */
  retry?: Retry | undefined
}

/** Options of heartbeats that send pings. */
export interface PingOptions extends TimingOptions {
  /**
   * `idle`: pings only after silence; in a hidden page, whose timers browsers throttle, twice per interval regardless of traffic.
   * `always`: pings every interval regardless of traffic.
   * @default 'idle'
   */
  when?: Heartbeat['when'] | undefined
  /**
   * The proof that a link is alive: `any` received frame, or only a `pong`.
   *
   * With `pong`, a reply that is stuck behind a backlog makes a live link look dead.
   * @default 'any'
   */
  proof?: Heartbeat['proof'] | undefined
}

/** Options of `textHeartbeat`. */
export interface TextHeartbeatOptions extends PingOptions {
  /** The ping message, or a function that returns it for each ping. */
  ping: SendData | (() => SendData)
  /** The server's reply: the exact text, or a predicate. A predicate is called for every received message. */
  pong: string | ((frame: MessageData) => boolean)
  /**
   * Whether to withhold replies to your pings from listeners. Use `false` if a message may contain more than a pong.
   * @default true
   */
  withhold?: boolean | undefined
}

/** Options of `serverPing`. */
export interface ServerPingOptions extends TimingOptions {
  /**
   * The server's ping: the exact text, or a predicate. Omit it if the server sends protocol pings, or if any traffic is proof of
   * life.
   */
  ping?: string | ((frame: MessageData) => boolean) | undefined
  /** The reply to the server's ping, or a function that returns it; `undefined` sends nothing. */
  answer?: SendData | ((ping: MessageData) => SendData | undefined) | undefined
  /**
   * Whether to withhold the server's pings from listeners. Use `false` if a message may contain more than a ping.
   * @default true
   */
  withhold?: boolean | undefined
}

/** Fills in defaults. `checkHeartbeat` validates the result. */
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
    // A promise is always truthy; it is passed on and reported.
    if (isThenable(found)) return found as never
    return found ? kind : undefined
  }
}

/**
 * Sends protocol pings, which every server answers automatically.
 *
 * @throws ConnectionError `ERR_OPTION` for an invalid value, except in a browser's production bundle.
 * Browsers can't send protocol pings, so links are not monitored there: use `textHeartbeat` or `serverPing`.
 * Source: RFC 6455 §5.5.2.
 */
export function protocolPing(options: PingOptions = {}): Heartbeat {
  const given = bag<PingOptions>('heartbeat', options, ['interval', 'timeout', 'when', 'proof', 'retry'])
  return checkHeartbeat({ ping: 'protocol', ...rhythm(given), retry: given.retry })
}

/**
 * Sends a message as a ping and expects a reply. Works in every runtime if the server supports it.
 *
 * @throws ConnectionError `ERR_OPTION` for an invalid value, except in a browser's production bundle.
 * If a `ping` or `pong` function throws later, `ERR_POLICY` is reported and the link stays up.
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
 * Expects pings from the server every `interval`, replies to them, and drops a silent link.
 *
 * A link is dropped after `interval + timeout` of silence, at most half an interval later; any frame ends the silence. There is no `when`
 * or `proof`, because the client sends no pings.
 * @throws ConnectionError `ERR_OPTION` for an invalid value, except in a browser's production bundle.
 * Set `interval` to the server's advertised ping interval, not less.
 */
export function serverPing(options: ServerPingOptions = {}): Heartbeat {
  const keys = ['interval', 'timeout', 'ping', 'answer', 'withhold', 'retry'] as const
  const { ping, answer, withhold, retry, ...rest } = bag<ServerPingOptions>('heartbeat', options, keys)
  const { interval, timeout, when, proof } = rhythm(rest)
  checkTiming({ interval, timeout })
  checkAnswer(answer, ping)
  return checkHeartbeat({
    interval,
    // The timeout can start after half an interval of silence, while the server's ping may be a whole interval away.
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

/** No heartbeat. A silently dead link then looks open until the operating system notices, if ever. */
export function noHeartbeat(): Heartbeat {
  return { ...heartbeatDefaults, interval: Infinity, ping: 'none' }
}
