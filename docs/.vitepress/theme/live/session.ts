import { createConnection, fullJitter, protocolPing, type Connection, type ConnectionStatus } from 'statewire'
import { linkViewer } from 'statewire/inspect'
import { SimulatedNetwork } from './network.js'

export interface Line {
  readonly id: number
  /** Seconds since the page loaded. */
  readonly at: string
  readonly text: string
  readonly kind: 'good' | 'bad' | 'plain'
}

export interface Session {
  readonly network: SimulatedNetwork
  readonly connection: Connection<string, string>
  end(): void
}

/** Shows the connection in the viewer of the frame. Returns a function that stops it. */
export function showIn(frame: HTMLIFrameElement, { connection }: Session): () => void {
  const viewer = linkViewer(frame)
  viewer.show(connection, { name: 'this page' })
  return () => viewer.close()
}

/** A connection over the simulated network, with short durations. */
export function startSession(tell: {
  line(line: Omit<Line, 'id'>): void
  status(status: ConnectionStatus): void
  pong(ms: number): void
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
  connection.on('heartbeat', ({ rtt }) => tell.pong(Math.round(rtt)))
  connection.on('close', ({ code, error, willRetry, delay, uncertain }) => {
    line(`close ${code}${error === undefined ? '' : ` ${error.code}`}`, 'bad')
    if (uncertain.messages > 0)
      line(`${uncertain.messages} ${uncertain.messages === 1 ? 'message' : 'messages'} uncertain`, 'bad')
    if (willRetry) line(`next attempt in ${Math.round(delay ?? 0)} ms`)
  })
  connection.subscribe(tell.status)
  return { network, connection, end: () => void connection.close() }
}
