import { equalJitter, protocolPing, textHeartbeat, type ConnectionOptions, type Heartbeat } from '../../../index.js'

/** Milliseconds. Much shorter than the library's defaults, so that a recovery takes seconds. */
export const settings = {
  interval: 2_000,
  timeout: 1_000,
  connectTimeout: 2_000,
  closeTimeout: 500,
  stableAfter: 1_000,
  backoff: { base: 500, cap: 4_000 },
  /** Time between two messages. */
  pace: 200,
} as const

/** Pings even while messages arrive, so that there are round trips to show. */
const timing = { interval: settings.interval, timeout: settings.timeout, when: 'always' } as const

/** For browsers, which cannot send protocol pings. The server echoes everything, so the echo of a ping is its pong. */
export const echoedPing = (): Heartbeat => textHeartbeat({ ...timing, ping: 'ping', pong: 'ping' })

/** The heartbeat of the lab's sessions. */
export const sessionHeartbeat = { interval: settings.interval, timeout: settings.timeout } as const

/** The options of the lab's connections, without the transport. */
export function connectionOptions(heartbeat: Heartbeat = protocolPing(timing)): ConnectionOptions {
  return { heartbeat, ...sessionOptions() }
}

/** The same without a heartbeat, because a session has its own. */
export function sessionOptions(): ConnectionOptions {
  const { connectTimeout, closeTimeout, stableAfter, backoff } = settings
  return {
    // Half of each delay is fixed, so you can see the delays grow. The default spreads clients better.
    backoff: equalJitter(backoff),
    connectTimeout,
    closeTimeout,
    stableAfter,
  }
}

const inSeconds = (ms: number): string => `${ms / 1_000} s`

/** The settings in words. */
export function describeSettings(): string {
  const { interval, timeout, connectTimeout, stableAfter, backoff } = settings
  return `Settings, shorter than the defaults: ping every ${inSeconds(interval)}, pong timeout ${inSeconds(timeout)}, connect timeout ${inSeconds(connectTimeout)}, backoff ${inSeconds(backoff.base / 2)} to ${inSeconds(backoff.base)}, doubling up to ${inSeconds(backoff.cap)}, failures forgotten after ${inSeconds(stableAfter)} open.`
}

/** What happens to messages, and what the counts mean, in words. */
export const describeTerms = (): string =>
  `Each connection sends ${1_000 / settings.pace} numbered messages a second, and the server echoes them. Uncertain: sent, but the link was lost before the echo came, so the message may be lost. The connection itself counts more as uncertain, because only a pong is proof for it.`

/** What the lab's session shows, in words. */
export const describeSession = (): string =>
  `The session sends ${1_000 / settings.pace} numbered messages a second to two nodes that share a store, and gets one numbered answer to each. Killing a node breaks its sockets without a close frame, drops what it has in memory, and removes it from the store without a handover. Store, effects and both nodes are in the lab’s process, so this shows the end of a node, not of the store. Lost and doubled count both directions.`
