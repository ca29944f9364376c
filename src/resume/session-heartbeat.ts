import { plainPing, type Heartbeat } from '../core/policies/profile.js'
import { encodeNumber } from './protocol.js'

/** The heartbeat of links with a session, whose pings and pongs acknowledge. `tell` returns the number to acknowledge. */
export function sessionHeartbeat(timing: Pick<Heartbeat, 'interval' | 'timeout'>, tell: () => number): Heartbeat {
  return {
    ...plainPing,
    ...timing,
    ping: () => encodeNumber('p', tell()),
    classify: (data) => (typeof data === 'string' && data.startsWith('q') ? 'pong' : undefined),
    // The framing reads the acknowledgment.
    withhold: false,
  }
}
