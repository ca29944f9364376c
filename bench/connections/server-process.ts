// The server, in its own process and not measured: accepts connections.
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, backlog: 4_096 })
server.on('listening', () => process.send!((server.address() as { port: number }).port))
process.on('disconnect', () => process.exit())
