import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { answer } from './dialect.js'

// Started by the trial whose own loop is blocked, and talking to it over IPC: where it listens, and each ping.
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
// Nobody is left to stop us.
process.on('disconnect', () => process.exit())
