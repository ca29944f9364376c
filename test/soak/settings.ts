import { WebSocket } from 'ws'
import { protocolPing, textHeartbeat, webSocketTransport, type Heartbeat, type Transport } from '../../src/index.js'
import { wsTransport } from '../../src/transports/ws.js'
import type { Tracker } from './tracker.js'

export type Over = 'ws' | 'global'

/** Milliseconds. Small, so thousands of reconnects fit into minutes. */
export const times = { interval: 50, timeout: 60, connect: 200, close: 50, stable: 20, floor: 2, base: 4, cap: 16 }

/**
 * How long recovery may take before it counts as failed. Generous: it includes probes of 5 s, and the machine may be
 * busy.
 */
export const patience = 60_000

/** The longest the app waits for a server that asks it to. */
export const impatience = 100

export const transports: Record<Over, { transport: (tracker: Tracker) => Transport; heartbeat: Heartbeat }> = {
  ws: {
    transport: (tracker) => wsTransport({ WebSocket: tracker.tracked(WebSocket) }),
    heartbeat: protocolPing({ interval: times.interval, timeout: times.timeout }),
  },
  global: {
    transport: (tracker) => webSocketTransport({ WebSocket: tracker.tracked(globalThis.WebSocket) }),
    heartbeat: textHeartbeat({ interval: times.interval, timeout: times.timeout, ping: 'ping', pong: 'ping' }),
  },
}
