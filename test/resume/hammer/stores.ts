import { connect as connectNats } from '@nats-io/transport-node'
import { createClient } from 'redis'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, startNats, startRedis, type RunningServer } from '../../support/servers.js'
import type { HammerSettings, StoreAccess } from './settings.js'

/** The store of a run. */
export interface Store {
  readonly access: Omit<StoreAccess, 'port' | 'lease'>
  /** The port for a node. */
  portFor(node: number): number
  /** Kills it and starts it again, with what it has on disk. */
  restart(): Promise<void>
  /** Kills the primary, makes a replica the primary, and returns its port. */
  promote(): Promise<number>
  /** The leader of a stream steps down. */
  stepDown(): Promise<void>
  close(): Promise<void>
}

const impossible = (): never => {
  throw new Error('this store has no such fault')
}

export async function startStore({ store, faults }: HammerSettings): Promise<Store> {
  if (store === 'redis') return new RedisServers(faults.includes('promote-replica') ? 'replid' : 'session').start()
  if (store === 'jetstream') return new NatsServers().start(faults.includes('step-down') ? 3 : 1)
  return {
    access: { kind: 'memory', epoch: 'session', replicas: 1 },
    portFor: () => 0,
    restart: impossible,
    promote: impossible,
    stepDown: impossible,
    close: () => Promise.resolve(),
  }
}

class RedisServers implements Store {
  readonly access: Store['access']
  #primary!: RunningServer
  readonly #others: RunningServer[] = []

  constructor(epoch: StoreAccess['epoch']) {
    this.access = { kind: 'redis', epoch, replicas: 1 }
  }

  async start(): Promise<this> {
    this.#primary = await startRedis(['appendonly', 'yes'], ['appendfsync', 'everysec'])
    if (this.access.epoch === 'replid') await this.#addReplica()
    return this
  }

  portFor(): number {
    return this.#primary.port
  }

  async restart(): Promise<void> {
    // What it has written outlives the process; only a crash of the machine loses the last second.
    await this.#primary.stop('SIGKILL')
    await this.#primary.start()
  }

  async promote(): Promise<number> {
    const [replica] = this.#others
    await this.#primary.stop('SIGKILL')
    await command(replica!.port, ['REPLICAOF', 'NO', 'ONE'])
    const old = this.#primary
    this.#primary = replica!
    this.#others.shift()
    await old.remove()
    await this.#addReplica()
    return replica!.port
  }

  stepDown = impossible

  async close(): Promise<void> {
    for (const server of [this.#primary, ...this.#others]) await server.remove()
  }

  async #addReplica(): Promise<void> {
    const replica = await startRedis(['replicaof', '127.0.0.1', String(this.#primary.port)])
    this.#others.push(replica)
    for (;;) {
      if (String(await command(replica.port, ['INFO', 'replication'])).includes('master_link_status:up')) return
      await sleep(50)
    }
  }
}

async function command(port: number, words: readonly string[]): Promise<unknown> {
  const client = await createClient({ socket: { host: '127.0.0.1', port } })
    .on('error', () => {})
    .connect()
  try {
    return await client.sendCommand([...words])
  } finally {
    client.destroy()
  }
}

class NatsServers implements Store {
  access: Store['access']
  #servers: RunningServer[] = []

  constructor() {
    this.access = { kind: 'jetstream', epoch: 'session', replicas: 1 }
  }

  async start(count: 1 | 3): Promise<this> {
    if (count === 1) this.#servers = [await startNats()]
    else {
      const routes = [await freePort(), await freePort(), await freePort()]
      this.#servers = await Promise.all(
        routes.map((route) => startNats({ name: 'hammer', routes: route, all: routes })),
      )
      this.access = { ...this.access, replicas: 3 }
      // Until they have elected a leader, no stream can be made.
      for (const until = Date.now() + 20_000; ;) {
        if ((await this.#request('$JS.API.INFO').catch(() => ({ error: 1 }))).error === undefined) break
        if (Date.now() > until) throw new Error('the NATS servers have no leader')
        await sleep(100)
      }
    }
    return this
  }

  portFor(node: number): number {
    return this.#servers[node % this.#servers.length]!.port
  }

  async restart(): Promise<void> {
    for (const server of this.#servers.slice(0, 1)) {
      await server.stop('SIGKILL')
      await server.start()
    }
  }

  promote = impossible

  async stepDown(): Promise<void> {
    const { streams = [] } = await this.#request('$JS.API.STREAM.NAMES')
    for (const stream of streams) await this.#request(`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`).catch(() => {})
  }

  async close(): Promise<void> {
    for (const server of this.#servers) await server.remove()
  }

  async #request(subject: string): Promise<{ readonly error?: unknown; readonly streams?: readonly string[] }> {
    const connection = await connectNats({ servers: `127.0.0.1:${this.#servers[0]!.port}`, timeout: 2_000 })
    try {
      return (await connection.request(subject, '', { timeout: 2_000 })).json()
    } finally {
      await connection.close()
    }
  }
}
