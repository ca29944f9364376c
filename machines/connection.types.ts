/** The standard's ready states, as tags. Every reachable state has exactly one. */
export type ReadyStateTag = 'CONNECTING' | 'OPEN' | 'CLOSING' | 'CLOSED'

/** The cause of the connection's current state. */
export type Why =
  | 'new' /** never opened */
  | 'open' /** the app called `open()`, or it opened automatically */
  | 'reconnect' /** the app called `reconnect()` */
  | 'retry' /** a wait ended */
  | 'online' /** the network came back during an attempt started without it */
  | 'closed' /** the socket closed, or the attempt failed */
  | 'connect-timeout'
  | 'heartbeat-timeout'
  | 'offline' /** waiting: there is no network */
  | 'bfcached' /** waiting: the page is in the back/forward cache */
  | 'close' /** the app closed it */
  | 'close-timeout' /** the app closed it, and the closing handshake did not finish in time */
  | 'refused' /** the retry decision was no */

/** From the app. */
export type Command =
  | { type: 'OPEN' }
  | { type: 'CLOSE' }
  | { type: 'RECONNECT' }
  /** Marks the link stable now, which resets the failure count. */
  | { type: 'HEALTHY' }

/** From the socket of generation `gen`. Events of older generations are ignored. */
export type SocketEvent =
  /** The URL is resolved. */
  | { type: 'socket.resolved'; gen: number }
  /** The handshake is done. */
  | { type: 'socket.opened'; gen: number }
  /** The `prepare` hook is done. */
  | { type: 'socket.prepared'; gen: number }
  /** Proof of life arrived while a ping was pending. */
  | { type: 'socket.alive'; gen: number }
  /** Reading resumed after a pause long enough to delay a check. */
  | { type: 'socket.resumed'; gen: number }
  /** The socket closed, or the attempt failed before there was one. */
  | { type: 'socket.closed'; gen: number; code: number }

/** The retry decision on the loss of generation `gen`, made outside the chart. */
export type RetryDecision =
  { type: 'policy.retry'; gen: number; delay: number; hinted: boolean } | { type: 'policy.stop'; gen: number }

/** A change of network or page. */
export type EnvironmentSignal =
  | 'online'
  | 'offline'
  /** The page became visible or got the focus. */
  | 'visible'
  | 'hidden'
  /** The page is frozen: no code runs until `resume`. */
  | 'freeze'
  | 'resume'
  /** A gap in time: the machine slept. */
  | 'woke'
  /** The page goes into the back/forward cache. */
  | 'bfcached'
  | 'restored'

/** From the environment. Only hints. `wait`: the time until the next attempt, if this event leads to one. */
export type EnvironmentEvent = {
  [S in EnvironmentSignal]: { type: `environment.${S}`; wait: number }
}[EnvironmentSignal]

export type ConnectionEvent = Command | SocketEvent | RetryDecision | EnvironmentEvent

/**
 * The effects of the chart: `dial` when the socket's actor starts, the others by actions of these names. Stopping the actor is not an effect,
 * because it must not be deferred.
 */
export type Effect = 'dial' | 'prepare' | 'announceOpen' | 'ping' | 'watch' | 'startClosing' | 'decideRetry' | 'settle'

/** The facts that guards and delays read. Inspectors see nothing else of a connection. */
export interface ChartHost {
  /** The number of frames so far that prove life. */
  readonly livenessCount: number
  /** Whether traffic replaces pings (`when: 'idle'`). */
  readonly trafficCounts: boolean
  /** Reading is paused, so silence proves nothing. */
  readonly paused: boolean
  /** Whether bytes have moved on the link since `watch`. */
  readonly moving: boolean
  /** Whether the heartbeat can ping on this socket. */
  readonly canPing: boolean
  /** Whether the current attempt started while offline. */
  readonly dialledOffline: boolean
  /** Milliseconds between checks of `livenessCount`. */
  readonly checkInterval: number
  /** How long a ping reply may take on this link. */
  readonly timeout: number
  /** How long the reply to a probe may take, within the deadline of a pending ping. */
  readonly probe: number
  /** A last delay before the link is abandoned: 0, or longer if the previous timer was late. */
  readonly grace: number
  readonly closeTimeout: number
  readonly stableAfter: number
  /** The deadline of an attempt, by the number of failures. */
  connectTimeout(failures: number): number
  toJSON(): string
}

export interface ConnectionContext {
  host: ChartHost
  /** Incremented for each socket. */
  gen: number
  /** Lost links and failed attempts since a link was last stable, or since `open()`. */
  failures: number
  /** The length of the current wait. */
  wait: number
  /** Whether the server asked for the current wait. */
  hinted: boolean
  /** `livenessCount` at the last check. */
  lastCount: number
  why: Why
}

export interface ConnectionInput {
  host: ChartHost
}

export interface SocketInput {
  host: ChartHost
  gen: number
}
