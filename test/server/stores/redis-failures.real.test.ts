import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import { afterEach, expect, test } from 'vitest'
import { redisStore, type RedisStoreOptions } from '../../../src/server/stores/redis.js'
import { describeWith } from '../../support/describe-with.js'
import { startCutter, startRedis, type Cutter, type RunningServer } from '../../support/servers.js'
import { eventually, openNode, type Node } from './conformance.js'

describeWith('redis-server', 'a Redis store whose server fails', () => {
  const ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function redis(...settings: readonly (readonly string[])[]): Promise<RunningServer> {
    const server = await startRedis(...settings)
    ends.push(() => server.remove())
    return server
  }

  async function connected(port: number) {
    const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: 50 } })
    client.on('error', () => {})
    await client.connect()
    ends.push(() => client.destroy())
    return client
  }
  type Client = Awaited<ReturnType<typeof connected>>

  async function open(client: Client, options: RedisStoreOptions = {}): Promise<Node> {
    const node = await openNode(redisStore(client, { lease: 1_000, ...options }), { ttl: 60_000, tombstone: 120_000 })
    ends.push(() => node.close())
    return node
  }

  const id = 'AAAAAAAAAAAAAAAAAAAAAA'
  const hello = (gen: number, epoch = '', rx = 0) => ({ id, gen, rx, epoch, principal: 'ann' })
  async function begin(node: Node): Promise<{ token: string; epoch: string }> {
    const claim = await node.claim(hello(1))
    if (claim.status !== 'new') throw new Error(claim.status)
    const token = `${node.name}/1`
    await node.take(id, 1, token)
    return { token, epoch: claim.epoch }
  }
  const pass = (ms: number) => delay(ms)

  async function promote(client: Client): Promise<void> {
    await client.sendCommand(['REPLICAOF', 'NO', 'ONE'])
  }

  async function replicaOf(master: RunningServer): Promise<RunningServer> {
    const replica = await redis(['replicaof', '127.0.0.1', String(master.port)])
    const client = await connected(replica.port)
    await eventually(async () => expect(await client.info('replication')).toContain('master_link_status:up'), pass)
    return replica
  }

  test('calls keep their order when Redis forgets the scripts under way', async () => {
    const client = await connected((await redis()).port)
    const other = await connected(portOf(client))
    const node = await open(client)
    await begin(node)
    const numbers: Promise<unknown>[] = []
    for (let round = 0; round < 20; round++) {
      const flush = other.scriptFlush()
      for (let at = 0; at < 50; at++) numbers.push(node.append(id, String(numbers.length + 1)))
      if (round % 3 === 0) await flush
      if (round % 4 === 0) await delay(1)
    }
    expect(await Promise.all(numbers)).toEqual(numbers.map((_, index) => index + 1))
    const rows = await node.range(id, 0, 2_000)
    expect(rows).toEqual(numbers.map((_, index) => [index + 1, String(index + 1)]))
  })

  test('a restart keeps sessions if their epoch is their own, and refuses them otherwise', async () => {
    const server = await redis(['appendonly', 'yes'], ['appendfsync', 'always'])
    const client = await connected(server.port)
    const [keeping, strict] = [
      await open(client, { prefix: 'a', epoch: 'session' }),
      await open(client, { prefix: 'b' }),
    ]
    const [kept, refused] = [await begin(keeping), await begin(strict)]
    for (const node of [keeping, strict]) await node.append(id, 'before')
    await strict.commit(id, refused.token, 3)
    await server.stop()
    await server.start()
    await eventually(() => expect(client.isReady).toBe(true), pass)
    expect(await keeping.append(id, 'after')).toBe(2)
    expect(await keeping.range(id, 0, 9)).toEqual([[1, 'before'], [2, 'after']]) // prettier-ignore
    expect(await keeping.commit(id, kept.token, 1)).toBe(true)
    expect(await keeping.claim(hello(2, kept.epoch, 1))).toMatchObject({ status: 'resumed', rx: 1, tail: 2 })

    expect(await strict.append(id, 'after')).toBe('ended')
    expect(strict.events.ended).toEqual([[id, 'store']])
    expect(await strict.commit(id, refused.token, 4)).toBe(false)
    expect(await strict.claim(hello(2, refused.epoch))).toEqual({ status: 'store', rx: 3, exact: false })
    // Also one whose first welcome was lost.
    expect(await strict.claim(hello(3))).toEqual({ status: 'store', rx: 3, exact: false })
    for (const node of [keeping, strict]) await eventually(() => expect(node.leased()).toBe(true), pass)
    await eventually(() => expect(keeping.events.reconnected.length).toBeGreaterThan(0), pass)
  })

  test('after a restart without persistence sessions are unknown', async () => {
    const server = await redis()
    const client = await connected(server.port)
    const node = await open(client)
    const { token, epoch } = await begin(node)
    await server.stop('SIGKILL')
    await server.start()
    await eventually(() => expect(client.isReady).toBe(true), pass)
    expect(await node.commit(id, token, 1)).toBe(false)
    expect(node.events.ended).toEqual([[id, 'unknown']])
    expect(await node.claim(hello(2, epoch))).toEqual({ status: 'unknown' })
  })

  test('FLUSHALL makes sessions unknown and topics lost', async () => {
    const client = await connected((await redis()).port)
    const node = await open(client)
    const { token, epoch } = await begin(node)
    await node.append(id, 'a')
    for (const data of 'abc') await node.publish('btc', data)
    const topic = await node.topic('btc')
    await client.flushAll()
    expect(await node.append(id, 'b')).toBe('ended')
    expect(await node.range(id, 0, 9)).toEqual([])
    expect(await node.commit(id, token, 1)).toBe(false)
    expect(node.events.ended).toContainEqual([id, 'unknown'])
    expect(await node.claim(hello(2, epoch, 1))).toEqual({ status: 'unknown' })
    expect(await node.publish('btc', 'd')).toBe(1)
    expect(await node.topicRange('btc', topic.epoch, 0, 9)).toBe('lost')
    expect((await node.topic('btc')).epoch).not.toBe(topic.epoch)
  })

  test('a promoted replica refuses sessions of its master, and serves new ones', async () => {
    const master = await redis()
    const replica = await replicaOf(master)
    const [first, second] = [await connected(master.port), await connected(replica.port)]
    const before = await open(first)
    const { token, epoch } = await begin(before)
    await before.append(id, 'a')
    await before.commit(id, token, 7)
    await before.publish('btc', 'a')
    const topic = await before.topic('btc')
    await first.wait(1, 1_000)
    await master.stop('SIGKILL')
    await promote(second)
    const after = await open(second)
    expect(await after.append(id, 'b')).toBe('ended')
    expect(await after.take(id, 1, `${after.name}/1`)).toBe(-1)
    expect(await after.claim(hello(2, epoch))).toEqual({ status: 'store', rx: 7, exact: false })
    expect(await after.topicRange('btc', topic.epoch, 0, 9)).toBe('lost')
    const other = { ...hello(1), id: 'BBBBBBBBBBBBBBBBBBBBBB' }
    expect(await after.claim(other)).toMatchObject({ status: 'new' })
    expect(await after.append(other.id, 'a')).toBe(1)
  })

  test('a failover that does not end the connection is noticed by the next call', async () => {
    const client = await connected((await redis()).port)
    const node = await open(client)
    const { token } = await begin(node)
    expect(await node.append(id, 'a')).toBe(1)
    // A master that can't be reached, so its data stay.
    await client.sendCommand(['REPLICAOF', '127.0.0.1', '1'])
    await expect(node.append(id, 'b')).rejects.toThrow('READONLY')
    await promote(client)
    expect(await node.commit(id, token, 1)).toBe(false)
    expect(node.events.ended).toEqual([[id, 'store']])
  })

  test('with wait, a change that no replica has is rejected', async () => {
    const master = await redis()
    const replica = await replicaOf(master)
    const node = await open(await connected(master.port), { wait: 1, lease: 600, epoch: 'session' })
    const { token } = await begin(node)
    const numbers = await Promise.all(Array.from({ length: 20 }, () => node.append(id, 'a')))
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    expect(await node.commit(id, token, 1)).toBe(true)
    process.kill(replica.pid, 'SIGSTOP')
    try {
      await expect(node.append(id, 'b')).rejects.toThrow('only 0 of 1 Redis replicas')
      await expect(node.commit(id, token, 2)).rejects.toThrow('only 0 of 1 Redis replicas')
    } finally {
      process.kill(replica.pid, 'SIGCONT')
    }
    await eventually(async () => expect(await node.append(id, 'c')).toBeGreaterThan(21), pass)
  })

  test('a node whose Redis does not answer is not leased before its lease ends', async () => {
    const lease = 1_000
    const client = await connected((await redis()).port)
    const [node, other] = [await open(client, { lease }), await open(await connected(portOf(client)), { lease })]
    const { token } = await begin(node)
    await client.sendCommand(['CLIENT', 'PAUSE', String(lease * 1.6), 'ALL'])
    const paused = performance.now()
    await eventually(() => expect(node.leased()).toBe(false), pass)
    expect(performance.now() - paused).toBeLessThan(lease)
    await eventually(() => expect(other.leased()).toBe(false), pass)
    await eventually(() => expect(node.leased()).toBe(true), pass)
    expect(await node.commit(id, token, 1)).toBe(true)
  })

  test('a node that is cut off from Redis loses its sessions to another, and notices when it is back', async () => {
    const server = await redis()
    const cutter = await cut(server)
    const lease = 900
    const [near, far] = [
      await open(await connected(cutter.port), { lease }),
      await open(await connected(server.port), { lease }),
    ]
    const { token } = await begin(near)
    await near.follow('btc')
    cutter.cut('reset')
    const cutAt = performance.now()
    // What was sent is rejected, because it may have been done. What waits for a connection is sent once there is one.
    await expect(near.commit(id, token, 5)).rejects.toThrow()
    const late = near.commit(id, token, 6)
    await eventually(() => expect(near.leased()).toBe(false), pass)
    expect(performance.now() - cutAt).toBeLessThan(lease)
    expect(await far.claim(hello(2))).toMatchObject({ status: 'resumed', owner: token })
    expect(await far.handover({ id, gen: 2, owner: token, timeout: 10_000 })).toBe('dead')
    expect(await far.take(id, 2, `${far.name}/1`)).toBe(0)
    await far.publish('btc', 'missed')
    expect(near.events.published).toEqual([])
    cutter.restore()
    expect(await late).toBe(false)
    await eventually(() => expect(near.leased()).toBe(true), pass)
    // Its sessions must ask the store whether they are still its own.
    expect([near.lapses, far.lapses]).toEqual([1, 0])
    await eventually(() => expect(near.events.reconnected.length).toBeGreaterThan(0), pass)
    await far.publish('btc', 'heard')
    await eventually(() => expect(near.events.published).toContainEqual(['btc']), pass)
  })

  test('a connection that broke in silence rejects calls, and one for notifications is replaced', async () => {
    const server = await redis()
    const [commands, notifications] = [await cut(server), await cut(server)]
    const lease = 600
    const client = await connected(commands.port)
    // The subscriber goes another way.
    const duplicate = client.duplicate.bind(client)
    Object.assign(client, {
      duplicate: () => duplicate({ url: `redis://127.0.0.1:${notifications.port}` }),
    })
    const node = await open(client, { lease })
    const { token } = await begin(node)
    await node.follow('btc')
    notifications.cut('silent')
    await node.publish('btc', 'missed')
    await delay(50)
    notifications.restore()
    expect(node.leased()).toBe(true)
    await eventually(() => expect(node.events.reconnected.length).toBeGreaterThan(0), pass)
    await node.publish('btc', 'heard')
    await eventually(() => expect(node.events.published).toContainEqual(['btc']), pass)

    commands.cut('silent')
    await expect(node.commit(id, token, 1)).rejects.toThrow(`has not answered for ${lease * 2} ms`)
    expect(node.leased()).toBe(false)
  })

  async function cut(server: RunningServer): Promise<Cutter> {
    const cutter = await startCutter(server.port)
    ends.push(() => cutter.close())
    return cutter
  }

  const portOf = (client: Client): number => Number((client.options.socket as { port?: number }).port)
})
