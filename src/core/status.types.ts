import type { Why } from '../../machines/connection.types.js'
import type { Loss } from './policies/retry.js'

/** The standard's `readyState`: 0 CONNECTING, 1 OPEN, 2 CLOSING, 3 CLOSED. Source: WHATWG WebSockets §3.1. */
export type ReadyState = 0 | 1 | 2 | 3

interface Common {
  /** The cause of the current state. `internal`: a defect in statewire. */
  readonly why: Why | 'internal'
  /** The state as the standard's number. It is 3 while waiting to retry. */
  readonly readyState: ReadyState
  /** The number of the current or next attempt, from 1. Restarts at 1 once a link is stable, or after `open()`. */
  readonly attempt: number
  /** Whether the connection stays or becomes open without a call of yours. False while idle, closing or ended. */
  readonly willRetry: boolean
  /** When the next attempt starts, in milliseconds since 1970. `undefined` unless waiting to retry. */
  readonly retryAt: number | undefined
  /** The last lost link or failed attempt since `open()`. */
  readonly loss: Loss | undefined
}

/** The state of a connection, described at `Connection.state`. */
export type ConnectionState = 'idle' | 'connecting' | 'open' | 'closing' | 'backoff' | 'suspended' | 'ended'

/** The state of a connection with its details. Frozen; the same object until something changes. */
export type ConnectionStatus =
  | (Common & { readonly state: 'idle'; readonly readyState: 3; readonly willRetry: false })
  | (Common & {
      readonly state: 'connecting'
      readonly readyState: 0
      readonly willRetry: true
      /** `resolving`: the `url` function runs. `handshaking`: the socket is opening. `preparing`: `prepare` runs. */
      readonly phase: 'resolving' | 'handshaking' | 'preparing'
    })
  | (Common & {
      readonly state: 'open'
      readonly readyState: 1
      readonly willRetry: true
      /** The link has lasted `stableAfter`, or `markHealthy()` was called, so the failure count was reset. */
      readonly stable: boolean
    })
  | (Common & { readonly state: 'closing'; readonly readyState: 2; readonly willRetry: false })
  | (Common & {
      readonly state: 'backoff' | 'suspended'
      readonly readyState: 3
      readonly willRetry: true
      readonly retryAt: number
      /** The total wait, in milliseconds. */
      readonly delay: number
      /** The server asked for this wait, so only `open()` or `reconnect()` shortens it. */
      readonly hinted: boolean
    })
  | (Common & {
      readonly state: 'ended'
      readonly readyState: 3
      readonly willRetry: false
    })
