import { setTimeout as delay } from 'node:timers/promises'
import { createClient, createCluster } from 'redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { redisStore } from '../../../src/server/stores/redis.js'
import { describeWith } from '../../support/describe-with.js'
import { freePort, startRedis, type RunningServer } from '../../support/servers.js'
import { conformance, eventually, openNode } from './conformance.js'

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

describeWith('redis-server', 'Redis Cluster', () => {
  const servers: RunningServer[] = []
  const ends: (() => unknown)[] = []
  let lastPrefix = 0

  beforeAll(async () => {
    const admins = []
    const slots = ['0 5460', '5461 10922', '10923 16383']
    for (const range of slots) {
      const bus = String(await freePort())
      const server = await startRedis(['cluster-enabled', 'yes'], ['cluster-port', bus])
      servers.push(server)
      const admin = createClient({ url: `redis://127.0.0.1:${server.port}` })
      await admin.connect()
      ends.push(() => admin.destroy())
      await admin.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', ...range.split(' ')])
      for (const other of admins) await other.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', String(server.port), bus])
      admins.push(admin)
    }
    for (const admin of admins)
      await eventually(async () => {
        const info = String(await admin.sendCommand(['CLUSTER', 'INFO']))
        expect(info).toContain('cluster_state:ok')
        expect(info).toContain('cluster_known_nodes:3')
      }, delay)
  }, 30_000)
  afterAll(async () => {
    for (const end of ends.splice(0).reverse()) await end()
    for (const server of servers) await server.remove()
  })

  async function connected() {
    const cluster = createCluster({ rootNodes: servers.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` })) })
    cluster.on('error', () => {})
    await cluster.connect()
    ends.push(() => cluster.destroy())
    return cluster
  }

  conformance('a Redis store on a cluster of three', async () => {
    const prefix = `test${++lastPrefix}`
    const cluster = await connected()
    return {
      store: async () => redisStore(cluster, { prefix, lease: 1_000 }),
      pass: (ms) => delay(ms),
      ttl: 600,
      tombstone: 1_200,
    }
  })

  test('sessions are spread over the cluster, each with all its keys in one place', async () => {
    const cluster = await connected()
    const node = await openNode(redisStore(cluster, { prefix: 'spread' }), { ttl: 60_000, tombstone: 60_000 })
    for (let at = 0; at < 60; at++) {
      const id = `session-${at}`
      await node.claim({ id, gen: 1, rx: 0, epoch: '', principal: 'ann' })
      expect(await node.append(id, 'a', 'key')).toBe(1)
    }
    const counts = []
    for (const { port } of servers) {
      const client = createClient({ url: `redis://127.0.0.1:${port}` })
      await client.connect()
      const keys = await client.keys('spread:{*')
      client.destroy()
      for (let at = 0; at < 60; at++)
        expect([0, 3]).toContain(keys.filter((key) => key.startsWith(`spread:{session-${at}}`)).length)
      counts.push(keys.length / 3)
    }
    expect(counts.reduce((sum, count) => sum + count)).toBe(60)
    for (const count of counts) expect(count).toBeGreaterThan(5)
    await node.close()
  })

  test('a change can wait for replicas, which a cluster without replicas does not have', async () => {
    const store = redisStore(await connected(), { prefix: 'wait', wait: 1, lease: 200 })
    const node = await openNode(store, { ttl: 60_000, tombstone: 60_000 })
    const hello = { id: 'session', gen: 1, rx: 0, epoch: '', principal: 'ann' }
    await expect(node.claim(hello)).rejects.toThrow('only 0 of 1 Redis replicas')
    await node.close()
  })
})
