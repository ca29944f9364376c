// A server in a process of its own that offers each client a gigabyte as fast as the network takes it, or a quarter of
// that at once, or reads nothing until instructed. Reports its port and how much it sent, over IPC.
import { WebSocketServer, type WebSocket } from 'ws'
import { backlog, gigabyte, piece, type ServerOrder } from './protocol.js'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
let peer: WebSocket | undefined
let reading = false
let pushed = 0
const received: number[] = []

function offer(to: WebSocket): void {
  const frame = Buffer.alloc(piece)
  const next = (): void => {
    if (pushed >= gigabyte || to !== peer) return
    frame.writeUInt32BE(pushed / piece)
    // Called when the kernel has accepted it, which it does as long as the client's kernel has room.
    to.send(frame, () => {
      pushed += piece
      next()
    })
  }
  next()
}

/** All of it is queued here, and later messages queue behind it. */
function offerAtOnce(to: WebSocket): void {
  for (let id = 0; id < backlog; id++) {
    const frame = Buffer.alloc(piece)
    frame.writeUInt32BE(id)
    to.send(frame)
  }
}

server.on('connection', (socket, { url }) => {
  peer = socket
  if (url === '/offer') offer(socket)
  else if (url === '/backlog') offerAtOnce(socket)
  else if (!reading) socket.pause()
  socket.on('message', (data: Buffer) => received.push(data.readUInt32BE(0)))
})
server.on('listening', () => process.send!((server.address() as { port: number }).port))
process.on('message', (order: ServerOrder) => {
  reading ||= order !== 'tell'
  if (order === 'read') peer?.resume()
  if (order === 'cut') peer?.terminate()
  process.send!({
    pushed,
    received: received.length,
    ordered: received.every((id, at) => at === 0 || id > received[at - 1]!),
  })
})
process.on('disconnect', () => process.exit())
