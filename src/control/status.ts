import type { SnapshotFrom } from 'xstate'
import type { ConnectionMachine } from '../../machines/connection.machine.js'
import type { Why } from '../../machines/connection.types.js'
import type { Loss } from '../policies/retry.js'

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

export type ConnectionSnapshot = SnapshotFrom<ConnectionMachine>

/** What the chart's snapshot does not know. */
export interface StatusFacts {
  readonly loss: Loss | undefined
  /** Now, in milliseconds since 1970. */
  readonly wall: () => number
}

/** The public picture of a snapshot. `undefined` while a loss is being judged: that is nobody's business yet. */
export function statusOf(snapshot: ConnectionSnapshot, { loss, wall }: StatusFacts): ConnectionStatus | undefined {
  const { failures, why, wait, hinted } = snapshot.context
  const common = { why, attempt: failures + 1, retryAt: undefined, loss }
  const waiting = (): { delay: number; retryAt: number; hinted: boolean } => ({
    delay: wait,
    retryAt: wall() + wait,
    hinted,
  })
  if (snapshot.matches({ closed: 'deciding' })) return undefined
  if (snapshot.matches({ closed: 'idle' })) return { ...common, state: 'idle', readyState: 3, willRetry: false }
  if (snapshot.matches({ closed: 'ended' })) return { ...common, state: 'ended', readyState: 3, willRetry: false }
  if (snapshot.matches({ closed: 'backoff' })) {
    return { ...common, state: 'backoff', readyState: 3, willRetry: true, ...waiting() }
  }
  if (snapshot.matches({ closed: 'suspended' })) {
    return { ...common, state: 'suspended', readyState: 3, willRetry: true, ...waiting() }
  }
  if (snapshot.matches({ live: 'closing' })) return { ...common, state: 'closing', readyState: 2, willRetry: false }
  if (snapshot.matches({ live: 'open' })) {
    const stable = snapshot.matches({ live: { open: { stability: 'stable' } } })
    return { ...common, state: 'open', readyState: 1, willRetry: true, stable }
  }
  const phase = (['resolving', 'handshaking', 'preparing'] as const).find((each) =>
    snapshot.matches({ live: { connecting: each } }),
  )!
  return { ...common, state: 'connecting', readyState: 0, willRetry: true, phase }
}

/** What of a snapshot shows in the status: as long as this stays, so does the status object. */
export function statusKey({ value, context }: ConnectionSnapshot): string {
  const { gen, failures, wait, why, hinted } = context
  // Whether a ping is in flight is the heartbeat's affair; a page that renders the status is not to render it for each ping.
  const live = 'live' in value ? value.live : undefined
  const shown = typeof live === 'object' && 'open' in live ? { open: live.open.stability } : value
  return JSON.stringify([shown, gen, failures, wait, why, hinted])
}

/** After a defect of the chart itself. */
export function brokenStatus({ attempt, loss }: ConnectionStatus): ConnectionStatus {
  return Object.freeze({
    state: 'ended',
    readyState: 3,
    willRetry: false,
    why: 'internal',
    retryAt: undefined,
    attempt,
    loss,
  })
}
