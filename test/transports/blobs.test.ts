// Everything sent before close() arrives, also behind a Blob, which some runtimes read only after send() has returned.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket as WsWebSocket } from 'ws'
import { createConnection, webSocketTransport, type CloseEvent, type Transport } from '../../src/index.js'
import { createFaultServer, type FaultServer } from '../../src/tools/testing/index.js'
import { wsTransport } from '../../src/transports/ws.js'

const transports: Record<string, () => Transport> = {
  "Node's own WebSocket": () => webSocketTransport(),
  'the class of ws': () => webSocketTransport({ WebSocket: WsWebSocket }),
  wsTransport: () => wsTransport(),
}

let server: FaultServer
const arrived: string[] = []
beforeEach(async () => {
  arrived.length = 0
  server = await createFaultServer({ onMessage: (message) => void arrived.push(String(message)) })
})
afterEach(() => server.close())

describe.each(Object.entries(transports))('over %s', (_, transport) => {
  it('delivers Blobs and the messages behind them before the close, in order', async () => {
    const connection = createConnection(server.url, { transport: transport() })
    const closes: CloseEvent[] = []
    connection.on('close', (event) => void closes.push(event))
    await connection.opened()
    const sent = Array.from({ length: 20 }, (__, at) => `message ${at}`)
    for (const [at, text] of sent.entries()) connection.send(at % 3 === 1 ? new Blob([text]) : text)
    await connection.close(4000, 'bye')
    expect(closes).toMatchObject([{ code: 4000, wasClean: true, uncertain: { messages: 0 } }])
    expect(arrived).toEqual(sent)
  })

  it('waits no longer than closeTimeout for a server that stops reading', async () => {
    const connection = createConnection(server.url, {
      transport: transport(),
      closeTimeout: 200,
      highWaterMark: Infinity,
    })
    const closes: CloseEvent[] = []
    connection.on('close', (event) => void closes.push(event))
    await connection.opened()
    server.swallow('both')
    connection.send(new Blob(['x'.repeat(1 << 24)]))
    connection.send('after it')
    await connection.close()
    expect(closes).toMatchObject([{ wasClean: false, uncertain: { messages: 2 } }])
  })
})
