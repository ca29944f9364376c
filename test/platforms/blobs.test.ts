// Blobs that are not the runtime's own: happy-dom's have no tag, and it replaces the global class.
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { WebSocketServer } from 'ws'
import { built, script, testWith } from './support/child.js'

let server: WebSocketServer
let url: string
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) =>
    socket.on('message', (data: Buffer, isBinary) => socket.send(`${isBinary ? 'binary' : 'text'} ${data.toString()}`)),
  )
  await new Promise((resolve) => server.once('listening', resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => {
  for (const socket of server.clients) socket.terminate()
  server.close()
})

const setting = `
  import { createConnection, textHeartbeat, webSocketTransport } from ${JSON.stringify(built('src/index.js'))}
  import { ReconnectingWebSocket } from ${JSON.stringify(built('src/websocket/index.js'))}
  import { wsTransport } from ${JSON.stringify(built('src/transports/ws.js'))}
  const url = process.argv[1]
  const window = new (require('happy-dom').Window)({ url: 'http://localhost/' })
  const { Blob, File } = window
  const print = (value) => console.log(JSON.stringify(value))
  async function echoes(connection, sends) {
    const heard = []
    const dropped = []
    connection.on('dropped', ({ reason }) => dropped.push(reason))
    connection.on('error', ({ code }) => dropped.push(code))
    const all = new Promise((resolve) => connection.on('message', (data) => heard.push(data) === sends.length && resolve()))
    for (const send of sends) connection.send(send)
    await all
    connection.close()
    return [heard, dropped]
  }
  const mixed = () => ['first', new Blob(['blob']), 'second', new File(['file'], 'name'), Uint8Array.of(97), 'third']
`
const whole = [['text first', 'binary blob', 'text second', 'binary file', 'binary a', 'text third'], []]

describe('a Blob of happy-dom', () => {
  testWith(['happy-dom'], 'arrives over ws as its bytes, in order, queued or sent immediately', 60_000, async () => {
    const text = `${setting}
      const connection = () => createConnection(url, { transport: wsTransport() })
      const later = connection()
      await later.opened()
      print([await echoes(connection(), mixed()), await echoes(later, mixed())])
      process.exit()`
    expect(JSON.parse(await script(text, url))).toEqual([whole, whole])
  })

  testWith(['happy-dom'], 'arrives from a drop-in as its bytes', 60_000, async () => {
    const text = `${setting}
      const socket = new ReconnectingWebSocket(url, [], { transport: wsTransport() })
      const heard = new Promise((resolve) => (socket.onmessage = ({ data }) => resolve(data)))
      socket.onopen = () => socket.send(new Blob(['blob']))
      print(await heard)
      process.exit()`
    expect(JSON.parse(await script(text, url))).toBe('binary blob')
  })

  testWith(['happy-dom'], 'arrives over the WebSocket of happy-dom as its bytes', 60_000, async () => {
    const text = `${setting}
      globalThis.Blob = Blob
      const transport = webSocketTransport({ WebSocket: window.WebSocket })
      print(await echoes(createConnection(url, { transport }), [new Blob(['blob'])]))
      process.exit()`
    expect(JSON.parse(await script(text, url))).toEqual([['binary blob'], []])
  })

  testWith(
    ['happy-dom'],
    'is rejected over a class that would send it as the text "[object Object]"',
    60_000,
    async () => {
      const text = `${setting}
      const connection = createConnection(url, { transport: webSocketTransport() })
      await connection.opened()
      try {
        print(connection.send(new Blob(['blob'])))
      } catch ({ code, message }) {
        print([code, message])
      }
      process.exit()`
      expect(JSON.parse(await script(text, url))).toEqual(['ERR_DATA', expect.stringMatching(/socket|bytes/)])
    },
  )

  testWith(['happy-dom'], 'works as a ping', 60_000, async () => {
    const text = `${setting}
      const heartbeat = textHeartbeat({ ping: new Blob(['ping']), pong: 'binary ping', interval: 20, timeout: 10_000 })
      const connection = createConnection(url, { transport: wsTransport(), heartbeat })
      await new Promise((resolve) => connection.on('heartbeat', resolve))
      print('answered')
      process.exit()`
    expect(JSON.parse(await script(text, url))).toBe('answered')
  })
})
