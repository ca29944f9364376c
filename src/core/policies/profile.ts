import { bag, duration, isBoolean, isFunction, oneOf, wrongOption } from '../checks.js'
import type { SendData, MessageData } from '../transport.js'
import type { Retry } from './retry.js'

/**
 * Detects dead links. Created by `protocolPing`, `textHeartbeat`, `serverPing` or `noHeartbeat`, or a plain object of this shape.
 */
export interface Heartbeat {
  /**
   * The maximum silence before a ping, which is sent after half of it to all of it. Milliseconds; `Infinity` for no heartbeat.
   *
   * If `ping` is `none`, `timeout` starts then.
   */
  readonly interval: number
  /** How long a reply may take before the link counts as dead. Milliseconds. */
  readonly timeout: number
  /** `idle`: pings only after silence. `always`: pings every interval regardless of traffic. */
  readonly when: 'idle' | 'always'
  /**
   * The proof that a link is alive: `any` received frame, or only a `pong`. `pong` also detects links on which only the sending
   * direction is dead, and pings regardless of traffic.
   */
  readonly proof: 'any' | 'pong'
  /** The ping: a protocol ping (if the transport supports it), nothing, or a function that returns a message. */
  readonly ping: 'protocol' | 'none' | (() => SendData)
  /**
   * Recognizes heartbeat messages. Called for every message, synchronously. A `pong` counts only as the reply to a pending message ping
   * on this link; otherwise the message is delivered.
   */
  readonly classify?: ((frame: MessageData) => 'ping' | 'pong' | undefined) | undefined
  /** Returns the reply to a server's ping; `undefined` sends nothing. */
  readonly answer?: ((ping: MessageData) => SendData | undefined) | undefined
  /**
   * Whether to withhold the server's pings and the replies to yours from listeners. Use `false` if a message may contain more than a ping
   * or a pong, as in byte-stream protocols (MQTT, NATS, STOMP).
   * @default true
   */
  readonly withhold?: boolean | undefined
  /**
   * Decides whether to retry, by the close codes of this kind of server; `undefined` keeps the default. The option `retry` gets the result
   * as `byDefault` and has the last word. If it throws, that is reported and the default applies.
   */
  readonly retry?: Retry | undefined
}

/** The defaults of the heartbeat factories. Durations are in milliseconds. */
export const heartbeatDefaults = { interval: 20_000, timeout: 10_000, when: 'idle', proof: 'any' } as const

/** The result of `protocolPing()`, without its checks. */
export const plainPing: Heartbeat = { ping: 'protocol', interval: 20_000, timeout: 10_000, when: 'idle', proof: 'any' }

const occasions = ['idle', 'always'] as const
const proofs = ['any', 'pong'] as const

/** Throws `ERR_OPTION`. */
export function checkTiming({ interval, timeout }: Pick<Heartbeat, 'interval' | 'timeout'>): void {
  duration('heartbeat.interval', interval, { min: 1 })
  duration('heartbeat.timeout', timeout, { min: 1 })
}

/**
 * Validates a heartbeat that may not come from a factory, and returns a copy.
 *
 * Throws `ERR_OPTION` for combinations that can't work, such as requiring a pong without recognizing one.
 */
export function checkHeartbeat(value: unknown): Heartbeat {
  const keys = ['interval', 'timeout', 'when', 'proof', 'ping', 'classify', 'answer', 'withhold', 'retry'] as const
  const given = bag<Heartbeat>('heartbeat', value, keys)
  const { interval, timeout, ping, when, proof, classify, answer, withhold, retry } = given
  if (ping !== 'protocol' && ping !== 'none' && typeof ping !== 'function') {
    wrongOption('heartbeat.ping', ping, 'not-a-ping')
  }
  const isOff = ping === 'none' && interval === Infinity
  checkTiming({ interval: isOff ? heartbeatDefaults.interval : interval, timeout })
  oneOf('heartbeat.when', when, occasions)
  oneOf('heartbeat.proof', proof, proofs)
  if (classify !== undefined) isFunction('heartbeat.classify', classify)
  if (answer !== undefined) isFunction('heartbeat.answer', answer)
  if (retry !== undefined) isFunction('heartbeat.retry', retry)
  if (withhold !== undefined) isBoolean('heartbeat.withhold', withhold)
  if (ping === 'none' && when === 'always') wrongOption('heartbeat.when', when, 'nothing-pinged', 'idle')
  if (ping === 'none' && proof === 'pong') wrongOption('heartbeat.proof', proof, 'nothing-pinged', 'any')
  if (typeof ping === 'function' && proof === 'pong' && classify === undefined) {
    wrongOption('heartbeat.classify', classify, 'pong-unknown')
  }
  if (answer !== undefined && classify === undefined) {
    wrongOption('heartbeat.answer', answer, 'answer-alone', 'heartbeat.classify')
  }
  // With `idle`, the next check comes only after the reply, so the timeout may exceed the interval. `always` pings every interval
  // with at most one ping pending, so a reply must be due before the next ping.
  if (when === 'always' && timeout >= interval) {
    wrongOption('heartbeat.timeout', timeout, 'timeout-too-long', interval)
  }
  return given
}
