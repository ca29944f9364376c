import { setTimeout as delay } from 'node:timers/promises'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterAll, beforeAll } from 'vitest'
import { jetstreamStore } from '../../../src/server/stores/jetstream.js'
import { describeWith } from '../../support/describe-with.js'
import { freePort, startNats, type RunningServer } from '../../support/servers.js'
import { conformance } from './conformance.js'

describeWith('nats-server', 'JetStream', () => {
  let server: RunningServer
  const connections: NatsConnection[] = []
  let lastPrefix = 0

  beforeAll(async () => {
    server = await startNats()
  })
  afterAll(async () => {
    for (const connection of connections.splice(0)) await connection.close()
    await server.remove()
  })

  async function connected() {
    const connection = await connect({ servers: `127.0.0.1:${server.port}` })
    connections.push(connection)
    return connection
  }

  conformance('a JetStream store', async () => {
    const prefix = `test${++lastPrefix}`
    const connection = await connected()
    return {
      store: async () => jetstreamStore(connection, { prefix, lease: 1_000, storage: 'memory' }),
      pass: (ms) => delay(ms),
      ttl: 600,
      tombstone: 1_200,
    }
  })
})

describeWith('nats-server', 'JetStream with three replicas', () => {
  let servers: RunningServer[] = []
  const connections: NatsConnection[] = []

  beforeAll(async () => {
    const all = [await freePort(), await freePort(), await freePort()]
    servers = await Promise.all(all.map((routes) => startNats({ name: 'c', routes, all })))
  }, 30_000)
  afterAll(async () => {
    for (const connection of connections.splice(0)) await connection.close()
    for (const server of servers) await server.remove()
  })

  conformance('a replicated JetStream store', async () => {
    // All tests share the streams, because a cluster takes seconds to create them.
    const options = { lease: 3_000, replicas: 3, storage: 'memory' } as const
    let next = 0
    return {
      // Each node goes to another server.
      async store() {
        const connection = await connect({ servers: `127.0.0.1:${servers[next++ % 3]!.port}` })
        connections.push(connection)
        return jetstreamStore(connection, options)
      },
      pass: (ms) => delay(ms),
      ttl: 1_000,
      tombstone: 1_500,
    }
  })
})
