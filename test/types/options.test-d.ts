import { describe, expectTypeOf, test } from 'vitest'
import {
  createConnection,
  decorrelatedJitter,
  defaults,
  equalJitter,
  fixedBackoff,
  fullJitter,
  noHeartbeat,
  protocolPing,
  sequenceBackoff,
  serverPing,
  textHeartbeat,
  webSocketTransport,
  type Backoff,
  type ConnectionOptions,
  type Heartbeat,
  type Retry,
  type Transport,
} from '../../src/index.js'
import { wsTransport } from '../../src/transports/ws.js'
import { FakeTransport, TestClock } from '../../src/tools/testing/browser.js'

const url = 'wss://a.test'

describe('options', () => {
  test('have known names', () => {
    // @ts-expect-error -- misspelt
    createConnection(url, { protocol: 'a' })
    // @ts-expect-error -- another library's
    createConnection(url, { maxRetries: 3 })
    // @ts-expect-error -- misspelt inside
    createConnection(url, { queue: { message: 3 } })
    // @ts-expect-error -- misspelt inside
    createConnection(url).messages({ limits: 3 })
  })

  test('have values of their type', () => {
    // @ts-expect-error -- a number
    createConnection(url, { protocols: 1 })
    // @ts-expect-error -- a string
    createConnection(url, { connectTimeout: '5s' })
    // @ts-expect-error -- Node's own
    createConnection(url, { binaryType: 'nodebuffer' })
    // @ts-expect-error -- only for incoming messages
    createConnection(url, { queue: { overflow: 'pause' } })
    // @ts-expect-error -- only for outgoing messages
    createConnection(url).messages({ overflow: 'reject' })
    // @ts-expect-error -- the controller, not its signal
    createConnection(url, { signal: new AbortController() })
    // @ts-expect-error -- not a number
    createConnection(url, { random: () => 'dice' })
    // @ts-expect-error -- neither a function nor an object with next
    createConnection(url, { inspect: { observe() {} } })
    // @ts-expect-error -- no now()
    createConnection(url, { clock: { setTimeout, clearTimeout } })
  })

  test('may be omitted or undefined under exactOptionalPropertyTypes', () => {
    createConnection(url, {})
    createConnection(url, { connectTimeout: undefined })
  })

  test('may be built up step by step', () => {
    const patient: ConnectionOptions = { connectTimeout: 60_000 }
    createConnection(url, { ...patient, ...(Math.random() < 0.5 ? { unref: true } : {}) })
  })

  test('may be frozen, read-only or `as const`', () => {
    createConnection(url, { protocols: ['a', 'b'], queue: { overflow: 'drop-oldest' } } as const)
    const frozen: Readonly<ConnectionOptions> = Object.freeze({ protocols: ['a'] })
    createConnection(url, frozen)
    createConnection(url, { queue: defaults.queue, closeTimeout: defaults.closeTimeout })
  })
})

describe('a heartbeat', () => {
  test('is a profile', () => {
    for (const heartbeat of [
      protocolPing(),
      noHeartbeat(),
      serverPing({ interval: 30_000 }),
      textHeartbeat({ ping: 'ping', pong: (frame) => frame === 'pong' }),
    ]) {
      expectTypeOf(heartbeat).toEqualTypeOf<Heartbeat>()
      createConnection(url, { heartbeat })
    }
  })

  test('is not another library’s option', () => {
    // @ts-expect-error -- a number
    createConnection(url, { heartbeat: 20_000 })
    // @ts-expect-error -- not false but noHeartbeat()
    createConnection(url, { heartbeat: false })
    // @ts-expect-error -- the rest is missing
    createConnection(url, { heartbeat: { interval: 1_000 } })
    // @ts-expect-error -- no pong to classify
    textHeartbeat({ ping: 'ping' })
    // @ts-expect-error -- misspelt
    protocolPing({ intervall: 1 })
    // @ts-expect-error -- it sends no ping to schedule
    serverPing({ when: 'always' })
    // @ts-expect-error -- no such schedule
    protocolPing({ when: 'sometimes' })
  })
})

describe('a policy', () => {
  test('for backoff is a function of the attempt', () => {
    for (const backoff of [
      fullJitter(),
      equalJitter({ cap: 5_000 }),
      decorrelatedJitter({ base: 100 }),
      fixedBackoff(1_000, { jitter: 0.2 }),
      sequenceBackoff([1, 2, 3]),
    ]) {
      expectTypeOf(backoff).toEqualTypeOf<Backoff>()
      createConnection(url, { backoff })
    }
    createConnection(url, { backoff: ({ attempt, previous, random }) => attempt * (previous ?? 1) * random() })
    // @ts-expect-error -- a number
    createConnection(url, { backoff: 1_000 })
    // @ts-expect-error -- a string
    createConnection(url, { backoff: () => '1s' })
    // @ts-expect-error -- it has no floor
    equalJitter({ floor: 1 })
  })

  test('for retry returns true, false or undefined', () => {
    const retry: Retry = ({ close, error, status, attempt, byDefault }) => {
      expectTypeOf(error?.code).toExtend<string | undefined>()
      expectTypeOf(status).toEqualTypeOf<number | undefined>()
      expectTypeOf(byDefault).toEqualTypeOf<boolean>()
      if (close.code === 4401) return false
      return attempt > 3 ? byDefault : undefined
    }
    createConnection(url, { retry })
    // @ts-expect-error -- not a delay, which the backoff provides
    createConnection(url, { retry: () => 1_000 })
  })
})

describe('a hook', () => {
  test('prepares a raw link', () => {
    createConnection(url, {
      async prepare(link, { signal }) {
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
        link.send('token')
        expectTypeOf(await link.read()).toEqualTypeOf<string | ArrayBuffer | Blob>()
      },
    })
  })
})

describe('a seam', () => {
  test('accepts its own type', () => {
    expectTypeOf(webSocketTransport()).toEqualTypeOf<Transport>()
    expectTypeOf(wsTransport()).toEqualTypeOf<Transport>()
    expectTypeOf<FakeTransport>().toExtend<Transport>()
    createConnection(url, {
      transport: new FakeTransport(),
      clock: new TestClock(),
      random: Math.random,
      environment: { online: () => navigator.onLine, subscribe: (notify) => (notify('online'), () => {}) },
    })
    webSocketTransport({ WebSocket })
    // @ts-expect-error -- an instance
    webSocketTransport({ WebSocket: new WebSocket(url) })
    // @ts-expect-error -- an option of the connection
    wsTransport({ handshakeTimeout: 1_000 })
    createConnection(url, {
      // @ts-expect-error -- no such signal
      environment: { online: () => true, subscribe: (notify) => (notify('sleepy'), () => {}) },
    })
  })
})
