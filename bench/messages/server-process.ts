// The server, in its own process and not measured: sends messages on command, and reports how many it received.
import type { Socket } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { pause, type Case } from './cases.js'

function serve(perMessageDeflate: boolean): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate })
  server.on('connection', (socket, { socket: tcp }) => {
    let received = 0
    socket.on('message', (data: Buffer, isBinary) => {
      received++
      // Commands are short text; measured messages are not.
      if (isBinary || data.length < 10 || data[0] !== 0x7b) return
      const order = JSON.parse(data.toString()) as { tell?: true } | Case
      if ('tell' in order) socket.send(`${received - 1}`)
      else offer(socket, tcp, order as Case)
      received = 0
    })
  })
  return new Promise((resolve) => {
    server.on('listening', () => resolve((server.address() as { port: number }).port))
  })
}

/** A burst is one write, so that the client reads as many messages at once as fit. */
function offer(socket: WebSocket, tcp: Socket, order: Case): void {
  const { size, kind, burst, count } = order
  const message = kind === 'text' ? 'x'.repeat(size) : Buffer.alloc(size, 'x')
  const wait = pause(order) / 1e3
  let sent = 0
  let due = performance.now()
  const turn = (): void => {
    if (performance.now() < due) return void setImmediate(turn)
    due = performance.now() + wait
    tcp.cork()
    for (let each = 0; each < burst && sent < count; each++, sent++) socket.send(message)
    tcp.uncork()
    if (sent >= count) return
    // Only the client's processor time is measured, so the server's backlog is limited.
    if (socket.bufferedAmount > 4 << 20) setTimeout(turn, 1)
    else setImmediate(turn)
  }
  turn()
}

const [plain, deflating] = await Promise.all([serve(false), serve(true)])
process.send!({ plain, deflating })
process.on('disconnect', () => process.exit())
