import { describe, expect, test } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import { everySecond, setupSocket } from './support/setup-socket.js'

describe('reconnect()', () => {
  test('after exhaustion dials again, with all retries', async () => {
    const { ws, clock, transport, refuse, accept } = setupSocket({ ...everySecond, maxRetries: 1 })
    const exhaust = async (): Promise<void> => {
      await refuse()
      await clock.advance(1_000)
      await refuse()
      await clock.advance(60_000)
    }
    await exhaust()
    expect(transport.sockets).toHaveLength(2)
    ws.reconnect()
    expect([ws.readyState, ws.retryCount, ws.shouldReconnect]).toEqual([0, 0, true])
    await exhaust()
    expect(transport.sockets).toHaveLength(4)
    ws.reconnect()
    await accept()
    expect(ws.readyState).toBe(1)
  })

  test('after close() opens again, whether or not the closing handshake is complete', async () => {
    const { ws, transport, events, accept } = setupSocket()
    ;(await accept()).end({ code: 1000 })
    ws.close()
    ws.reconnect()
    const second = await accept()
    ws.close(3_000, 'bye')
    expect(ws.readyState).toBe(2)
    ws.reconnect()
    expect(ws.readyState).toBe(0)
    await accept()
    expect(transport.sockets.map(({ over }) => over)).toEqual([true, true, false])
    expect(second.actions.slice(-2)).toMatchObject([{ type: 'close', code: 3_000, reason: 'bye' }, { type: 'abandon' }])
    expect(events).toEqual(['open', 'close 1000, goes on', 'open', 'close 3000, goes on', 'open'])
  })

  test('ends a wait and resets the retries', async () => {
    const { ws, clock, transport, refuse, dial } = setupSocket(everySecond)
    await refuse()
    await clock.advance(1_000)
    await refuse()
    expect(ws.retryCount).toBe(2)
    ws.reconnect()
    await dial()
    expect([transport.sockets.length, ws.retryCount, ws.readyState]).toEqual([3, 0, 0])
    await clock.advance(1_000)
    expect(transport.sockets).toHaveLength(3)
  })

  test('on an open socket closes it with the code and reason, and dials at once', async () => {
    const { ws, transport, events, closes, accept, dial } = setupSocket()
    const first = await accept()
    ws.reconnect(3_001, 'new token')
    expect([ws.readyState, first.over]).toEqual([0, true])
    expect(first.actions).toContainEqual({ type: 'close', code: 3_001, reason: 'new token' })
    await dial()
    expect(transport.sockets).toHaveLength(2)
    await accept()
    expect(events).toEqual(['open', 'close 3001, goes on', 'open'])
    expect(closes[0]).toMatchObject({ reason: 'new token', retryDelay: 0 })
  })

  test('sends code 1000 by default', async () => {
    const { ws, accept } = setupSocket()
    const first = await accept()
    ws.reconnect()
    expect(first.actions).toContainEqual({ type: 'close', code: 1_000, reason: undefined })
  })

  test.each([
    [999, undefined, 'InvalidAccessError'],
    [1_001, undefined, 'InvalidAccessError'],
    [3_000, 'x'.repeat(124), 'SyntaxError'],
  ])('with (%s, …) throws like close() and changes nothing', async (code, reason, name) => {
    const { ws, transport, accept } = setupSocket()
    await accept()
    expect(() => ws.reconnect(code, reason)).toThrow(expect.objectContaining({ name }))
    await settle()
    expect([ws.readyState, transport.sockets.length]).toEqual([1, 1])
  })

  test('while connecting replaces the attempt, with an error and a close event for it', async () => {
    const { ws, transport, events, dial, accept } = setupSocket()
    const first = await dial()
    ws.reconnect()
    expect(ws.readyState).toBe(0)
    await accept()
    expect([first.over, transport.sockets.length, transport.alive]).toEqual([true, 2, 1])
    expect(events).toEqual(['error', 'close 1000, goes on', 'open'])
  })

  test('called many times in a tick dials once', async () => {
    const { ws, transport, accept, events } = setupSocket()
    await accept()
    for (let count = 0; count < 20; count++) ws.reconnect()
    await accept()
    expect([transport.sockets.length, transport.alive]).toEqual([2, 1])
    expect(events.at(-1)).toBe('open')
  })

  test.each(['open', 'message', 'close', 'error'] as const)(
    'inside a listener of %s dials one socket',
    async (type) => {
      const { ws, clock, transport, dial, events } = setupSocket(everySecond)
      ws.addEventListener(type, () => ws.reconnect(), { once: true })
      const socket = await dial()
      if (type === 'error') socket.refuse()
      else socket.accept()
      socket.message('hello')
      socket.end({ code: 1001 })
      await settle()
      expect([transport.sockets.length, transport.alive, ws.readyState]).toEqual([2, 1, 0])
      transport.last.accept()
      await clock.advance(5_000)
      transport.last.message('again')
      expect(ws.readyState).toBe(1)
      expect(events.filter((each) => each.startsWith('close'))).toHaveLength(1)
      expect(events.at(-1)).toBe('message again')
    },
  )

  test('inside shouldReconnectOnClose overrides its return value', async () => {
    const { ws, clock, transport, accept, events } = setupSocket({
      ...everySecond,
      shouldReconnectOnClose: () => {
        ws.reconnect()
        return false
      },
    })
    ;(await accept()).end({ code: 1001 })
    await clock.advance(5_000)
    expect([transport.sockets.length, transport.alive, ws.readyState]).toEqual([2, 1, 0])
    expect(events).toEqual(['open', 'close 1001, goes on'])
  })

  test('starts a socket created closed', async () => {
    const { ws, clock, transport, accept, events } = setupSocket({ startClosed: true })
    await clock.advance(60_000)
    expect([ws.readyState, transport.sockets.length, ws.shouldReconnect]).toEqual([3, 0, false])
    ws.reconnect()
    await accept()
    expect([ws.readyState, ws.shouldReconnect]).toEqual([1, true])
    expect(events).toEqual(['open'])
  })
})
