// A WebSocket option must be a constructor. Anything else is rejected at once.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createConnection, webSocketTransport, type CloseEvent, type WebSocketClass } from '../../src/index.js'
import { settle } from '../../src/tools/testing/clock.js'
import { ReconnectingWebSocket, type ReconnectingErrorEvent } from '../../src/websocket/index.js'

const url = 'ws://server.test/'

afterEach(() => {
  vi.unstubAllGlobals()
})

const no: readonly [what: string, value: unknown][] = [
  ['an object', {}],
  ['a number', 123],
  ['text', 'ws'],
  ['null', null],
  ['a symbol', Symbol('ws')],
  ['an arrow function', () => {}],
  ['an async function', async () => {}],
  ['a method', { WebSocket() {} }.WebSocket],
  ['a function of the platform', Math.max],
]

describe.each(no)('%s as WebSocket', (_, value) => {
  test.each<[string, (WebSocket: WebSocketClass) => unknown]>([
    ['the constructor', (WebSocket) => new ReconnectingWebSocket(url, [], { WebSocket })],
    ['with()', (WebSocket) => ReconnectingWebSocket.with({ WebSocket })],
    ['webSocketTransport()', (WebSocket) => webSocketTransport({ WebSocket })],
  ])('is rejected by %s: it must be a constructor', (_name, make) => {
    expect(() => make(value as WebSocketClass)).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION',
        message: expect.stringMatching(/WebSocket \(.+\) must be a constructor/) as unknown,
      }),
    )
  })

  test('as the global fails the first attempt for good and reports it', async () => {
    if (value === null) return
    vi.stubGlobal('WebSocket', value)
    const closes: CloseEvent[] = []
    createConnection(url).on('close', (event) => void closes.push(event))
    const errors: ReconnectingErrorEvent[] = []
    const ws = new ReconnectingWebSocket(url)
    ws.addEventListener('error', (event) => void errors.push(event))
    await settle()
    const error = { code: 'ERR_MISSING_PEER', message: expect.stringContaining('is not a constructor') as unknown }
    expect(closes).toMatchObject([{ error, willRetry: false }])
    expect(errors).toMatchObject([{ error }])
  })
})

test.each<[string, unknown]>([
  ['a class', class extends EventTarget {}],
  ['a function', function WebSocket() {}],
  ['a class in a proxy', new Proxy(EventTarget, {})],
  ['a mock', vi.fn()],
])('%s is accepted, and not called before it dials', (_, value) => {
  let called = 0
  const spied = new Proxy(value as WebSocketClass, {
    construct: (target, given, newTarget) => {
      called++
      return Reflect.construct(target, given, newTarget) as object
    },
  })
  expect(() => ReconnectingWebSocket.with({ WebSocket: spied })).not.toThrow()
  expect(() => webSocketTransport({ WebSocket: spied })).not.toThrow()
  expect(called).toBe(0)
})
