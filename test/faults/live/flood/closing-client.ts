// A client in a process of its own that reads one message, closes once its buffer is full, and then reads the rest.
import { createConnection } from '../../../../src/index.js'
import { wsTransport } from '../../../../src/transports/ws.js'
import type { ClientReport } from './protocol.js'

const connection = createConnection(process.argv[2]!, { transport: wsTransport({ perMessageDeflate: false }) })
const messages = connection.messages({ limit: 16 })
const ids: number[] = []
const take = (message: unknown): unknown => ids.push(new DataView(message as ArrayBuffer).getUint32(0))
take((await messages.next()).value)
while (connection.counters.received < 17) await new Promise((resolve) => setTimeout(resolve, 1))
const before = process.memoryUsage().rss
let most = before
const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5)
await connection.close()
clearInterval(watch)
for await (const message of messages) take(message)
const report: ClientReport = {
  handled: ids.length,
  ordered: ids.every((id, at) => id === at),
  unread: connection.counters.unread,
  growth: most - before,
}
process.send!(report)
process.disconnect()
process.exit()
