import { setTimeout as delay } from 'node:timers/promises'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterEach, expect, test } from 'vitest'
import { isTransient } from '../../../src/server/stores/jetstream-api.js'
import { jetstreamStore, type JetStreamStoreOptions } from '../../../src/server/stores/jetstream.js'
import { describeWith } from '../../support/describe-with.js'
import { freePort, startCutter, startNats, type RunningServer } from '../../support/servers.js'
import { eventually, openNode, type Node } from './conformance.js'

describeWith('nats-server', 'a JetStream store whose server fails', () => {
  const ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function connected(...ports: readonly number[]): Promise<NatsConnection> {
    const servers = ports.map((port) => `127.0.0.1:${port}`)
    const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50, timeout: 5_000 })
    ends.push(() => connection.close())
    return connection
  }

  async function open(connection: NatsConnection, options: JetStreamStoreOptions = {}): Promise<Node> {
    const store = jetstreamStore(connection, { lease: 1_000, ...options })
    const outbox = { messages: 100_000, bytes: 10_000_000 }
    const node = await openNode(store, { ttl: 60_000, tombstone: 120_000, outbox })
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

  async function nats(): Promise<RunningServer> {
    const server = await startNats()
    ends.push(() => server.remove())
    return server
  }

  test('a restart keeps sessions in files, and forgets those in memory', async () => {
    const server = await nats()
    const connection = await connected(server.port)
    const files = await open(connection, { prefix: 'files' })
    const memory = await open(connection, { prefix: 'memory', storage: 'memory' })
    const [kept, lost] = [await begin(files), await begin(memory)]
    for (const node of [files, memory]) await node.append(id, 'before', 'key')
    await files.commit(id, kept.token, 3)
    await server.stop()
    await server.start()
    await eventually(() => expect(files.events.reconnected.length).toBeGreaterThan(0), pass)
    expect(await files.append(id, 'before', 'key')).toBe(1)
    expect(await files.append(id, 'after')).toBe(2)
    expect(await files.range(id, 0, 9)).toEqual([[1, 'before'], [2, 'after']]) // prettier-ignore
    expect(await files.commit(id, kept.token, 4)).toBe(true)
    expect(await files.claim(hello(2, kept.epoch, 1))).toMatchObject({ status: 'resumed', rx: 4, tail: 2 })
    // Streams in memory are gone with their configuration, so a node can only open the store again.
    const again = await open(connection, { prefix: 'memory', storage: 'memory' })
    expect(await again.claim(hello(2, lost.epoch))).toEqual({ status: 'unknown' })
  })

  test('a node that is cut off from NATS loses its sessions to another, and notices when it is back', async () => {
    const server = await nats()
    const cutter = await startCutter(server.port)
    ends.push(() => cutter.close())
    const lease = 900
    const near = await open(await connected(cutter.port), { lease })
    const far = await open(await connected(server.port), { lease })
    const { token } = await begin(near)
    await near.follow('btc')
    cutter.cut('reset')
    const cutAt = performance.now()
    await eventually(() => expect(near.leased()).toBe(false), pass)
    expect(performance.now() - cutAt).toBeLessThan(lease)
    expect(await far.claim(hello(2))).toMatchObject({ status: 'resumed', owner: token })
    expect(await far.handover({ id, gen: 2, owner: token, timeout: 10_000 })).toBe('dead')
    expect(await far.take(id, 2, `${far.name}/1`)).toBe(0)
    await far.publish('btc', 'missed')
    expect(near.events.published).toEqual([])
    cutter.restore()
    await eventually(() => expect(near.leased()).toBe(true), pass)
    await eventually(() => expect(near.events.reconnected.length).toBeGreaterThan(0), pass)
    expect(await near.commit(id, token, 5)).toBe(false)
    await far.publish('btc', 'heard')
    await eventually(() => expect(near.events.published).toContainEqual(['btc']), pass)
  })

  test('on three servers nothing is lost or doubled while leaders step down and one server is killed', async () => {
    const routes = [await freePort(), await freePort(), await freePort()]
    const servers = await Promise.all(routes.map((each) => startNats({ name: 'c', routes: each, all: routes })))
    ends.push(async () => {
      for (const server of servers) await server.remove()
    })
    const ports = servers.map(({ port }) => port)
    const options = { replicas: 3, lease: 4_000 } as const
    const [a, b] = [await open(await connected(...ports), options), await open(await connected(...ports), options)]
    const admin = await connected(...ports)
    const { token } = await begin(a)
    let isOver = false
    const seen = new Map<number, string>()
    let rejected = 0
    const appending = [a, b, a, b].map(async (node, worker) => {
      for (let at = 0; !isOver; at++) {
        const data = `${worker} ${at}`
        try {
          const number = await node.append(id, data, at % 3 === 0 ? data : undefined)
          if (typeof number !== 'number') throw new Error(number)
          expect(seen.get(number)).toBeUndefined()
          seen.set(number, data)
        } catch (thrown) {
          // Its effect is unknown.
          if (!isTransient(thrown)) throw thrown
          rejected++
        }
      }
    })
    let committed = 0
    const committing = (async () => {
      while (!isOver) {
        const isOwner = await a.commit(id, token, committed + 1).catch(() => undefined)
        if (isOwner === false) throw new Error('a commit of the owner is refused')
        if (isOwner) committed++
      }
    })()
    const working = Promise.all([...appending, committing])
    working.catch(() => {})
    for (let round = 0; round < 6; round++) {
      await delay(400)
      for (const stream of ['sw-out', 'sw-meta'])
        await admin.request(`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`, '', { timeout: 5_000 }).catch(() => {})
    }
    await servers[2]!.stop('SIGKILL')
    await delay(1_500)
    await servers[2]!.start()
    await delay(1_000)
    isOver = true
    await working
    const rows: (readonly [number, string | Uint8Array])[] = []
    for (;;) {
      const more = await b.range(id, rows.length, 200)
      if (more.length === 0) break
      rows.push(...more)
    }
    expect(rows.map(([number]) => number)).toEqual(rows.map((_, index) => index + 1))
    expect(new Set(rows.map(([, data]) => data)).size).toBe(rows.length)
    for (const [number, data] of seen) expect(rows[number - 1]).toEqual([number, data])
    expect(rows.length - seen.size).toBeLessThanOrEqual(rejected)
    expect(seen.size).toBeGreaterThan(50)
    expect(await a.claim(hello(2))).toMatchObject({ status: 'resumed', rx: committed, tail: rows.length })
  }, 60_000)
})
