// A client in a process of its own that reads `count` messages, or until the last one, with a pause after each, and
// reports the result.
import { createConnection } from '../../../../src/index.js'
import { wsTransport } from '../../../../src/transports/ws.js'
import { gigabyte, piece, type ClientReport, type Reader } from './protocol.js'

const [url, reader, count] = process.argv.slice(2) as [string, Reader, string]
const connection = createConnection(url, { transport: wsTransport({ perMessageDeflate: false }) })
const messages =
  reader === 'readable'
    ? connection.readable
    : connection.messages(reader === 'drop-oldest' ? { overflow: reader } : {})
await connection.opened()
const before = process.memoryUsage().rss
let most = before
const look = (): void => {
  most = Math.max(most, process.memoryUsage().rss)
}
let handled = 0
let last = -1
let ordered = true
for await (const message of messages as AsyncIterable<ArrayBuffer>) {
  const id = new DataView(message).getUint32(0)
  ordered &&= reader === 'drop-oldest' ? id > last : id === last + 1
  last = id
  look()
  if (++handled === Number(count) || id === gigabyte / piece - 1) break
  // Slow: far more arrives meanwhile than this message.
  await new Promise((resolve) => setTimeout(resolve, 2))
}
look()
const report: ClientReport = { handled, ordered, unread: connection.counters.unread, growth: most - before }
process.send!(report)
process.disconnect()
process.exit()
