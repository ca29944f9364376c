import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

// Started by `Server` and talking to it over IPC; the port is the only argument.
const port = Number(process.argv[2])
const arrivals: number[] = []
const http = createServer()
// The socket, not the upgrade: whoever knocks is an arrival, before we have done anything for them.
http.on('connection', () => arrivals.push(Date.now()))
const sockets = new WebSocketServer({ server: http })
// One client's broken frame must not end the server for all.
sockets.on('connection', (socket) => socket.on('error', () => socket.terminate()))

process.on('message', () => process.send?.({ arrivals }))
// Nobody is left to stop us.
process.on('disconnect', () => process.exit())
// The longest queue that the system allows: a short one would refuse part of the storm, and measure that.
http.listen({ port, host: '127.0.0.1', backlog: 65_535 }, () => process.send?.({ listening: Date.now() }))
