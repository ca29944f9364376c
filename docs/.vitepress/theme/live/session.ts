import { createConnection, fullJitter, protocolPing, type Connection, type ConnectionStatus } from 'statewire'
import { SimulatedNetwork } from './network.js'

export interface Line {
  readonly id: number
  /** Seconds since the page began. */
  readonly at: string
  readonly text: string
  readonly kind: 'good' | 'bad' | 'plain'
}

export interface Session {
  readonly network: SimulatedNetwork
  readonly connection: Connection<string, string>
  end(): void
}

/** Where the chart stands, as paths: `live.open.heartbeat.waiting`. */
function paths(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => {
    const within = paths(inner)
    return within.length === 0 ? [key] : within.map((path) => `${key}.${path}`)
  })
}

/** A connection over the simulated network, with durations that one can sit through. */
export function startSession(tell: {
  line(line: Omit<Line, 'id'>): void
  status(status: ConnectionStatus): void
  chart(states: readonly string[]): void
}): Session {
  const network = new SimulatedNetwork()
  const began = performance.now()
  const line = (text: string, kind: Line['kind'] = 'plain'): void =>
    tell.line({ at: `${((performance.now() - began) / 1_000).toFixed(1)} s`, text, kind })
  const connection = createConnection<string, string>('wss://simulated.invalid/', {
    transport: network,
    environment: network,
    heartbeat: protocolPing({ interval: 3_000, timeout: 1_500 }),
    backoff: fullJitter({ floor: 250, base: 1_000, cap: 6_000 }),
    connectTimeout: 3_000,
    stableAfter: 5_000,
  })
  connection.on('open', ({ attempt }) => line(`open, attempt ${attempt}`, 'good'))
  connection.on('message', (message) => line(`message: ${message}`))
  connection.on('heartbeat', ({ rtt }) => line(`pong after ${Math.round(rtt)} ms`))
  connection.on('close', ({ code, error, willRetry, delay, uncertain }) => {
    line(`close ${code}${error === undefined ? '' : ` ${error.code}`}`, 'bad')
    if (uncertain.messages > 0) line(`${uncertain.messages} sent and perhaps lost`, 'bad')
    if (willRetry) line(`next try in ${Math.round(delay ?? 0)} ms`)
  })
  connection.subscribe(tell.status)
  connection.inspect((event) => {
    // Of the chart alone: the socket that it invokes is an actor as well.
    if (event.type === '@xstate.snapshot' && event.actorRef.sessionId === event.rootId)
      tell.chart(paths(event.snapshot.value))
  })
  return { network, connection, end: () => void connection.close() }
}
