import { bag, duration, isBoolean, isFunction, oneOf, wrongOption } from '../checks.js'
import type { SendData, MessageData } from '../transport.js'
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
  readonly ping: 'protocol' | 'none' | (() => SendData)
  /**
   * Tells heartbeat frames from messages. Called for every message. A `pong` counts only as the answer to a `ping` of this
   * profile that is outstanding on this link; any other message that looks like one is delivered.
   */
  readonly classify?: ((frame: MessageData) => 'ping' | 'pong' | undefined) | undefined
  /** What to send back when the server's ping is recognized; nothing for `undefined`. */
  readonly answer?: ((ping: MessageData) => SendData | undefined) | undefined
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

const occasions = ['idle', 'always'] as const
const proofs = ['any', 'pong'] as const

/** Throws `ERR_OPTION`. */
export function checkTiming({ interval, timeout }: Pick<Heartbeat, 'interval' | 'timeout'>): void {
  duration('heartbeat.interval', interval, { min: 1 })
  duration('heartbeat.timeout', timeout, { min: 1 })
}

/**
 * Checks a profile that may not come from a factory, and returns a copy of it.
 *
 * Throws `ERR_OPTION` for what could never work, such as waiting for a pong that nothing recognizes.
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
  // When idle, the next look comes only after the answer; so a patient timeout with a short interval is sound.
  // `always` promises a ping each interval, with one in flight at most: an answer must be due before the next.
  if (when === 'always' && timeout >= interval) {
    wrongOption('heartbeat.timeout', timeout, 'timeout-too-long', interval)
  }
  return given
}
