// Books the payments that clients send. Sessions are in Redis, so another process continues them when this one is killed.
import { createServer } from 'node:http'
import pg from 'pg'
import { createClient } from 'redis'
import { sessionServer } from 'statewire/server'
import { redisStore } from 'statewire/server/redis'
import { WebSocketServer } from 'ws'
import { authenticate } from '../servers/app.js'
import { book, processed, schema, type Payment } from './book.js'

const database = new pg.Pool({ connectionString: process.env['DATABASE_URL'] })
database.on('error', (error) => console.error('an idle database connection failed:', error.message))
await database.query(schema)
const redis = await createClient({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' })
  .on('error', (error: Error) => console.error('redis:', error.message))
  .connect()

const http = createServer((_request, response) => response.end('up'))
const sessions = sessionServer<Payment, string>({
  server: new WebSocketServer({ server: http }),
  // Short, so that you see another process take over at once. The default is 4 seconds.
  store: redisStore(redis, { lease: 1_000 }),
  codec: { encode: String, decode: (data) => JSON.parse(String(data)) as Payment },
  authenticate,
  processed: (id) => processed(database, id),
})
sessions.on('session', (session) => {
  session.on('messages', (batch, { first }) => book(database, session.id, first, batch))
})
http.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => console.log('listening', http.address()))

async function leave(): Promise<void> {
  await sessions.drain({ within: 1_000 })
  await sessions.close()
  http.close()
  redis.destroy()
  await database.end()
}
process.once('SIGTERM', () => void leave())
