import { describe, expect, it } from 'vitest'
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
  type Transport,
  type UrlProvider,
} from '../../src/index.js'
import { FakeTransport, settle } from '../../src/tools/testing/browser.js'
import { setup } from '../support/setup.js'

const url = 'wss://server.test/'

/** What `createConnection` throws, without any other effect. */
function refusal(given: unknown, options: object = {}): ConnectionError {
  const transport = new FakeTransport()
  try {
    createConnection(given as string, { transport, ...options })
  } catch (thrown) {
    expect(transport.sockets).toEqual([])
    expect(thrown).toBeInstanceOf(ConnectionError)
    return thrown as ConnectionError
  }
  throw new Error('was accepted')
}

const nothing = (): void => {}
/** name (value) must fix */
const form = /^[a-z][\w.[\]]* \([^]+\) must \S+/i

describe('an invalid option is rejected before any socket is created', () => {
  const durations = ['-1', 'NaN', 'Infinity', '"5s"', 'null', '[]', 'true'] as const
  const counts = ['0.5', '-1', 'NaN', '"1"', 'null', '{}'] as const
  const values: Readonly<Record<string, unknown>> = {
    '-1': -1,
    '0': 0,
    '0.5': 0.5,
    NaN,
    Infinity,
    '"5s"': '5s',
    '"1"': '1',
    null: null,
    '[]': [],
    '{}': {},
    true: true,
    '1': 1,
    '"yes"': 'yes',
    'a function': nothing,
    'a string': 'https://a.test/very/long?token=hunter2hunter2',
  }
  const wrong: readonly (readonly [option: string, values: readonly string[], remedy: RegExp])[] = [
    ['connectTimeout', [...durations, '0'], /be a finite number of milliseconds, 1 or more/],
    ['closeTimeout', [...durations, '0'], /be a finite number of milliseconds, 1 or more/],
    ['stableAfter', durations.filter((value) => value !== 'Infinity'), /be a number of milliseconds, 0 or more/],
    ['maxServerDelay', durations.filter((value) => value !== 'Infinity'), /be a number of milliseconds, 0 or more/],
    ['highWaterMark', [...counts, '0'], /be a whole number, 1 or more, or Infinity/],
    ['queue.messages', counts, /be a whole number, 0 or more, or Infinity/],
    ['queue.bytes', counts, /be a whole number, 0 or more, or Infinity/],
    ['queue.overflow', ['"yes"', 'null', '1'], /be one of 'reject', 'drop-oldest', 'drop-newest'/],
    ['queue', ['null', '1', '[]', '"yes"', 'a function'], /be an object/],
    ['binaryType', ['"yes"', 'null', '1', '{}'], /be one of 'arraybuffer', 'blob'/],
    ['autoOpen', ['"yes"', 'null', '1', '0'], /be true or false/],
    ['unref', ['"yes"', 'null', '1'], /be true or false/],
    ['engine', ['"yes"', 'null', '{}'], /be a function/],
    ['backoff', ['1', 'null', '{}', '"5s"'], /be a function/],
    ['retry', ['1', 'null', 'true', '{}'], /be a function/],
    ['prepare', ['1', 'null', '"yes"'], /be a function/],
    ['random', ['1', 'null', '0.5'], /be a function/],
    ['heartbeat', ['null', '1', 'true', 'a function'], /be an object/],
    ['transport', ['null', '1', '"yes"', 'a function'], /be an object with connect/],
    ['codec', ['null', '1', 'a function', '"yes"'], /be an object with encode, decode/],
    ['clock', ['null', '1'], /be an object with now, wall, setTimeout, clearTimeout/],
    ['environment', ['null', 'true'], /be an object with online, subscribe/],
    ['inspect', ['null', '1', '"yes"'], /be an object with next/],
    ['signal', ['null', '1', '{}'], /be an AbortSignal/],
    ['protocols', ['null', '1', '{}', 'true'], /be tokens/],
  ]
  const each = wrong.flatMap(([option, names, remedy]) => names.map((name) => ({ option, name, remedy })))

  it.each(each)('$option: $name', ({ option, name, remedy }) => {
    const [outer, inner] = option.split('.') as [string, string?]
    const value = values[name]
    const error = refusal(url, { [outer]: inner === undefined ? value : { [inner]: value } })
    expect(error.code).toBe('ERR_OPTION')
    expect(error.message).toMatch(form)
    expect(error.message.startsWith(`${option} (`)).toBe(true)
    expect(error.message.slice(error.message.indexOf(' must ') + ' must '.length)).toMatch(remedy)
  })

  it.each([
    ['transport.connect', { transport: {} }],
    ['codec.encode', { codec: { decode: nothing } }],
    ['codec.decode', { codec: { encode: nothing, decode: 'json' } }],
    ['clock.wall', { clock: { now: nothing, setTimeout: nothing, clearTimeout: nothing } }],
    ['environment.subscribe', { environment: { online: nothing } }],
    ['inspect.next', { inspect: { observe: nothing } }],
  ])('%s must be a function', (name, options) => {
    const { code, message } = refusal(url, options)
    expect(code).toBe('ERR_OPTION')
    expect(message).toMatch(form)
    expect(message).toContain(`${name} (`)
    expect(message).toContain('must be a function')
  })

  it.each(['reconnect', 'maxRetries', 'protocol', 'WebSocket', 'constructor'])(
    'the unknown name options.%s',
    (name) => {
      const { code, message } = refusal(url, { [name]: 3 })
      expect(code).toBe('ERR_OPTION')
      expect(message).toBe(`options.${name} (3) must not be given; the known names are ${known.join(', ')}`)
    },
  )

  it('the unknown name queue.message', () => {
    const { code, message } = refusal(url, { queue: { message: 3 } })
    expect(code).toBe('ERR_OPTION')
    expect(message).toBe('queue.message (3) must not be given; the known names are messages, bytes, overflow')
  })

  it.each([null, [], 1, 'fast', nothing])('options that are not an object: %j', (options) => {
    expect(() => createConnection(url, options as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION',
        message: expect.stringMatching(/^options \(.+\) must be an object/),
      }),
    )
  })

  it.each([
    ['fullJitter.base', () => fullJitter({ base: 0 })],
    ['fullJitter.cap', () => fullJitter({ base: 5, cap: 4 })],
    ['equalJitter.cap', () => equalJitter({ cap: NaN })],
    ['decorrelatedJitter.base', () => decorrelatedJitter({ base: -1 })],
    ['fixedBackoff.delay', () => fixedBackoff('1s' as never)],
    ['fixedBackoff.jitter', () => fixedBackoff(1, { jitter: 2 })],
    ['sequenceBackoff.delays', () => sequenceBackoff([])],
    ['heartbeat.interval', () => protocolPing({ interval: 0 })],
    ['heartbeat.timeout', () => serverPing({ timeout: Infinity })],
    ['heartbeat.pong', () => textHeartbeat({ ping: 'a', pong: 1 as never })],
    ['webSocketTransport.WebSocket', () => webSocketTransport({ WebSocket: {} as never })],
  ])('%s, at once, by the factory', (name, make) => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringMatching(form) as string }),
    )
    expect(make).toThrow(name)
  })
})

const known = [
  'protocols',
  'transport',
  'heartbeat',
  'backoff',
  'maxServerDelay',
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
  'engine',
  'features',
] as const satisfies readonly (keyof ConnectionOptions | 'features')[]

describe('an undefined option', () => {
  it.each(known)('counts as omitted: %s', (name) => {
    const { connection } = setup({ autoOpen: false })
    expect(connection.state).toBe('idle')
    const made = createConnection(url, {
      transport: new FakeTransport(),
      ...({ [name]: undefined } as object),
    })
    expect(['idle', 'connecting']).toContain(made.state)
    void made.close()
  })
})

describe('a subprotocol', () => {
  it.each([
    ['empty', ''],
    ['with a space', 'a b'],
    ['with a separator', 'a,b'],
    ['not ASCII', 'ä'],
    ['with a line break', 'a\r\nb'],
    ['no string, in a list', ['a', 1]],
    ['a hole', ['a', , 'b']], // oxlint-disable-line no-sparse-arrays -- the hole is the point
  ])('is rejected: %s', (_, protocols) => {
    const { code, message } = refusal(url, { protocols })
    expect(code).toBe('ERR_OPTION')
    expect(message).toMatch(/^protocols \(with .+\) must be tokens/)
  })

  it('is rejected if it is repeated, as in the standard', () => {
    const { code, message } = refusal(url, { protocols: ['a', 'b', 'a'] })
    expect(code).toBe('ERR_OPTION')
    expect(message).toMatch(/^protocols \(a name of 1 characters twice\) must not repeat a name/)
  })

  it('keeps its value if the list changes later', async () => {
    const protocols = ['before']
    const { transport } = setup({ protocols })
    protocols[0] = 'after, and no token'
    await settle()
    expect(transport.last.target.protocols).toEqual(['before'])
  })

  it('list has one, several or no entries, and is case-sensitive', async () => {
    for (const [protocols, offered] of [
      ['chat', ['chat']],
      [
        ['v2.chat', 'V2.chat'],
        ['v2.chat', 'V2.chat'],
      ],
      [[], []],
    ] as const) {
      const { transport } = setup({ protocols })
      await settle()
      expect(transport.last.target.protocols).toEqual(offered)
    }
  })
})

describe('a URL', () => {
  /** The location of the runtime, as a page has one. */
  class Based extends FakeTransport {
    readonly base = 'https://app.test/deep/page?query=1#part'
  }

  const dialled = async (given: string | URL, transport: FakeTransport = new FakeTransport()): Promise<string> => {
    const connection = createConnection(given, { transport })
    await settle()
    expect(transport.sockets).toHaveLength(1)
    expect(connection.url).toBe(transport.last.target.url)
    void connection.close()
    return connection.url
  }

  it.each([
    ['ws://server.test', 'ws://server.test/'],
    ['wss://server.test/path?query', 'wss://server.test/path?query'],
    ['WSS://SERVER.test/Path', 'wss://server.test/Path'],
    ['http://server.test/', 'ws://server.test/'],
    ['https://server.test:443/', 'wss://server.test/'],
    ['http://server.test:8080/', 'ws://server.test:8080/'],
    ['  wss://server.test/a b  ', 'wss://server.test/a%20b'],
    ['wss://bücher.test/', 'wss://xn--bcher-kva.test/'],
    ['wss://server.test/%23?q=%23', 'wss://server.test/%23?q=%23'],
    // The standard allows credentials; their effect depends on the runtime.
    ['wss://user:pass@server.test/', 'wss://user:pass@server.test/'],
  ])('%s is dialed as %s', async (given, expected) => {
    expect(await dialled(given)).toBe(expected)
    expect(await dialled(new URL(given))).toBe(expected)
  })

  it.each([
    ['socket', 'wss://app.test/deep/socket'],
    ['/socket', 'wss://app.test/socket'],
    ['//other.test/socket', 'wss://other.test/socket'],
    ['?token', 'wss://app.test/deep/page?token'],
    ['', 'wss://app.test/deep/page?query=1'],
    ['ws://other.test/', 'ws://other.test/'],
  ])('%j, relative to a page, is dialed as %s', async (given, expected) => {
    expect(await dialled(given, new Based())).toBe(expected)
  })

  it.each([
    ['socket', /must be an absolute ws: or wss: URL/],
    ['', /must be an absolute ws: or wss: URL/],
    ['//server.test/', /must be an absolute ws: or wss: URL/],
    ['ws://', /check its syntax/],
    ['ws://server.test:port/', /check its syntax/],
    ['ws://server .test/', /check its syntax/],
    ['ws://server.test:65536/', /check its syntax/],
    ['ftp://server.test/', /^url \(scheme ftp:\) must have the scheme ws: or wss:/],
    ['file:///etc/hosts', /^url \(scheme file:\) must/],
    ['javascript:alert(1)', /^url \(scheme javascript:\) must/],
    ['server.test:8080', /^url \(scheme server\.test:\) must/],
    ['wss://server.test/#part', /^url \(with a fragment\) must not contain one/],
    ['wss://server.test/#', /^url \(with a fragment\) must not contain one/],
    ['https://server.test/?q#', /^url \(with a fragment\) must not contain one/],
  ])('%s is rejected', (given, message) => {
    const error = refusal(given)
    expect(error.code).toBe('ERR_URL')
    expect(error.message).toMatch(/^url \(.+\) must /)
    expect(error.message).toMatch(message)
  })

  it.each([undefined, null, 1, {}, [], { url: 'wss://server.test/' }])('%j is not valid', (given) => {
    const { code, message } = refusal(given)
    expect(code).toBe('ERR_URL')
    expect(message).toMatch(/^url \(\w+\) must be a string, a URL, or a function that returns one/)
  })

  it('object is dialed with its original value if it changes later', async () => {
    const given = new URL('wss://server.test/before')
    const { connection, transport } = setup({ url: given as never })
    given.pathname = '/after'
    await settle()
    expect(transport.last.target.url).toBe('wss://server.test/before')
    expect(connection.url).toBe('wss://server.test/before')
  })
})

describe("a provider's result", () => {
  it.each<[string, () => unknown, string]>([
    ['another scheme', () => 'ftp://server.test/', 'ERR_URL'],
    ['a fragment', () => new URL('wss://server.test/#'), 'ERR_URL'],
    ['a syntax error', () => Promise.resolve('ws://server test/'), 'ERR_URL'],
    ['a bad URL in a target', () => ({ url: 'file:///' }), 'ERR_URL'],
    ['a subprotocol twice', () => ({ url, protocols: ['a', 'a'] }), 'ERR_OPTION'],
    ['a subprotocol that is no token', () => ({ url, protocols: 'a b' }), 'ERR_OPTION'],
    ['a header with a line break', () => ({ url, headers: { a: 'b\r\nc: d' } }), 'ERR_OPTION'],
    ['a header that is no string', () => ({ url, headers: { a: 1 } }), 'ERR_OPTION'],
    ['a header without a name', () => ({ url, headers: { '': 'b' } }), 'ERR_OPTION'],
    ['headers in a list', () => ({ url, headers: ['a: b'] }), 'ERR_OPTION'],
    ['headers that are null', () => ({ url, headers: null }), 'ERR_OPTION'],
  ])('ends the connection if it can never work: %s', async (_, provider, code) => {
    let asked = 0
    const { connection, transport, clock, of } = setup({
      url: (() => {
        asked++
        return provider()
      }) as UrlProvider,
    })
    await settle()
    expect(connection.state).toBe('ended')
    expect(of('close')).toEqual([
      expect.objectContaining({ code: 1006, willRetry: false, error: expect.objectContaining({ code }) as unknown }),
    ])
    expect(of('close')[0]!.error!.message).toMatch(/^\w+ \(.+\) must /)
    await clock.advance(600_000)
    expect([asked, transport.sockets.length]).toEqual([1, 0])
  })

  it.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['null', () => null],
    ['a number', () => Promise.resolve(7)],
    ['an object without a URL', () => ({ protocols: 'a' })],
    ['an object with no URL in url', () => ({ url: undefined })],
    [
      'a throw',
      () => {
        throw new Error('no ticket')
      },
    ],
    ['a rejection', () => Promise.reject(new Error('no ticket'))],
  ])('fails the attempt if the next one may work: %s', async (_, provider) => {
    let asked = 0
    const { connection, transport, of, clock } = setup({
      url: (() => (asked++ === 0 ? provider() : url)) as UrlProvider,
      transport: undefined as never,
    })
    void transport
    await settle()
    expect(of('close')).toEqual([
      expect.objectContaining({ willRetry: true, error: expect.objectContaining({ code: 'ERR_PROVIDER' }) as unknown }),
    ])
    expect(connection.state).toBe('backoff')
    await clock.advance(60_000)
    expect(asked).toBeGreaterThan(1)
    void connection.close()
  })

  it("is resolved against the transport's base, and mapped as in the standard", async () => {
    const based: Transport & FakeTransport = Object.assign(new FakeTransport(), { base: 'https://app.test/a/' })
    createConnection(() => 'socket', { transport: based })
    await settle()
    expect(based.last.target.url).toBe('wss://app.test/a/socket')
  })
})

describe('a secret', () => {
  const secret = 'hunter2'

  it.each([
    ['a URL with bad syntax', `ws://user:${secret}@server test/?${secret}`, {}],
    ['a URL with a fragment', `wss://user:${secret}@server.test/${secret}?token=${secret}#${secret}`, {}],
    ['a URL of another scheme', `ftp://user:${secret}@server.test/${secret}`, {}],
    ['a subprotocol', url, { protocols: [`bearer ${secret}`] }],
    ['a subprotocol that is there twice', url, { protocols: [secret, secret] }],
    ['an unknown option', url, { token: secret }],
    ['an unknown option with an object', url, { auth: { token: secret } }],
    ['an unknown inner option', url, { queue: { token: secret } }],
  ])('is absent from errors about options: %s', (_, given, options) => {
    const error = refusal(given, options)
    for (const shown of [error.message, String(error), error.stack, String(error.cause), JSON.stringify(error)]) {
      expect(shown).not.toContain(secret)
    }
  })

  it.each<[string, () => unknown]>([
    ['the URL', () => `ftp://server.test/?${secret}`],
    ['the subprotocols', () => ({ url, protocols: [secret, secret] })],
    ['a header', () => ({ url, headers: { authorization: `${secret}\n` } })],
    ['the whole', () => ({ token: secret })],
  ])('is absent from errors about a provider: %s', async (_, provider) => {
    const { of } = setup({ url: provider as UrlProvider })
    await settle()
    const { error } = of('close')[0]!
    expect(error).toBeInstanceOf(ConnectionError)
    for (const shown of [error!.message, error!.stack, String(error!.cause)]) expect(shown).not.toContain(secret)
  })
})

describe('close() and reconnect() validate their arguments as in the standard', () => {
  const calls = {
    close: (code?: unknown, reason?: unknown) => {
      const { connection } = setup()
      return connection.close(code as number, reason as string)
    },
    reconnect: (code?: unknown, reason?: unknown) => {
      const { connection } = setup()
      connection.reconnect(code as number, reason as string)
      return connection.close()
    },
  }
  const names = ['close', 'reconnect'] as const
  const with_ = <T>(list: readonly T[]): [name: (typeof names)[number], value: T][] =>
    names.flatMap((name) => list.map((value): [(typeof names)[number], T] => [name, value]))

  it.each(
    with_([
      0,
      999,
      1001,
      1002,
      1005,
      1006,
      1015,
      2999,
      5000,
      65_536 + 1000,
      1000.5,
      -1,
      NaN,
      Infinity,
      '1000',
      null,
      {},
    ]),
  )('%s(%j) is rejected', (name, code) => {
    expect(() => calls[name](code)).toThrow(
      expect.objectContaining({
        code: 'ERR_CLOSE_ARGUMENT',
        message: expect.stringMatching(/^close code \(.+\) must be 1000, or 3000 to 4999$/) as string,
      }),
    )
  })

  it.each(with_([undefined, 1000, 3000, 3999, 4000, 4999]))('%s(%j) is accepted', async (name, code) => {
    await expect(calls[name](code)).resolves.toBeDefined()
  })

  it.each(with_(['', 'x'.repeat(123), 'é'.repeat(61), '😀'.repeat(30), 'x'.repeat(119) + '😀']))(
    '%s(1000, %j) is accepted',
    async (name, reason) => {
      await expect(calls[name](1000, reason)).resolves.toBeDefined()
    },
  )

  it.each(with_(['x'.repeat(124), 'é'.repeat(62), '😀'.repeat(31), 'x'.repeat(120) + '😀']))(
    '%s(1000, %j) is too long in bytes',
    (name, reason) => {
      const bytes = new TextEncoder().encode(reason).length
      expect(() => calls[name](1000, reason)).toThrow(
        `close reason (${bytes} bytes) must be at most 123 bytes of UTF-8`,
      )
    },
  )

  it.each(with_([1, null, {}]))('%s(1000, %j) is rejected, since a reason is a string', (name, reason) => {
    expect(() => calls[name](1000, reason)).toThrow('must be a string')
  })

  it('in any state and without side effects', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    expect(() => connection.close(1001)).toThrow(ConnectionError)
    expect(() => connection.reconnect(1000, 'x'.repeat(124))).toThrow(ConnectionError)
    expect(connection.state).toBe('open')
    expect([socket.count('close'), socket.count('abandon')]).toEqual([0, 0])
    void connection.close()
    expect(() => connection.close(1001)).toThrow(ConnectionError)
  })
})

describe('messages() and send() validate their options', () => {
  it.each([
    [{ limit: 0 }, 'messages.limit (0) must be a whole number, 1 or more, or Infinity'],
    [{ limit: '5' }, 'messages.limit ("5") must be a whole number'],
    [{ overflow: 'reject' }, `messages.overflow ("reject") must be one of 'pause', 'drop-oldest', 'drop-newest'`],
  ])('messages(%j) is rejected', (options, message) => {
    const { connection } = setup()
    expect(() => connection.messages(options as never)).toThrow(message)
    void connection.close()
  })

  it.each([-1, NaN, '5', null])('send(…, { ttl: %j }) is rejected for a queued message', (ttl) => {
    const { connection } = setup()
    expect(() => connection.send('x', { ttl } as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION',
        message: expect.stringMatching(/^send\.ttl \(.+\) must be a number/) as string,
      }),
    )
    expect(connection.counters.queued).toBe(0)
    void connection.close()
  })
})
