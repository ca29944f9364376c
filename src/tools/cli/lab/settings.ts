import { equalJitter, protocolPing, textHeartbeat, type ConnectionOptions, type Heartbeat } from '../../../index.js'

/** Milliseconds. All much shorter than the defaults of the library, so that a person sees a recovery within seconds. */
export const settings = {
  interval: 2_000,
  timeout: 1_000,
  connectTimeout: 2_000,
  closeTimeout: 500,
  stableAfter: 1_000,
  backoff: { base: 500, cap: 4_000 },
  /** Between two messages. */
  pace: 200,
} as const

/** Also while messages come: so that there are round trips to see. */
const timing = { interval: settings.interval, timeout: settings.timeout, when: 'always' } as const

/** Where pings are not the protocol's: the server echoes everything, so what answers a ping is the ping. */
export const echoedPing = (): Heartbeat => textHeartbeat({ ...timing, ping: 'ping', pong: 'ping' })

/** What the lab's connections are made with, besides their transport. */
export function connectionOptions(heartbeat: Heartbeat = protocolPing(timing)): ConnectionOptions {
  const { connectTimeout, closeTimeout, stableAfter, backoff } = settings
  return {
    heartbeat,
    // Half of each wait is certain, so one sees the waits grow; the default spreads a herd better.
    backoff: equalJitter(backoff),
    connectTimeout,
    closeTimeout,
    stableAfter,
  }
}

const inSeconds = (ms: number): string => `${ms / 1_000} s`

/** The settings in words. */
export function describeSettings(): string[] {
  const { interval, timeout, connectTimeout, stableAfter, backoff, pace } = settings
  return [
    `Heartbeat: a ping every ${inSeconds(interval)}, dead ${inSeconds(timeout)} later if nothing comes. Connect deadline ${inSeconds(connectTimeout)}. Backoff ${inSeconds(backoff.base / 2)} to ${inSeconds(backoff.base)}, doubling, at most ${inSeconds(backoff.cap)}; failures forgotten after ${inSeconds(stableAfter)} open. All of it is shorter than by default, to be watched.`,
    `${1_000 / pace} numbered messages a second go out, and the server echoes them. Lost: handed to a socket, and no echo came.`,
  ]
}
