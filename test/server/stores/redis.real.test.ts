import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import { afterAll, beforeAll } from 'vitest'
import { redisStore } from '../../../src/server/stores/redis.js'
import { describeWith, startRedis, type RunningServer } from '../../support/servers.js'
import { conformance } from './conformance.js'

describeWith('redis-server', 'Redis', () => {
  let server: RunningServer
  const clients: { destroy(): void }[] = []
  let lastPrefix = 0

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    for (const client of clients.splice(0)) client.destroy()
    await server.remove()
  })

  async function connected() {
    const client = createClient({ url: `redis://127.0.0.1:${server.port}` })
    client.on('error', () => {})
    await client.connect()
    clients.push(client)
    return client
  }

  conformance('a Redis store', async () => {
    const prefix = `test${++lastPrefix}`
    const client = await connected()
    return {
      store: async () => redisStore(client, { prefix, lease: 1_000 }),
      pass: (ms) => delay(ms),
      ttl: 600,
      tombstone: 1_200,
    }
  })
})
