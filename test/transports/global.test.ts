import { afterAll, beforeAll, describe, it } from 'vitest'
import { webSocketTransport } from '../../src/transports/browser.js'
import { type ConformanceServer, startConformanceServer } from './conformance-server.js'
import { describeTransport } from './conformance.js'

const accepted = 'its 101 is not checked'
const faults: Record<'Deno' | 'Bun' | 'Node', Record<string, string>> = {
  Node: {
    'frames after the close frame are not delivered, even from the same packet':
      'undici waits for a close frame it has already received',
  },
  Deno: {
    "the server's 1014 and its reason are reported (C02)": '1014 counts as illegal',
    "a 101 that doesn't match the request never opens (/bad-accept, H07)": accepted,
    "a 101 that doesn't match the request never opens (/wrong-protocol, H07)": accepted,
  },
  Bun: {},
}
const runtime = 'Deno' in globalThis ? 'Deno' : 'Bun' in globalThis ? 'Bun' : 'Node'

if (typeof globalThis.WebSocket === 'undefined') {
  describe('webSocketTransport over the global WebSocket', () => {
    if (process.env['CI']) {
      it('has a global WebSocket to test', () => {
        throw new Error(`Node ${process.version} has no global WebSocket: run it with --experimental-websocket`)
      })
    } else {
      it.skip(`is not tested: Node ${process.version} has no global WebSocket without --experimental-websocket`, () => {})
    }
  })
} else {
  let server: ConformanceServer
  beforeAll(async () => {
    server = await startConformanceServer()
  })
  afterAll(() => server.close())

  describeTransport('webSocketTransport over the global WebSocket', {
    transport: () => webSocketTransport(),
    server: () => server,
    capabilities: {
      headers: false,
      status: false,
      ping: false,
      pause: false,
      terminate: runtime === 'Bun' || (runtime === 'Node' && !process.version.startsWith('v20.')),
    },
    knownFaults: faults[runtime],
  })
}
