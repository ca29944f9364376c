import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'
import { watchEscapes } from '../connection/support/life.js'
import { everySecond, setupSocket } from './support/setup-socket.js'

let escapes: ReturnType<typeof watchEscapes>

beforeEach(() => {
  escapes = watchEscapes()
})

afterEach(async () => {
  await escapes.stop()
  expect(escapes.escaped).toEqual([])
})

describe('the URL provider', () => {
  test.each(['sync', 'async'] as const)(
    'is called once for each attempt, and only for attempts that are made (%s)',
    async (how) => {
      let asked = 0
      const next = (): string => `ws://server.test/${++asked}`
      const { ws, clock, transport, refuse, accept } = setupSocket({
        ...everySecond,
        url: how === 'sync' ? next : () => Promise.resolve().then(next),
      })
      expect(ws.url).toBe('')
      await refuse()
      expect(ws.url).toBe('ws://server.test/1')
      await clock.advance(1_000)
      await refuse()
      await clock.advance(1_000)
      const socket = await accept()
      expect(transport.sockets.map(({ target }) => target.url)).toEqual([1, 2, 3].map((n) => `ws://server.test/${n}`))
      expect([asked, ws.url]).toEqual([3, 'ws://server.test/3'])
      ws.close()
      socket.end({ code: 1000 })
      await clock.advance(60_000)
      expect(asked).toBe(3)
    },
  )

  const failures: [string, () => never | Promise<never>][] = [
    [
      'throws',
      () => {
        throw new Error('oh')
      },
    ],
    ['rejects', () => Promise.reject(new Error('oh'))],
    ['gives nothing', () => undefined as never],
  ]
  test.each(failures)('fails the attempt if it %s, and the next one can succeed', async (_, fail) => {
    let asked = 0
    const { clock, transport, events, errors, accept } = setupSocket({
      ...everySecond,
      url: () => (++asked === 1 ? fail() : 'ws://server.test/'),
    })
    await settle()
    expect([events, transport.sockets.length]).toEqual([['error ERR_PROVIDER', 'close 1006, goes on'], 0])
    expect(errors[0]!.message).toMatch(/url function/)
    await clock.advance(1_000)
    await accept()
    expect([asked, events.at(-1)]).toEqual([2, 'open'])
  })

  test('counts toward maxRetries if it fails', async () => {
    let asked = 0
    const { ws, clock } = setupSocket({
      ...everySecond,
      maxRetries: 2,
      url: () => Promise.reject(new Error(`${++asked}`)),
    })
    await clock.advance(60_000)
    expect([asked, ws.readyState, ws.retryCount]).toEqual([3, 3, 2])
  })

  test('ends the connection if its URL cannot be dialed, unless shouldReconnectOnClose continues', async () => {
    const first = setupSocket({ ...everySecond, url: () => 'ftp://server.test/' })
    await first.clock.advance(60_000)
    expect(first.events).toEqual(['error ERR_URL', 'close 1006'])
    let asked = 0
    const second = setupSocket({
      ...everySecond,
      url: () => (++asked === 1 ? 'ftp://server.test/' : 'ws://server.test/'),
      shouldReconnectOnClose: () => true,
    })
    await second.clock.advance(1_000)
    await second.accept()
    expect(second.events).toEqual(['error ERR_URL', 'close 1006, goes on', 'open'])
  })

  test('can be ended by close(), inside it or while it is pending: CLOSING, then error and close, and no dial', async () => {
    for (const when of ['inside', 'while'] as const) {
      let answer: (url: string) => void = () => {}
      let aborted = false
      const all = setupSocket({
        url: ({ signal }) => {
          signal.addEventListener('abort', () => (aborted = true))
          if (when === 'inside') all.ws.close()
          return new Promise((resolve) => (answer = resolve))
        },
      })
      const { ws, clock, transport, events } = all
      await settle()
      if (when === 'while') {
        ws.close()
        expect([ws.readyState, events]).toEqual([2, []])
      }
      await settle()
      expect([ws.readyState, events]).toEqual([3, ['error', 'close 1006']])
      answer('ws://server.test/')
      await clock.advance(60_000)
      expect([transport.sockets.length, clock.pending, aborted]).toEqual([0, 0, true])
      expect(events).toEqual(['error', 'close 1006'])
    }
  })

  test('is called again by reconnect() while pending, and the late answer changes nothing', async () => {
    const answers: ((url: string) => void)[] = []
    const { ws, transport, accept } = setupSocket({ url: () => new Promise((resolve) => answers.push(resolve)) })
    await settle()
    ws.reconnect()
    await settle()
    answers[0]!('ws://server.test/old')
    answers[1]!('ws://server.test/new')
    await accept()
    expect(transport.sockets.map(({ target }) => target.url)).toEqual(['ws://server.test/new'])
    expect(ws.url).toBe('ws://server.test/new')
  })
})

describe('the protocols provider', () => {
  test('is called once for each attempt, like the URL provider', async () => {
    const asked: string[] = []
    const { clock, transport, refuse } = setupSocket({
      ...everySecond,
      url: () => {
        asked.push('url')
        return 'ws://server.test/'
      },
      protocols: () => {
        asked.push('protocols')
        return Promise.resolve([`v${asked.length / 2}`])
      },
    })
    await refuse()
    await clock.advance(1_000)
    await refuse()
    expect(transport.sockets.map(({ target }) => target.protocols)).toEqual([['v1'], ['v2']])
    expect(asked).toEqual(['url', 'protocols', 'url', 'protocols'])
  })

  test.each([
    ['a name', 'v1', ['v1']],
    ['a list', ['v1', 'v2'], ['v1', 'v2']],
    ['null', null, []],
    ['undefined', undefined, []],
    ['an empty string', '', []],
    ['an empty list', [], []],
  ])('can return %s', async (_, given, offered) => {
    const { dial } = setupSocket({ protocols: () => given })
    expect((await dial()).target.protocols).toEqual(offered)
  })

  const failing = {
    throws: () => {
      throw new Error('oh')
    },
    rejects: () => Promise.reject(new Error('oh')),
  }
  test.each(['throws', 'rejects'] as const)(
    'fails the attempt if it %s, whatever the URL provider does',
    async (how) => {
      const urls = [
        () => 'ws://server.test/',
        () => Promise.reject(new Error('too')),
        () => Promise.resolve().then(() => Promise.reject(new Error('too, and later'))),
      ]
      for (const url of urls) {
        let asked = 0
        const { clock, transport, events, accept } = setupSocket({
          ...everySecond,
          url: () => (asked === 0 ? url() : 'ws://server.test/'),
          protocols: () => (++asked === 1 ? failing[how]() : ['v1']),
        })
        await settle()
        expect([events, transport.sockets.length]).toEqual([['error ERR_PROVIDER', 'close 1006, goes on'], 0])
        await clock.advance(1_000)
        expect((await accept()).target.protocols).toEqual(['v1'])
      }
    },
  )

  test('works with a fixed URL, which is validated at once', () => {
    const make = (url: string): ReconnectingWebSocket => new ReconnectingWebSocket(url, () => [], { startClosed: true })
    expect(make('https://server.test').url).toBe('wss://server.test/')
    expect(() => make('no url')).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
  })

  test('yields to protocols from the URL provider, which also keeps its headers', async () => {
    const url = 'ws://server.test/'
    const both = setupSocket({
      url: () => ({ url, protocols: 'mine', headers: { a: 'b' } }),
      protocols: () => 'theirs',
    })
    expect((await both.dial()).target).toMatchObject({ protocols: ['mine'], headers: { a: 'b' } })
    const one = setupSocket({ url: () => ({ url }), protocols: () => 'theirs' })
    expect((await one.dial()).target.protocols).toEqual(['theirs'])
  })
})
