// The other side, in a process of its own: sends as many messages as it is told to, and is not measured.
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
// Whoever started it is gone.
process.on('disconnect', () => process.exit())
