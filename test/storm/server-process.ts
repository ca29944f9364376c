import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

// Started by `Server`, which it talks to over IPC. The port is its only argument.
const port = Number(process.argv[2])
const arrivals: number[] = []
const http = createServer()
// Counts sockets, not upgrades: a connection attempt is an arrival before the server does anything.
http.on('connection', () => arrivals.push(Date.now()))
const sockets = new WebSocketServer({ server: http })
const present = new Map<string | undefined, number>()
let most = 0
sockets.on('connection', (socket, { url }) => {
  // One client's malformed frame must not end the server for all.
  socket.on('error', () => socket.terminate())
  const count = (change: number): number => (present.get(url) ?? 0) + change
  present.set(url, count(1))
  most = Math.max(most, count(0))
  socket.on('close', () => present.set(url, count(-1)))
})

process.on('message', () => process.send?.({ arrivals, most }))
// The parent process is gone.
process.on('disconnect', () => process.exit())
// The system's longest backlog: a short one would refuse part of the storm and distort the measurement.
http.listen({ port, host: '127.0.0.1', backlog: 65_535 }, () => process.send?.({ listening: Date.now() }))
