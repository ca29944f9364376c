import { afterEach, describe, expect, test, vi } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'
import { everySecond, setupSocket } from './support/setup-socket.js'

const url = 'ws://server.test/'

describe('the WebSocket option', () => {
  afterEach(() => vi.unstubAllGlobals())

  /** A mock as used in app tests: just enough of the WHATWG shape. */
  class MockSocket extends EventTarget {
    static readonly made: MockSocket[] = []
    readonly asked: unknown[]
    readyState = 0
    bufferedAmount = 0
    protocol = ''
    extensions = ''
    binaryType = 'blob'
    readonly sent: unknown[] = []

    constructor(...asked: unknown[]) {
      super()
      this.asked = asked
      MockSocket.made.push(this)
    }

    send(data: unknown): void {
      this.sent.push(data)
    }

    close(): void {
      this.readyState = 3
      this.dispatchEvent(Object.assign(new Event('close'), { code: 1000, reason: '', wasClean: true }))
    }

    accept(): void {
      this.readyState = 1
      this.protocol = 'v1'
      this.dispatchEvent(new Event('open'))
    }
  }

  test.each(['the option', 'the global'] as const)('accepts any class of WHATWG shape: %s', async (by) => {
    MockSocket.made.length = 0
    if (by === 'the global') vi.stubGlobal('WebSocket', MockSocket)
    const ws = new ReconnectingWebSocket(url, ['v1'], by === 'the global' ? {} : { WebSocket: MockSocket })
    const events: string[] = []
    for (const type of ['open', 'message', 'close'] as const) ws.addEventListener(type, () => void events.push(type))
    ws.send('1')
    await settle()
    const [socket] = MockSocket.made
    expect(socket!.asked).toEqual([url, ['v1']])
    socket!.accept()
    expect([ws.readyState, ws.protocol, socket!.sent, socket!.binaryType]).toEqual([1, 'v1', ['1'], 'blob'])
    socket!.dispatchEvent(new MessageEvent('message', { data: 'hello' }))
    ws.close()
    await settle()
    expect([ws.readyState, events, MockSocket.made.length]).toEqual([3, ['open', 'message', 'close'], 1])
  })
})

describe('a class installed as the global WebSocket', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
  afterEach(() => {
    vi.resetModules()
    if (before === undefined) Reflect.deleteProperty(globalThis, 'WebSocket')
    else Object.defineProperty(globalThis, 'WebSocket', before)
  })

  test('stays installed if the platform loads its own lazily on first access', async () => {
    const made: string[] = []
    class Platform extends EventTarget {
      constructor(address: string) {
        super()
        made.push(address)
      }
      close(): void {}
    }
    const put = (value: unknown): unknown =>
      Object.defineProperty(globalThis, 'WebSocket', { value, configurable: true, writable: true, enumerable: false })
    Object.defineProperty(globalThis, 'WebSocket', {
      configurable: true,
      get: () => (put(Platform), Platform),
      set: put,
    })
    vi.resetModules()
    const { ReconnectingWebSocket: Fresh } = await import('../../src/websocket/index.js')
    Object.assign(globalThis, { WebSocket: Fresh })
    const ws = new WebSocket(url)
    expect(globalThis.WebSocket).toBe(Fresh)
    expect(ws).toBeInstanceOf(Fresh)
    await settle()
    expect(made).toEqual([url])
    ws.close()
  })
})

describe('with(options)', () => {
  test('returns a class that inherits from EventTarget before any socket exists', async () => {
    vi.resetModules()
    const { ReconnectingWebSocket: Fresh } = await import('../../src/websocket/index.js')
    const { prototype } = Fresh.with({ maxRetries: 0 })
    expect(Object.getPrototypeOf(prototype)).toBe(EventTarget.prototype)
  })

  test('returns the class with these options bound, for clients that create sockets from a class', async () => {
    const transport = new FakeTransport()
    const Bound = ReconnectingWebSocket.with({ transport, maxRetries: 0 })
    expect([Bound.name, Bound.OPEN, Bound.CLOSED]).toEqual(['ReconnectingWebSocket', 1, 3])
    const ws = new Bound(url, 'v1')
    expect(ws).toBeInstanceOf(ReconnectingWebSocket)
    await settle()
    expect(transport.last.target.protocols).toEqual(['v1'])
    transport.last.refuse()
    expect(ws.readyState).toBe(3)
    expect([ws.shouldReconnect, ws.retryCount]).toEqual([false, 0])
  })

  test('can be applied again, and constructor options take precedence', () => {
    const transport = new FakeTransport()
    const Twice = ReconnectingWebSocket.with({ transport, startClosed: true }).with({ startClosed: false })
    expect(new Twice(url).readyState).toBe(0)
    expect(new Twice(url, [], { startClosed: true }).readyState).toBe(3)
  })

  test.each([{ maxRetries: -1 }, { closeTimeout: -1 }, { heartbeat: 5 }, { maxRetires: 1 }, { signal: {} }])(
    'rejects %j at once, not when a client dials later',
    (options) => {
      expect(() => ReconnectingWebSocket.with(options as never)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION' }),
      )
    },
  )

  test('dials nothing, notifies no inspector, and adds no listener to a signal', async () => {
    const transport = new FakeTransport()
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const inspect = vi.fn()
    ReconnectingWebSocket.with({ transport, signal, inspect })
    await settle()
    expect([transport.sockets.length, inspect.mock.calls.length]).toEqual([0, 0])
    const left = new Set(added.mock.calls.map(([, listener]) => listener))
    for (const [, listener] of removed.mock.calls) left.delete(listener)
    expect(left.size).toBe(0)
  })
})

describe('debug', () => {
  const secret = 'ws://server.test/?token=secret'

  test('reports events to debugLogger, without payloads, URLs or close reasons', async () => {
    const lines: unknown[][] = []
    const { ws, clock, accept, refuse } = setupSocket({
      ...everySecond,
      url: secret,
      debug: true,
      debugLogger: (...args) => void lines.push(args),
    })
    ws.send('secret out')
    await refuse()
    await clock.advance(1_000)
    const socket = await accept()
    socket.message('secret in')
    ws.close(3_000, 'secret reason')
    socket.end({ code: 3_000, reason: 'secret reason' })
    expect(lines.every(([first]) => first === 'statewire>')).toBe(true)
    expect(lines.filter(([, what]) => what === 'open')).toEqual([['statewire>', 'open', { attempt: 2 }]])
    expect(lines.filter(([, what]) => what === 'close').map(([, , detail]) => detail)).toEqual([
      { code: 1006, wasClean: false, error: 'ERR_SOCKET', willReconnect: true, retryDelay: 1_000 },
      { code: 3_000, wasClean: true, error: undefined, willReconnect: false, retryDelay: undefined },
    ])
    const text = JSON.stringify(lines)
    expect(text).toContain('"state":"backoff"')
    expect(text).not.toMatch(/secret|server\.test/)
  })

  test('logs to console.log if there is no debugLogger, and nothing without debug', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    try {
      const loud = setupSocket({ debug: true })
      await loud.accept()
      expect(log.mock.calls.map(([first, what]) => `${first} ${what}`)).toContain('statewire> open')
      log.mockClear()
      const logger = vi.fn()
      await setupSocket({ debugLogger: logger }).accept()
      expect([log.mock.calls.length, logger.mock.calls.length]).toEqual([0, 0])
    } finally {
      log.mockRestore()
    }
  })

  test('reports a debugLogger that throws, and the connection continues', async () => {
    const { ws, events, accept } = setupSocket({
      debug: true,
      debugLogger: () => {
        throw new Error('oh')
      },
    })
    const reported = new Set<string>()
    ws.connection.on('error', ({ code }) => void reported.add(code))
    ;(await accept()).end({ code: 1001 })
    expect(events).toEqual(['open', 'close 1001, goes on'])
    expect([...reported]).toEqual(['ERR_LISTENER'])
  })
})

test('the options of statewire keep their own names: heartbeat, prepare, closeTimeout and the seams', async () => {
  const { ws, clock, accept, events } = setupSocket({
    ...everySecond,
    prepare: (link) => link.send('auth'),
    closeTimeout: 100,
  })
  ws.send('queued')
  const socket = await accept()
  expect(socket.sent).toEqual(['auth', 'queued'])
  await clock.advance(30_100)
  expect(events).toEqual(['open', 'close 4000, goes on'])
})

describe('the class as the global WebSocket', () => {
  test('wraps the previous global class, not itself', async () => {
    const { ReconnectingWebSocket: Class } = await import('../../src/websocket/index.js')
    const before = globalThis.WebSocket
    try {
      globalThis.WebSocket = Class.with({ maxRetries: 0 })
      const ws = new WebSocket('ws://127.0.0.1:9/')
      expect(ws).toBeInstanceOf(Class)
      const [error] = await Promise.all([once(ws, 'error'), once(ws, 'close')])
      expect([ws.readyState, String((error as { message?: string }).message)]).toEqual([3, expect.any(String)])
    } finally {
      globalThis.WebSocket = before
    }
  })

  function once(target: EventTarget, type: string): Promise<Event> {
    return new Promise((resolve) => {
      target.addEventListener(type, resolve, { once: true })
    })
  }
})
