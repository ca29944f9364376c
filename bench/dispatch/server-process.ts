// The server, in its own process and not measured: sends messages on command.
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
server.on('connection', (socket) => {
  socket.on('message', (order: Buffer) => {
    const [count = 0, size = 0] = order.toString().split(' ').map(Number)
    const message = 'x'.repeat(size)
    for (let sent = 0; sent < count; sent++) socket.send(message)
  })
})
server.on('listening', () => process.send!((server.address() as { port: number }).port))
// The parent process has exited.
process.on('disconnect', () => process.exit())
