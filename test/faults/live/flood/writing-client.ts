// A client in a process of its own that writes `count` messages to a server that does not read until instructed.
import { createConnection, noHeartbeat } from '../../../../src/index.js'
import { wsTransport } from '../../../../src/transports/ws.js'
import { piece, type WriterReport } from './protocol.js'

const [url, count] = process.argv.slice(2) as [string, string]
const connection = createConnection(url, {
  transport: wsTransport({ perMessageDeflate: false }),
  // A server that does not read cannot answer pings, so there is no heartbeat.
  heartbeat: noHeartbeat(),
})
await connection.opened()
const before = process.memoryUsage().rss
let most = before
let written = 0
let uncertain = 0
let links = 1
connection.on('close', (close) => void (uncertain += close.uncertain.messages))
connection.on('open', () => void links++)
const tell = (done: boolean): unknown =>
  process.send!({ written, done, uncertain, links, growth: most - before } satisfies WriterReport)
process.on('message', () => tell(false))
const writer = connection.writable.getWriter()
for (let id = 0; id < Number(count); id++) {
  const message = Buffer.alloc(piece)
  message.writeUInt32BE(id)
  await writer.write(message)
  written++
  most = Math.max(most, process.memoryUsage().rss)
}
await writer.close()
tell(true)
process.on('disconnect', () => process.exit())
