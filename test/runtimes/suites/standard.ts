// Over the WebSocket that the runtime has: what runs on every one of them.
import { webSocketTransport } from '../../../src/index.js'
import { ReconnectingWebSocket } from '../../../src/websocket/index.js'
import { describeTransport } from '../../transports/conformance.js'
import { describeStandard } from '../../websocket/standard.js'
import { run } from '../harness/run.js'
import { describeConnection } from './connection.js'
import { quirksOf } from './quirks.js'
import { reported } from '../../websocket/standard/reported.js'

export function define(): void {
  const { terminates, blobs, transport, dropIn, patience } = quirksOf(run.engine)
  describeTransport('transport', {
    transport: () => webSocketTransport(),
    server: () => run.conformance,
    capabilities: { headers: false, status: false, ping: false, pause: false, terminate: terminates },
    knownFaults: transport,
    patience,
  })
  describeConnection('connection', { faults: () => run.faults, transport: () => webSocketTransport(), blobs })
  describeStandard(
    'drop-in',
    () => ({
      WebSocket: ReconnectingWebSocket,
      server: run.conformance.url,
      refused: run.conformance.refused,
      patience,
      reported,
    }),
    dropIn,
  )
}
