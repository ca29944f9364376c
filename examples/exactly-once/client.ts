// Sends payments of one cent. Every fifty of them, it waits until they are booked.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createConnection, fullJitter } from 'statewire'
import { resumable } from 'statewire/resume'
import { wsTransport } from 'statewire/ws'
import type { Payment } from './book.js'

const session = resumable<Payment>({ auth: () => 'demo' })
const connection = createConnection(process.env['SERVER'] ?? 'ws://127.0.0.1:8080', {
  transport: wsTransport(),
  features: [session],
  // Short, because the server is killed so often. The default grows to 30 seconds.
  backoff: fullJitter({ cap: 1_000 }),
  codec: { encode: (payment: Payment) => JSON.stringify(payment), decode: String },
})
session.on('continuity', (event) => {
  if (event.kind === 'kept') console.log(`resumed, sent again: ${event.replayed.out}`)
  if (event.kind !== 'lost') return
  console.error(`lost (${event.reason}): ${event.undelivered.length} not booked, ${event.uncertain.length} uncertain`)
  process.exitCode = 1
})

const count = Number(process.env['PAYMENTS'] ?? 1_000)
for (let sent = 1; sent <= count; sent++) {
  connection.send({ reference: randomUUID(), account: 'alice', cents: 1 })
  await delay(5)
  if (sent % 50 === 0) await session.delivered()
}
await session.delivered()
await connection.close()
console.log(`delivered: ${count}`)
