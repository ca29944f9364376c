// A server node: `node-process.ts <settings as JSON>`. Its parent orders appends.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect as connectNats } from '@nats-io/transport-node'
import { createClient } from 'redis'
import { WebSocketServer } from 'ws'
import type { ConnectionError } from '../../../src/core/errors.js'
import { memoryStore, sessionServer, type SessionStore } from '../../../src/server/index.js'
import { jetstreamStore } from '../../../src/server/stores/jetstream.js'
import { redisStore } from '../../../src/server/stores/redis.js'
import { AppDatabase } from './app-database.js'
import type { AppendOrder, NodeReport, NodeSettings } from './settings.js'

const { name, store: access, databasePort, effect } = JSON.parse(process.argv[2]!) as NodeSettings
const report = (message: NodeReport): boolean => process.send!(message)

async function makeStore(): Promise<SessionStore> {
  const { kind, port, lease, epoch, replicas } = access
  if (kind === 'memory') return memoryStore()
  if (kind === 'jetstream') {
    const connection = await connectNats({
      servers: `127.0.0.1:${port}`,
      ignoreClusterUpdates: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      pingInterval: lease,
      maxPingOut: 1,
    })
    return jetstreamStore(connection, { lease, replicas })
  }
  const socket = { host: '127.0.0.1', port, reconnectStrategy: () => 100 }
  const client = createClient({ socket, pingInterval: lease })
  client.on('error', () => {})
  await client.connect()
  return redisStore(client, { lease, epoch })
}

const counts: Record<string, number> = {}
const count = (what: string, by = 1): void => void (counts[what] = (counts[what] ?? 0) + by)

const database = await AppDatabase.open(databasePort)
const http = createServer()
const sessions = sessionServer<string, string, string>({
  server: new WebSocketServer({ server: http }),
  store: await makeStore(),
  node: name,
  authenticate: ({ auth }) => (typeof auth === 'string' ? { principal: auth } : undefined),
  ...(effect === 'tx' && { processed: (id: string) => database.processed(id) }),
  ttl: 60_000,
  outbox: { messages: 5_000 },
  limits: { hellosPerMinute: Infinity, replayedBytesPerMinute: Infinity },
  metrics: (event) => {
    if (event.type === 'replayed') count('replayed', event.messages)
    else if (event.type === 'handover') count(`handover ${event.result}`)
    else if (event.type === 'refused') count(`refused ${event.code}`)
    else if (event.type === 'lost' || event.type === 'ended') count(`${event.type} ${event.reason}`)
    else if (event.type !== 'acknowledged') count(event.type)
  },
})
sessions.on('session', (session) => {
  session.on('messages', (messages, { first }) =>
    database.apply(effect, session.id, session.principal, first, messages),
  )
})
sessions.on('error', (error) => {
  count(error.code)
  if (error.code !== 'ERR_STORE') console.error(name, error.message, error.cause)
})

process.on('message', (message: AppendOrder | 'metrics') => {
  if (message === 'metrics') report({ type: 'metrics', counts })
  else void append(message)
})

async function append({ order, id, values }: AppendOrder): Promise<void> {
  let over = false
  const sends = values.map(async (value) => {
    try {
      // The same value again is the same message, also after an append of which it isn't known whether it happened.
      return await sessions.send(id, String(value), { key: String(value) })
    } catch (thrown) {
      if ((thrown as ConnectionError).code === 'ERR_SESSION_ENDED') over = true
      return 0
    }
  })
  report({ type: 'appended', order, numbers: await Promise.all(sends), over })
}

http.listen(0, '127.0.0.1', () => report({ type: 'ready', port: (http.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
