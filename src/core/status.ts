import type { Loss } from './policies/retry.js'
import type { ConnectionSnapshot } from './engine/engine.types.js'
import type { ConnectionState, ConnectionStatus } from './status.types.js'
import type { Timers } from './time/timers.js'

const readyStates: { readonly [S in ConnectionState]?: 0 | 1 | 2 } = { connecting: 0, open: 1, closing: 2 }
const resting: readonly ConnectionState[] = ['idle', 'closing', 'ended']

/** The nested states that the status shows. A pending ping is not shown, so pages don't re-render for each ping. */
interface Inner {
  readonly connecting?: string
  readonly open?: { readonly stability: string }
}

/** The public status of a snapshot in any state but `deciding`. */
export function statusOf(
  snapshot: Pick<ConnectionSnapshot, 'state' | 'value' | 'context'>,
  loss: Loss | undefined,
  timers: Pick<Timers, 'wall'>,
): ConnectionStatus {
  const { failures, why, wait, hinted } = snapshot.context
  const state = snapshot.state as ConnectionState
  // Assigned, not spread: each spread object gets its own hidden class, which is larger than the object.
  const status: Record<string, unknown> = {
    state,
    readyState: readyStates[state] ?? 3,
    willRetry: !resting.includes(state),
    why,
    attempt: failures + 1,
    retryAt: undefined,
    loss,
  }
  const { live } = snapshot.value as { live?: Inner }
  if (state === 'connecting') status.phase = live?.connecting
  else if (state === 'open') status.stable = live?.open?.stability === 'stable'
  else if (state === 'backoff' || state === 'suspended') {
    Object.assign(status, { delay: wait, retryAt: timers.wall() + wait, hinted })
  }
  return status as unknown as ConnectionStatus
}

/** Whether two statuses are equal except for `retryAt`, which is computed from the current time. */
export function isSame(one: ConnectionStatus, other: ConnectionStatus): boolean {
  for (const name in one) {
    const key = name as keyof ConnectionStatus
    if (key !== 'retryAt' && one[key] !== other[key]) return false
  }
  return true
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
