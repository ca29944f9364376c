import { setTimeout as delay } from 'node:timers/promises'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterAll, beforeAll } from 'vitest'
import { jetstreamStore } from '../../../src/server/stores/jetstream.js'
import { describeWith } from '../../support/describe-with.js'
import { startNats, type RunningServer } from '../../support/servers.js'
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
