/** The four states of the WHATWG standard, as tags: exactly one holds in every reachable state. */
export type ReadyStateTag = 'CONNECTING' | 'OPEN' | 'CLOSING' | 'CLOSED'

/** What brought the connection into the state that it is in. */
export type Why =
  | 'new' /** never opened */
  | 'open' /** the app asked for it */
  | 'reconnect' /** the app asked for a new socket */
  | 'retry' /** a wait ran out */
  | 'online' /** the network came back during an attempt that was dialled without it */
  | 'closed' /** the socket closed, or the attempt failed */
  | 'connect-timeout'
  | 'heartbeat-timeout'
  | 'offline' /** held: there is no network */
  | 'bfcached' /** held: the page is in the back/forward cache */
  | 'close' /** the app closed it */
  | 'close-timeout' /** the app closed it, and the closing handshake was not answered in time */
  | 'refused' /** the retry policy said no */

/** From the app. */
export type Command =
  | { type: 'OPEN' }
  | { type: 'CLOSE' }
  | { type: 'RECONNECT' }
  /** The app vouches for the link: forget the failures now. */
  | { type: 'HEALTHY' }

/** From the socket of generation `gen`; one of an older generation changes nothing. */
export type SocketEvent =
  /** The URL provider has answered. */
  | { type: 'socket.resolved'; gen: number }
  /** The handshake is done. */
  | { type: 'socket.opened'; gen: number }
  /** The `prepare` hook is done. */
  | { type: 'socket.prepared'; gen: number }
  /** Proof of life, while one was awaited. */
  | { type: 'socket.alive'; gen: number }
  /** We read again after a pause so long that silence went unjudged. */
  | { type: 'socket.resumed'; gen: number }
  /** The socket closed, or the attempt failed before there was one. */
  | { type: 'socket.closed'; gen: number; code: number }

/** The verdict on the loss of generation `gen`, judged outside the chart. */
export type RetryDecision =
  { type: 'policy.retry'; gen: number; delay: number; hinted: boolean } | { type: 'policy.stop'; gen: number }

export type EnvironmentSignal =
  | 'online'
  | 'offline'
  /** The page is shown, or got the focus. */
  | 'visible'
  | 'hidden'
  /** The page is frozen: no code runs until `resumed`. */
  | 'freeze'
  | 'resume'
  /** Time has a gap: the machine slept. */
  | 'woke'
  /** The page goes into the back/forward cache. */
  | 'bfcached'
  | 'restored'

/** From the environment: hints, never verdicts. `wait`: how long until the next dial, should this event lead to one. */
export type EnvironmentEvent = {
  [S in EnvironmentSignal]: { type: `environment.${S}`; wait: number }
}[EnvironmentSignal]

export type ConnectionEvent = Command | SocketEvent | RetryDecision | EnvironmentEvent

/**
 * What the chart asks for: `dial` when the socket's actor starts, the others by actions of these names. The end of the actor is
 * not among them, because it must not be put off.
 */
export type Effect = 'dial' | 'prepare' | 'announceOpen' | 'ping' | 'watch' | 'startClosing' | 'decideRetry' | 'settle'

/** What guards and delays may ask; everything else about a connection stays behind it, where no inspector can see. */
export interface ChartHost {
  /** How many frames have proved life so far. */
  readonly livenessCount: number
  /** Traffic makes a ping needless (`when: 'idle'`). */
  readonly trafficCounts: boolean
  /** We are not reading, so silence proves nothing. */
  readonly paused: boolean
  /** Bytes have moved on the link since `watch`. */
  readonly moving: boolean
  /** The heartbeat has a ping to send on this socket. */
  readonly canPing: boolean
  /** The current attempt was started while the environment said offline. */
  readonly dialledOffline: boolean
  /** Milliseconds between looks at the count of proofs. */
  readonly checkInterval: number
  /** How long an answer to a ping may take on this link. */
  readonly timeout: number
  /** How long an answer to a probe may take; never later than the ping in flight allows. */
  readonly probe: number
  /** The last look before the verdict: 0, or longer if the timer that leads here came late. */
  readonly grace: number
  readonly closeTimeout: number
  readonly stableAfter: number
  /** One deadline over provider, handshake and `prepare`, after so many failures. */
  connectTimeout(failures: number): number
  toJSON(): string
}

export interface ConnectionContext {
  host: ChartHost
  /** +1 for each socket. */
  gen: number
  /** Lost links and failed attempts since the link was last stable, or opened by the app. */
  failures: number
  /** How long the present wait lasts. */
  wait: number
  /** The present wait is one the server asked for. */
  hinted: boolean
  /** The count of proofs at the last look. */
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
