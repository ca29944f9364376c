// Runs the example of exactly-once effects: kills its server again and again while the client sends, then counts the bookings.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

const kills = Number(process.env['KILLS'] ?? 5)
const payments = process.env['PAYMENTS'] ?? '1000'

const reserved = createServer().listen(0, '127.0.0.1')
await once(reserved, 'listening')
const { port } = reserved.address() as AddressInfo
reserved.close()

function start(name: string): ChildProcess {
  const file = join(import.meta.dirname, '../exactly-once', `${name}.ts`)
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORT: String(port), SERVER: `ws://127.0.0.1:${port}`, PAYMENTS: payments },
  })
  createInterface({ input: child.stdout! }).on('line', (line) => console.log(`${name}: ${line}`))
  return child
}

async function startServer(): Promise<ChildProcess> {
  const server = start('server')
  await Promise.race([once(server.stdout!, 'data'), once(server, 'exit')])
  if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`)
  return server
}

const database = new pg.Client({ connectionString: process.env['DATABASE_URL'] })
await database.connect()
const booked = async (): Promise<{ bookings: number; payments: number }> => {
  const { rows } = await database.query(
    'select count(*)::int bookings, count(distinct reference)::int payments from payments',
  )
  return rows[0]
}

let server = await startServer()
const before = await booked()
const client = start('client')
const clientEnded = once(client, 'exit')
let killed = 0
while (killed < kills) {
  // In the middle of its work: each time it has booked some more.
  const enough = before.bookings + ((killed + 1) * Number(payments)) / (kills + 1)
  while ((await booked()).bookings < enough && client.exitCode === null) await delay(5)
  await delay(Math.random() * 100)
  if (client.exitCode !== null) break
  server.kill('SIGKILL')
  await once(server, 'exit')
  console.log(`killed the server: ${++killed}`)
  server = await startServer()
}
const [code] = (await clientEnded) as [number | null]
const after = await booked()
server.kill('SIGTERM')
await once(server, 'exit')
await database.end()
const [bookings, distinct] = [after.bookings - before.bookings, after.payments - before.payments]
console.log(`kills: ${killed}, payments sent: ${payments}, booked: ${distinct}, booked twice: ${bookings - distinct}`)
process.exitCode = code === 0 && distinct === Number(payments) && bookings === distinct ? 0 : 1
