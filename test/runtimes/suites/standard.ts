// Over the runtime's own WebSocket: the suite that runs on every runtime.
import { webSocketTransport } from '../../../src/index.js'
import { ReconnectingWebSocket } from '../../../src/websocket/index.js'
import { describeTransport } from '../../transports/conformance.js'
import { describeStandard } from '../../websocket/standard.js'
import { run } from '../harness/run.js'
import { describeConnection } from './connection.js'
import { describeSession } from './session.js'
import { quirksOf } from './quirks.js'
import { reportedByClass } from '../../websocket/standard/reported.js'

export function define(): void {
  const { terminates, blobs, hearsRestart, waitsForBody, mayMissOpen, transport, dropIn, patience } = quirksOf(
    run.engine,
  )
  describeTransport('transport', {
    transport: () => webSocketTransport(),
    server: () => run.conformance,
    capabilities: { headers: false, status: false, ping: false, pause: false, terminate: terminates },
    knownFaults: transport,
    patience,
    waitsForBody,
  })
  describeConnection('connection', {
    faults: () => run.faults,
    transport: () => webSocketTransport(),
    blobs,
    hearsRestart,
  })
  describeSession('session', { server: () => run.sessions, transport: () => webSocketTransport() })
  describeStandard(
    'drop-in',
    () => ({
      WebSocket: ReconnectingWebSocket,
      server: run.conformance.url,
      refused: run.conformance.refused,
      patience,
      waitsForBody,
      mayMissOpen,
      reported: reportedByClass,
    }),
    dropIn,
  )
}
