// A connection over this Node's sockets: those of `ws`, and its own.
import { afterAll, beforeAll } from 'vitest'
import { webSocketTransport } from '../../src/index.js'
import { wsTransport } from '../../src/transports/ws.js'
import { describeConnection } from '../runtimes/suites/connection.js'
import { startFaultServer } from '../runtimes/suites/faults.js'

let server: Awaited<ReturnType<typeof startFaultServer>>
beforeAll(async () => (server = await startFaultServer()))
afterAll(() => server.close())

const faults = (): string => server.url

describeConnection('over ws', { faults, transport: () => wsTransport() })
describeConnection('over the WebSocket of Node', { faults, transport: () => webSocketTransport() })
