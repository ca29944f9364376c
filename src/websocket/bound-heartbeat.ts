import type { Heartbeat } from '../index.js'

/** What stays the profile's own. Read each time, because an app may change a field while it is connected. */
const fields = ['interval', 'timeout', 'when', 'proof', 'ping', 'classify'] as const satisfies (keyof Heartbeat)[]

/**
 * The heartbeat of a socket inside another client, which reads its pongs and answers pings itself. So every message is
 * delivered, and the server's pings get no second answer, which some protocols treat as an error.
 */
export function insideClient(heartbeat: Heartbeat): Heartbeat {
  if (heartbeat.withhold === true) return heartbeat
  const inside = { withhold: false }
  for (const field of fields) Object.defineProperty(inside, field, { get: () => heartbeat[field], enumerable: true })
  return inside as Heartbeat
}
