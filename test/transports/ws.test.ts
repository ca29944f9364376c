import { afterAll, beforeAll } from 'vitest'
import { wsTransport } from '../../src/transports/ws.js'
import { type ConformanceServer, startConformanceServer } from './conformance-server.js'
import { describeTransport } from './conformance.js'

let server: ConformanceServer
beforeAll(async () => {
  server = await startConformanceServer()
})
afterAll(() => server.close())

describeTransport('wsTransport', {
  transport: () => wsTransport(),
  server: () => server,
  capabilities: { headers: true, status: true, ping: true, pause: true, terminate: true },
})
