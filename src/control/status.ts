import type { SnapshotFrom } from 'xstate'
import type { ConnectionMachine } from '../../machines/connection.machine.js'
import type { Loss } from '../policies/retry.js'
import type { ConnectionStatus } from './status.types.js'

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
  const common = { why, attempt: failures + 1, retryAt: undefined as number | undefined, loss }
  // Assigned, not spread: an object that is built by spreading has a hidden class of its own, which weighs more than itself.
  const status = <S extends Omit<ConnectionStatus, keyof typeof common>>(own: S) => Object.assign(common, own)
  const waiting = <S extends 'backoff' | 'suspended'>(state: S) =>
    status({ state, readyState: 3, willRetry: true, delay: wait, retryAt: wall() + wait, hinted })
  if (snapshot.matches({ closed: 'deciding' })) return undefined
  if (snapshot.matches({ closed: 'idle' })) return status({ state: 'idle', readyState: 3, willRetry: false })
  if (snapshot.matches({ closed: 'ended' })) return status({ state: 'ended', readyState: 3, willRetry: false })
  if (snapshot.matches({ closed: 'backoff' })) return waiting('backoff')
  if (snapshot.matches({ closed: 'suspended' })) return waiting('suspended')
  if (snapshot.matches({ live: 'closing' })) return status({ state: 'closing', readyState: 2, willRetry: false })
  if (snapshot.matches({ live: 'open' })) {
    const stable = snapshot.matches({ live: { open: { stability: 'stable' } } })
    return status({ state: 'open', readyState: 1, willRetry: true, stable })
  }
  const phase = (['resolving', 'handshaking', 'preparing'] as const).find((each) =>
    snapshot.matches({ live: { connecting: each } }),
  )!
  return status({ state: 'connecting', readyState: 0, willRetry: true, phase })
}

/** What of a snapshot shows in the status: as long as this stays, so does the status object. */
export function statusKey({ value, context }: ConnectionSnapshot): string {
  const { gen, failures, wait, why, hinted } = context
  // Whether a ping is in flight is the heartbeat's affair; a page that renders the status is not to render it for each ping.
  const live = 'live' in value ? value.live : undefined
  // Nor does it show by what a wait is governed, only how long it is.
  const waiting = 'closed' in value && typeof value.closed === 'object' ? 'backoff' : undefined
  const shown = typeof live === 'object' && 'open' in live ? { open: live.open.stability } : (waiting ?? value)
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
