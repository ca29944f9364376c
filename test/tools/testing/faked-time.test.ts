// The testing entry under a test runner that fakes all timers, as Jest does by default.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createConnection } from '../../../src/index.js'
import { FakeTransport, settle, TestClock } from '../../../src/tools/testing/browser.js'
import { ReconnectingWebSocket } from '../../../src/websocket/index.js'

beforeEach(() => {
  vi.useFakeTimers({
    toFake: [
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'setImmediate',
      'clearImmediate',
      'Date',
      'performance',
      'queueMicrotask',
    ],
  })
  // Functions the runner itself cannot fake in a child process.
  vi.spyOn(process, 'nextTick').mockImplementation(() => {})
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('with every timer function faked', () => {
  test.each(['its own clock', 'the faked clock'])(
    'settle() is enough for a connection on %s to dial, open, exchange messages and close',
    async (which) => {
      const transport = new FakeTransport({ onSocket: (socket) => socket.accept() })
      const clock = which === 'its own clock' ? { clock: new TestClock() } : {}
      const connection = createConnection('ws://server.test/', { transport, ...clock })
      const heard: unknown[] = []
      connection.on('message', (message) => heard.push(message))
      await settle()
      expect(connection.state).toBe('open')
      transport.last.message('hello')
      transport.last.end({ code: 1006 })
      expect([connection.state, heard]).toEqual(['backoff', ['hello']])
      connection.reconnect()
      await settle()
      expect([connection.state, transport.sockets.length]).toEqual(['open', 2])
      const closed = connection.close()
      transport.last.end({ code: 1000 })
      await expect(closed).resolves.toMatchObject({ code: 1000 })
    },
  )

  test('settle() is enough to end a connection closed while dialing', async () => {
    const connection = createConnection('ws://server.test/', { transport: new FakeTransport() })
    void connection.close()
    await settle()
    expect(connection.state).toBe('ended')
  })

  test('settle() is enough for the drop-in class to report an error', async () => {
    const transport = new FakeTransport()
    const ws = new ReconnectingWebSocket('ws://server.test/', [], { transport, maxEnqueuedMessages: 1 })
    const errors: unknown[] = []
    ws.addEventListener('error', ({ error }) => errors.push((error as { code?: string } | undefined)?.code))
    ws.send('one')
    ws.send('two')
    await settle()
    expect(errors).toEqual(['ERR_QUEUE_FULL'])
    ws.close()
  })
})
