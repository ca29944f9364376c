import { afterAll, beforeAll } from 'vitest'
import { WebSocket } from 'ws'
import { webSocketTransport } from '../../src/transports/browser.js'
import { type ConformanceServer, startConformanceServer } from './conformance-server.js'
import { describeTransport } from './conformance.js'

let server: ConformanceServer
beforeAll(async () => {
  server = await startConformanceServer()
})
afterAll(() => server.close())

describeTransport('webSocketTransport over the class of ws', {
  transport: () => webSocketTransport({ WebSocket }),
  server: () => server,
  capabilities: { headers: false, status: false, ping: false, pause: false, terminate: true },
  // Bun has its own `ws`.
  knownFaults:
    'Bun' in globalThis
      ? {}
      : {
          'bytes are sent as they were at the call, though they are compressed and the buffer changes afterwards':
            'the class compresses in another thread without a copy; wsTransport makes one',
        },
})
