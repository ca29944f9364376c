// A server that floods the client with pings and reads none of the answers.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createConnection, fixedBackoff } from '../../src/index.js'
import { wsTransport } from '../../src/transports/ws.js'
import { until } from './dialed.js'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/** Opens, then does with the socket what the test says. */
async function serve(then: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer()
  server.on('upgrade', ({ headers }, socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    const asked = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(asked).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    then(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const ping = Buffer.concat([Buffer.from([0x89, 125]), Buffer.alloc(125, 'x')])

it('answering pings into a dead link ends it before its buffer has grown by a megabyte', async () => {
  const flood = Buffer.concat(Array.from({ length: 500 }, () => ping))
  let sent = 0
  const url = await serve((socket) => {
    socket.pause()
    const more = (): void => {
      while (!socket.destroyed && socket.write(flood)) sent += 500
      socket.once('drain', more)
    }
    more()
  })
  const connection = createConnection(url, { transport: wsTransport(), backoff: fixedBackoff(60_000) })
  undo.push(() => connection.close())
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, connection.bufferedAmount)), 5)
  undo.push(() => clearInterval(watch))
  await until(() => expect(connection.status.loss?.close.code).toBe(1006))
  expect(connection.status.willRetry).toBe(true)
  expect(sent).toBeGreaterThan(0)
  expect(most).toBeLessThan(1 << 20)
})

it('pings received while the loop was blocked are answered, and the link survives', async () => {
  let answers = 0
  const url = await serve((socket) => {
    socket.on('data', (bytes: Buffer) => (answers += bytes.length))
    socket.write(Buffer.concat(Array.from({ length: 500 }, () => ping)))
  })
  const connection = createConnection(url, { transport: wsTransport() })
  undo.push(() => connection.close())
  // A client's pong is masked, which takes four more bytes.
  await until(() => expect(answers).toBe(500 * (ping.length + 4)))
  expect(connection.state).toBe('open')
})
