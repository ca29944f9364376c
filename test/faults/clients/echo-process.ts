import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { answer } from './dialect.js'

// Started by a trial that blocks its own event loop. Reports its port and each ping over IPC.
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => {
  process.send?.({ port: (server.address() as AddressInfo).port })
})
server.on('connection', (socket) => {
  const ping = (): void => void process.send?.('ping')
  socket.on('ping', ping)
  socket.on('message', (data: Buffer) => {
    const message = data.toString()
    if (message === 'heartbeat' || message.includes('"ping"')) ping()
    answer(message, socket)
  })
})
// The parent process is gone.
process.on('disconnect', () => process.exit())
