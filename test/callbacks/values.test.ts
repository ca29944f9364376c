// App values that throw when read, or that are not what they seem.
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ConnectionError,
  createConnection,
  decorrelatedJitter,
  equalJitter,
  fixedBackoff,
  fullJitter,
  protocolPing,
  sequenceBackoff,
  serverPing,
  textHeartbeat,
  webSocketTransport,
  type ConnectionOptions,
  type Heartbeat,
  type UrlProvider,
} from '../../src/index.js'
import { settle } from '../../src/tools/testing/clock.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'
import { watchEscapes } from '../connection/support/life.js'
import { setup } from '../support/setup.js'

const url = 'ws://server.test/'
const bitten = new Error('bitten')
const bite = (): never => {
  throw bitten
}

/** Throws on any access. */
const hostile = (target: object = {}): never =>
  new Proxy(target, {
    get: bite,
    has: bite,
    ownKeys: bite,
    getPrototypeOf: bite,
    getOwnPropertyDescriptor: bite,
  }) as never

const revoked = (): never => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy as never
}

const throwing = (name: string, rest: object = {}): never =>
  Object.defineProperty({ ...rest }, name, { get: bite, enumerable: true }) as never

const thenable = (then: (resolve: (value: unknown) => void) => void): object =>
  // oxlint-disable-next-line unicorn/no-thenable -- what it is about
  Object.defineProperty({}, 'then', { value: then })

let escapes: ReturnType<typeof watchEscapes>

beforeEach(() => {
  escapes = watchEscapes()
})

afterEach(async () => {
  await escapes.stop()
  expect(escapes.escaped).toEqual([])
})

function thrownBy(work: () => unknown): ConnectionError {
  try {
    work()
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ConnectionError)
    return thrown as ConnectionError
  }
  throw new Error('nothing was thrown')
}

const names = [
  'protocols',
  'transport',
  'heartbeat',
  'backoff',
  'retry',
  'queue',
  'prepare',
  'codec',
  'connectTimeout',
  'closeTimeout',
  'stableAfter',
  'highWaterMark',
  'binaryType',
  'autoOpen',
  'signal',
  'inspect',
  'clock',
  'random',
  'environment',
  'unref',
] as const satisfies readonly (keyof ConnectionOptions)[]

describe('an option', () => {
  test.each(names)('that throws when read causes one ConnectionError: %s', (name) => {
    expect(thrownBy(() => createConnection(url, throwing(name)))).toMatchObject({ code: 'ERR_OPTION', cause: bitten })
  })

  test.each(names)('that throws when inspected causes one ConnectionError: %s', (name) => {
    for (const value of [hostile(), revoked(), hostile([])]) {
      expect(thrownBy(() => createConnection(url, { [name]: value })).code).toBe('ERR_OPTION')
    }
  })

  const inner: readonly (readonly [string, string, object])[] = [
    ...(['messages', 'bytes', 'overflow'] as const).map((name) => ['queue', name, {}] as const),
    ...(['interval', 'timeout', 'when', 'proof', 'ping', 'classify', 'answer', 'withhold'] as const).map(
      (name) => ['heartbeat', name, protocolPing()] as const,
    ),
    ...(['encode', 'decode'] as const).map((name) => ['codec', name, { encode: String, decode: String }] as const),
    ['transport', 'connect', {}],
    ['transport', 'base', webSocketTransport()],
    ...(['now', 'wall', 'setTimeout', 'clearTimeout'] as const).map(
      (name) => ['clock', name, { now: Date.now, wall: Date.now, setTimeout, clearTimeout }] as const,
    ),
    ...(['online', 'subscribe'] as const).map(
      (name) => ['environment', name, { online: () => true, subscribe: () => () => {} }] as const,
    ),
    ['inspect', 'next', {}],
    ['signal', 'aborted', {}],
  ]

  test.each(inner)('%s.%s that throws when read causes one ConnectionError', (name, property, rest) => {
    const options = { [name]: throwing(property, rest) }
    expect(thrownBy(() => createConnection(url, options))).toMatchObject({ code: 'ERR_OPTION', cause: bitten })
  })

  test('is read once, so a getter that is valid only the first time does no harm', () => {
    for (const name of names) {
      let reads = 0
      const options = Object.defineProperty({ autoOpen: false }, name, {
        get: () => (++reads > 1 ? bite() : undefined),
        enumerable: true,
      })
      void createConnection(url, options).close()
      expect([name, reads]).toEqual([name, 1])
    }
  })

  test('object that throws on every access causes one ConnectionError', () => {
    for (const options of [hostile(), revoked()]) {
      expect(thrownBy(() => createConnection(url, options)).code).toBe('ERR_OPTION')
    }
  })

  test('url of the wrong type that throws on every access causes one ConnectionError', () => {
    for (const value of [hostile(), hostile(new URL(url)), revoked(), throwing('href'), { toString: bite }]) {
      expect(thrownBy(() => createConnection(value as never)).code).toMatch(/^ERR_(?:URL|OPTION)$/)
    }
  })
})

describe('a factory', () => {
  const factories: readonly (readonly [string, readonly string[], (options: never) => unknown])[] = [
    ['protocolPing', ['interval', 'timeout', 'when', 'proof'], protocolPing],
    ['textHeartbeat', ['interval', 'timeout', 'when', 'proof', 'ping', 'pong', 'withhold'], textHeartbeat],
    ['serverPing', ['interval', 'timeout', 'ping', 'answer', 'withhold'], serverPing],
    ['fullJitter', ['floor', 'base', 'cap'], fullJitter],
    ['equalJitter', ['base', 'cap'], equalJitter],
    ['decorrelatedJitter', ['base', 'cap'], decorrelatedJitter],
    ['fixedBackoff', ['jitter'], (options: never) => fixedBackoff(1, options)],
    ['sequenceBackoff', ['jitter'], (options: never) => sequenceBackoff([1], options)],
    ['webSocketTransport', ['WebSocket'], webSocketTransport],
    ['ReconnectingWebSocket.with', ['queue', 'maxRetries', 'heartbeat'], (o: never) => ReconnectingWebSocket.with(o)],
  ]

  test.each(factories)('%s throws one ConnectionError for an option that throws when read', (_, options, make) => {
    for (const name of options) {
      expect(
        thrownBy(() => make(throwing(name, options.includes('pong') ? { ping: 'a', pong: 'b' } : {}))),
      ).toMatchObject({
        code: 'ERR_OPTION',
        cause: bitten,
      })
    }
    expect(thrownBy(() => make(hostile())).code).toBe('ERR_OPTION')
  })
})

describe('an option of the drop-in class', () => {
  test.each([
    'WebSocket',
    'queue',
    'minReconnectionDelay',
    'maxReconnectionDelay',
    'reconnectionDelayGrowFactor',
    'minUptime',
    'connectionTimeout',
    'maxRetries',
    'maxEnqueuedMessages',
    'startClosed',
    'debug',
    'debugLogger',
    'shouldReconnectOnClose',
    ...names
      .filter((name) => !['protocols', 'queue', 'codec', 'highWaterMark', 'binaryType'].includes(name))
      .filter((name) => !['connectTimeout', 'stableAfter', 'autoOpen'].includes(name)),
  ])('that throws when read causes one ConnectionError: %s', (name) => {
    const error = thrownBy(() => new ReconnectingWebSocket(url, [], throwing(name)))
    expect(error).toMatchObject({ code: 'ERR_OPTION', cause: bitten })
  })
})

describe('the result of the url function', () => {
  const answers: readonly (readonly [string, () => unknown])[] = [
    ['a url that throws when it is read', () => throwing('url')],
    ['protocols that throw when they are read', () => throwing('protocols', { url })],
    ['headers that throw when they are read', () => throwing('headers', { url })],
    ['a header that throws when it is read', () => ({ url, headers: throwing('authorization') })],
    ['headers that throw at everything', () => ({ url, headers: hostile() })],
    ['protocols that throw at everything', () => ({ url, protocols: hostile([]) })],
    ['a URL that throws at everything', () => hostile(new URL(url))],
    ['a url inside that throws at everything', () => ({ url: hostile(new URL(url)) })],
    ['an object that throws at everything', () => hostile()],
    ['a revoked proxy', () => revoked()],
    ['a thenable that throws', () => thenable(bite)],
    ['a thenable whose then throws when it is read', () => throwing('then', { url })],
    ['a promise of another realm that rejects', () => runInNewContext('Promise.reject(new Error("bitten"))')],
    ['a thenable that gives a rejection', () => thenable((resolve) => resolve(Promise.reject(bitten)))],
    ['a symbol', () => Symbol('url')],
    ['a function', () => () => url],
    ['nothing', () => undefined],
    ['null', () => null],
  ]

  test.each(answers)('fails one attempt, and the next one may succeed: %s', async (_, answer) => {
    let asked = 0
    const provider = (() => (++asked === 1 ? answer() : url)) as UrlProvider
    const { connection, clock, accept, of } = setup({ url: provider })
    await settle()
    expect(of('close').map(({ error, willRetry }) => [error?.code, willRetry])).toEqual([['ERR_PROVIDER', true]])
    await clock.advance(30_000)
    await accept()
    expect([connection.state, of('error')]).toEqual(['open', []])
    void connection.close()
  })

  test('may be a URL of another realm, and is read once', async () => {
    let reads = 0
    const foreign: object = {
      get [Symbol.toStringTag](): string {
        return 'URL'
      },
      href: url,
      toString: (): string => url,
    }
    const answer = {
      get url(): object {
        reads++
        return foreign
      },
    }
    for (const given of [foreign, answer]) {
      const { connection, accept } = setup({ url: (() => given) as never })
      await accept()
      expect([connection.state, connection.url]).toEqual(['open', url])
      void connection.close()
    }
    expect(reads).toBe(1)
    void createConnection(foreign as never, { autoOpen: false }).close()
  })

  test('may come from a promise of another realm or a thenable', async () => {
    const answers: (() => unknown)[] = [
      () => runInNewContext(`Promise.resolve(${JSON.stringify(url)})`),
      () => thenable((resolve) => resolve(url)),
    ]
    for (const answer of answers) {
      const { connection, accept } = setup({ url: answer as UrlProvider })
      await accept()
      expect(connection.state).toBe('open')
      void connection.close()
    }
  })
})

describe('a transport that breaks its contract', () => {
  test.each([
    ['gives a promise that rejects', (): unknown => Promise.reject(bitten)],
    ['gives nothing', (): unknown => undefined],
    ['gives null', (): unknown => null],
    ['gives what throws at everything', (): unknown => hostile()],
    [
      'throws null',
      () => {
        // oxlint-disable-next-line typescript/only-throw-error -- what it is about
        throw null
      },
    ],
  ] as const)('fails one attempt, and the next one may succeed: connect %s', async (_, connect) => {
    let dials = 0
    const world = setup({ autoOpen: false })
    const { transport, clock } = world
    const connection = createConnection(url, {
      clock,
      transport: {
        connect: (target, sink) => (++dials === 1 ? (connect() as never) : transport.connect(target, sink)),
      },
    })
    const closes: unknown[] = []
    connection.on('close', ({ error, willRetry }) => void closes.push([error?.code, willRetry]))
    await settle()
    expect(closes).toEqual([['ERR_TRANSPORT', true]])
    await clock.advance(30_000)
    transport.last.accept()
    await settle()
    expect(connection.state).toBe('open')
    void connection.close()
  })

  test('fails one attempt if its base throws later, and the next one may succeed', async () => {
    let asked = 0
    const { transport, clock } = setup({ autoOpen: false })
    const connection = createConnection(
      () => {
        asked++
        return '/path'
      },
      {
        clock,
        transport: {
          get base(): string {
            return asked === 1 ? bite() : 'http://server.test/'
          },
          connect: (target, sink) => transport.connect(target, sink),
        },
      },
    )
    const closes: unknown[] = []
    connection.on('close', ({ error, willRetry }) => void closes.push([error?.code, willRetry]))
    await settle()
    expect(closes).toEqual([['ERR_PROVIDER', true]])
    await clock.advance(30_000)
    transport.last.accept()
    await settle()
    expect(connection.url).toBe('ws://server.test/path')
    void connection.close()
  })
})

describe('a heartbeat whose fields change', () => {
  class Profile implements Heartbeat {
    next: () => number = () => 20_000
    readonly timeout = 5_000
    readonly when = 'idle'
    readonly proof = 'any'

    ping(): string {
      // A method: `this` is the profile.
      return `ping ${this.timeout}`
    }

    get interval(): number {
      return this.next()
    }
  }

  // The options object accepts only known names.
  const profile = (): Profile => Object.defineProperty(new Profile(), 'next', { enumerable: false, writable: true })

  test.each([
    ['throws', bite],
    ['is not a number', () => NaN],
    ['is a promise', () => Promise.reject(bitten) as never],
    ['cannot be converted', () => ({ [Symbol.toPrimitive]: bite }) as never],
  ])('keeps its last valid value and emits one error event while a field %s', async (_, next) => {
    const heartbeat = profile()
    const { connection, clock, accept, of } = setup({ heartbeat })
    const socket = await accept()
    const pass = async (read: () => number): Promise<void> => {
      heartbeat.next = read
      for (let look = 0; look < 3; look++) {
        await clock.advance(10_000)
        socket.message('pong')
      }
    }
    await pass(next)
    expect(socket.sent[0]).toBe('ping 5000')
    expect(of('error').map(({ code }) => code)).toEqual(['ERR_POLICY'])
    await pass(() => 20_000)
    await pass(next)
    expect(connection.state).toBe('open')
    expect(of('error').map(({ code }) => code)).toEqual(['ERR_POLICY', 'ERR_POLICY'])
    void connection.close()
  })
})

describe('a call', () => {
  test('with an invalid signal rejects with ERR_OPTION', async () => {
    const { connection, accept } = setup()
    await accept()
    for (const signal of [{}, hostile(), 'x', null]) {
      for (const call of ['opened', 'ended', 'drained'] as const) {
        await expect(connection[call]({ signal: signal as never })).rejects.toMatchObject({ code: 'ERR_OPTION' })
      }
      expect(thrownBy(() => connection.messages({ signal: signal as never })).code).toBe('ERR_OPTION')
    }
    expect(thrownBy(() => connection.messages(throwing('limit')))).toMatchObject({ code: 'ERR_OPTION', cause: bitten })
    expect(thrownBy(() => connection.send('x', throwing('ttl')))).toMatchObject({ code: 'ERR_OPTION', cause: bitten })
    void connection.close()
  })

  test('that sends a value that throws when read throws ERR_DATA', async () => {
    const { connection, accept } = setup()
    await accept()
    for (const data of [hostile(), revoked(), throwing('byteLength')]) {
      expect(thrownBy(() => connection.send(data)).code).toBe('ERR_DATA')
    }
    expect(connection.counters.sent).toBe(0)
    void connection.close()
  })

  test('that writes a value that throws when read to the stream rejects', async () => {
    const { connection, accept } = setup()
    await accept()
    const writer = connection.writable.getWriter()
    writer.closed.catch(() => {})
    await expect(writer.write(hostile())).rejects.toMatchObject({ code: 'ERR_DATA' })
    void connection.close()
  })
})

test('an environment signal with an invalid name causes one error event', async () => {
  let notify: (signal: never) => void = () => {}
  const { connection, accept, of } = setup({
    environment: { online: () => true, subscribe: (told) => ((notify = told), () => {}) },
  })
  await accept()
  for (const signal of [Symbol('online'), hostile(), { [Symbol.toPrimitive]: bite }, undefined]) notify(signal as never)
  expect(of('error').map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'ERR_ENVIRONMENT'))
  expect(connection.state).toBe('open')
  void connection.close()
})

test('an encoder or decoder that returns a promise causes an error that says it must be synchronous', async () => {
  const { connection, accept, of } = setup<unknown, unknown>({
    codec: { encode: () => Promise.resolve('text') as never, decode: (frame) => Promise.resolve(frame) },
  })
  const socket = await accept()
  expect(thrownBy(() => connection.send('x')).code).toBe('ERR_DATA')
  socket.message('one')
  await settle()
  expect(of('message')).toEqual([])
  expect(of('error').map(({ code, cause }) => [code, String(cause)])).toEqual([
    ['ERR_DECODE', 'TypeError: it returned a promise, but must return its result synchronously'],
  ])
  void connection.close()
})
