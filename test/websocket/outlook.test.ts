import { describe, expect, test } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import type { ReconnectingCloseEvent, ReconnectingWebSocket } from '../../src/websocket/index.js'
import { everySecond, setupSocket } from './support/setup-socket.js'

const outlookOf = ({ willReconnect, retryDelay }: ReconnectingCloseEvent): unknown => [willReconnect, retryDelay]

describe('a close event', () => {
  test.each(['error', 'close'] as const)(
    'reports that nothing follows if a listener of %s has closed',
    async (type) => {
      const { ws, clock, transport, closes, refuse } = setupSocket(everySecond)
      // Before any listener of the test setup, and so before any observer.
      const heard: unknown[] = []
      ws.addEventListener(type, () => ws.close(), { once: true })
      ws.addEventListener('close', (event) => void heard.push(outlookOf(event)))
      await refuse()
      expect(heard).toEqual([[false, undefined]])
      expect(closes.map(outlookOf)).toEqual([[false, undefined]])
      await clock.advance(60_000)
      expect(transport.sockets).toHaveLength(1)
    },
  )

  test.each(['error', 'close'] as const)(
    'reports an immediate attempt if a listener of %s has reconnected',
    async (type) => {
      const { ws, transport, refuse } = setupSocket({ ...everySecond, maxRetries: 0 })
      const heard: unknown[] = []
      ws.addEventListener(type, () => ws.reconnect(), { once: true })
      ws.addEventListener('close', (event) => void heard.push(outlookOf(event)))
      await refuse()
      expect(heard).toEqual([[true, 0]])
      await settle()
      expect(transport.sockets).toHaveLength(2)
    },
  )

  test('agrees with the handler that runs before it in the same listener, before and after its command', async () => {
    const { ws, refuse } = setupSocket(everySecond)
    const heard: unknown[] = []
    ws.onclose = function (this: ReconnectingWebSocket, event) {
      heard.push(outlookOf(event))
      ws.close()
      heard.push(outlookOf(event))
    }
    await refuse()
    expect(heard).toEqual([
      [true, 1_000],
      [false, undefined],
    ])
  })

  test('keeps its values of the dispatch when stored', async () => {
    const { ws, clock, closes, refuse, accept } = setupSocket(everySecond)
    await refuse()
    expect(closes.map(outlookOf)).toEqual([[true, 1_000]])
    await clock.advance(1_000)
    const socket = await accept()
    ws.close()
    socket.end({ code: 1000 })
    expect(closes.map(outlookOf)).toEqual([
      [true, 1_000],
      [false, undefined],
    ])
    expect(() => Object.assign(closes[0]!, { willReconnect: false })).toThrow(TypeError)
  })
})
