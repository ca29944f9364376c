import type { Why } from '../../machines/connection.types.js'
import type { Loss } from './policies/retry.js'

export type ReadyState = 0 | 1 | 2 | 3

interface Common {
  /** What brought the connection here. */
  readonly why: Why | 'internal'
  /** As in the standard: 0 CONNECTING, 1 OPEN, 2 CLOSING, 3 CLOSED. */
  readonly readyState: ReadyState
  /** The attempt that runs, or that comes next; 1 is the first. It begins anew once a link was stable, or the app opened. */
  readonly attempt: number
  /** Whether the connection will try to be open without being told. */
  readonly willRetry: boolean
  /** When the next attempt starts, in milliseconds since 1970, while one is waited for. */
  readonly retryAt: number | undefined
  /** The last lost link or failed attempt, since the app opened. */
  readonly loss: Loss | undefined
}

export type ConnectionState = 'idle' | 'connecting' | 'open' | 'closing' | 'backoff' | 'suspended' | 'ended'

/** What the connection is, and why. Immutable; the same object until something changes. */
export type ConnectionStatus =
  | (Common & { readonly state: 'idle'; readonly readyState: 3; readonly willRetry: false })
  | (Common & {
      readonly state: 'connecting'
      readonly readyState: 0
      readonly willRetry: true
      /** The URL provider is asked; the handshake is under way; `prepare` runs. */
      readonly phase: 'resolving' | 'handshaking' | 'preparing'
    })
  | (Common & {
      readonly state: 'open'
      readonly readyState: 1
      readonly willRetry: true
      /** Open for so long, or vouched for by the app, that the failures before are forgotten. */
      readonly stable: boolean
    })
  | (Common & { readonly state: 'closing'; readonly readyState: 2; readonly willRetry: false })
  | (Common & {
      readonly state: 'backoff' | 'suspended'
      readonly readyState: 3
      readonly willRetry: true
      readonly retryAt: number
      /** How long the wait is in all. Milliseconds. */
      readonly delay: number
      /** The server asked for this wait, so nothing shortens it but the app. */
      readonly hinted: boolean
    })
  | (Common & {
      readonly state: 'ended'
      readonly readyState: 3
      readonly willRetry: false
    })
