import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

// Started by `Server` and talking to it over IPC; the port is the only argument.
const port = Number(process.argv[2])
const arrivals: number[] = []
const http = createServer()
// The socket, not the upgrade: whoever knocks is an arrival, before we have done anything for them.
http.on('connection', () => arrivals.push(Date.now()))
const sockets = new WebSocketServer({ server: http })
const present = new Map<string | undefined, number>()
let most = 0
sockets.on('connection', (socket, { url }) => {
  // One client's broken frame must not end the server for all.
  socket.on('error', () => socket.terminate())
  const count = (change: number): number => (present.get(url) ?? 0) + change
  present.set(url, count(1))
  most = Math.max(most, count(0))
  socket.on('close', () => present.set(url, count(-1)))
})

process.on('message', () => process.send?.({ arrivals, most }))
// Nobody is left to stop us.
process.on('disconnect', () => process.exit())
// The longest queue that the system allows: a short one would refuse part of the storm, and measure that.
http.listen({ port, host: '127.0.0.1', backlog: 65_535 }, () => process.send?.({ listening: Date.now() }))
