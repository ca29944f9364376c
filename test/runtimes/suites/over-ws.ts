// Over the package `ws`, on every Node.
import { WebSocket } from 'ws'
import { wsTransport } from '../../../src/transports/ws.js'
import { ReconnectingWebSocket } from '../../../src/websocket/index.js'
import { describeTransport } from '../../transports/conformance.js'
import { deviations } from '../../websocket/deviations.js'
import { describeStandard } from '../../websocket/standard.js'
import { run } from '../harness/run.js'
import { describeConnection } from './connection.js'
import { reported } from '../../websocket/standard/reported.js'

export function define(): void {
  describeTransport('transport', {
    transport: () => wsTransport(),
    server: () => run.conformance,
    capabilities: { headers: true, status: true, ping: true, pause: true, terminate: true },
  })
  describeConnection('connection', { faults: () => run.faults, transport: () => wsTransport() })
  describeStandard(
    'drop-in',
    () => ({
      WebSocket: ReconnectingWebSocket.with({ WebSocket }),
      server: run.conformance.url,
      refused: run.conformance.refused,
      patience: 3_000,
      reported,
    }),
    deviations.overWs,
    { elsewhere: run.engine !== 'node20' },
  )
}
