// Over the package `ws`, on Node, Deno and Bun, which has its own `ws`.
import { WebSocket } from 'ws'
import { wsTransport } from '../../../src/transports/ws.js'
import { ReconnectingWebSocket } from '../../../src/websocket/index.js'
import { describeTransport } from '../../transports/conformance.js'
import { deviations } from '../../websocket/deviations.js'
import { describeStandard } from '../../websocket/standard.js'
import { run } from '../harness/run.js'
import { describeConnection } from './connection.js'
import { describeSession } from './session.js'
import { reportedByClass } from '../../websocket/standard/reported.js'

export function define(): void {
  describeTransport('transport', {
    // Compressed if the server accepts it: then `ws` reads the data after `send` has returned.
    transport: () => wsTransport({ perMessageDeflate: true }),
    server: () => run.conformance,
    capabilities: { headers: true, status: true, ping: true, pause: true, terminate: true },
  })
  describeConnection('connection', { faults: () => run.faults, transport: () => wsTransport() })
  describeSession('session', { server: () => run.sessions, transport: () => wsTransport() })
  describeStandard(
    'drop-in',
    () => ({
      WebSocket: ReconnectingWebSocket.with({ WebSocket }),
      server: run.conformance.url,
      refused: run.conformance.refused,
      patience: 3_000,
      reported: reportedByClass,
    }),
    deviations.overWs,
    { elsewhere: run.engine !== 'node20' },
  )
}
