import { expect, test } from 'vitest'
import { jetstreamStore } from '../../../src/server/stores/jetstream.js'
import { redisStore } from '../../../src/server/stores/redis.js'

const none = (): never => {
  throw new Error('called')
}
const client = { evalSha: none, eval: none, withTypeMapping: none, duplicate: none }
const connection = { publish: none, subscribe: none, request: none, flush: none, status: none } as never

test.each([
  [{ prefix: 'a{b' }, 'redisStore.prefix'],
  [{ prefix: 'a b' }, 'redisStore.prefix'],
  [{ lease: 50 }, 'redisStore.lease'],
  [{ lease: Number.NaN }, 'redisStore.lease'],
  [{ epoch: 'none' }, 'redisStore.epoch'],
  [{ wait: -1 }, 'redisStore.wait'],
  [{ wait: 1.5 }, 'redisStore.wait'],
  [{ wait: Infinity }, 'redisStore.wait'],
  [{ ttl: 1 }, 'redisStore.ttl'],
])('redisStore refuses %o', (options, message) => {
  expect(() => redisStore(client, options as never)).toThrow(message)
})

test('redisStore needs a client, and does nothing with it before it is opened', () => {
  for (const wrong of [undefined, null, {}, { ...client, eval: 1 }, 'redis://secret@host'])
    expect(() => redisStore(wrong as never)).toThrow('redisStore.client')
  expect(() => redisStore('redis://u:hidden-password@host:6379' as never)).not.toThrow('hidden-password')
  redisStore(client)
  redisStore(client, { prefix: 'a', lease: 100, epoch: 'session', wait: 2 })
})

test('redisStore refuses to wait for replicas with a client of createSentinel, which chooses a connection for each call', () => {
  expect(() => redisStore({ ...client, acquire: none } as never, { wait: 1 })).toThrow('redisStore.wait')
  redisStore({ ...client, acquire: none } as never)
})

test.each([
  [{ prefix: 'a.b' }, 'jetstreamStore.prefix'],
  [{ prefix: '' }, 'jetstreamStore.prefix'],
  [{ lease: 50 }, 'jetstreamStore.lease'],
  [{ replicas: 2 }, 'jetstreamStore.replicas'],
  [{ storage: 'disk' }, 'jetstreamStore.storage'],
  [{ servers: 'x' }, 'jetstreamStore.servers'],
])('jetstreamStore refuses %o', (options, message) => {
  expect(() => jetstreamStore(connection, options as never)).toThrow(message)
})

test('jetstreamStore needs a connection, and does nothing with it before it is opened', () => {
  for (const wrong of [undefined, null, {}, 'nats://host'])
    expect(() => jetstreamStore(wrong as never)).toThrow('jetstreamStore.connection')
  jetstreamStore(connection)
  jetstreamStore(connection, { prefix: 'a', lease: 100, replicas: 3, storage: 'memory' })
})
