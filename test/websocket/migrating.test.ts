// The claims of docs/migrating.md on behavior that differs from other classes.
import { afterEach, expect, test, vi } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'
import { everySecond, setupSocket } from './support/setup-socket.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

test.each(['idle', 'connecting', 'open', 'backoff', 'closing', 'ended'] as const)(
  'readyState is CONNECTING after reconnect() returns, while %s',
  async (state) => {
    const { ws, clock, accept, refuse, dial } = setupSocket({ ...everySecond, startClosed: state === 'idle' })
    if (state === 'connecting') await dial()
    if (state === 'open') await accept()
    if (state === 'backoff') await refuse()
    if (state === 'closing' || state === 'ended') await accept().then(() => ws.close())
    if (state === 'ended') await clock.advance(2_000)
    expect(ws.connection.state).toBe(state)
    ws.reconnect()
    expect(ws.readyState).toBe(ReconnectingWebSocket.CONNECTING)
    await accept()
    expect(ws.readyState).toBe(ReconnectingWebSocket.OPEN)
  },
)

test('a missing WebSocket causes an error event and a final close after the constructor has returned', async () => {
  vi.stubGlobal('WebSocket', undefined)
  const ws = new ReconnectingWebSocket('ws://server.test/')
  const events: unknown[] = []
  ws.onerror = ({ error }) => events.push((error as { code?: string }).code)
  ws.onclose = ({ code, willReconnect }) => events.push(code, willReconnect)
  expect([ws.readyState, events]).toEqual([ReconnectingWebSocket.CONNECTING, []])
  await settle()
  expect([ws.readyState, events]).toEqual([ReconnectingWebSocket.CLOSED, ['ERR_MISSING_PEER', 1006, false]])
})

/** A class of WHATWG shape, whose server is the test. */
class Scripted extends EventTarget {
  static last: Scripted
  readyState = 1
  bufferedAmount = 0
  readonly protocol = ''
  readonly extensions = ''
  binaryType = 'blob'

  constructor() {
    super()
    Scripted.last = this
  }

  send(): void {}
  close(): void {}

  end(wasClean: boolean): void {
    this.readyState = 3
    this.dispatchEvent(new Event('error'))
    const close = { code: wasClean ? 1000 : 1006, reason: '', wasClean }
    this.dispatchEvent(Object.assign(new Event('close'), close))
  }
}

test.each([
  [true, ['open', 'close 1000']],
  [false, ['open', 'error', 'close 1006']],
])('an error event before a clean close (%j) leads to: %j', async (wasClean, expected) => {
  const ws = new ReconnectingWebSocket('ws://server.test/', [], { WebSocket: Scripted })
  const events: string[] = []
  ws.onopen = () => events.push('open')
  ws.onerror = () => events.push('error')
  ws.onclose = ({ code }) => events.push(`close ${code}`)
  await settle()
  Scripted.last.dispatchEvent(new Event('open'))
  Scripted.last.end(wasClean)
  await settle()
  expect(events).toEqual(expected)
  ws.close()
})
