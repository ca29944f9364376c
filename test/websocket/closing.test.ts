import { describe, expect, test } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import { everySecond, setupSocket } from './support/setup-socket.js'

describe('close()', () => {
  test('on an open socket passes through CLOSING and fires one close, after the call', async () => {
    const { ws, events, closes, accept } = setupSocket()
    const socket = await accept()
    ws.close(3_000, 'bye')
    expect([ws.readyState, events, ws.shouldReconnect]).toEqual([2, ['open'], false])
    expect(socket.actions).toContainEqual({ type: 'close', code: 3_000, reason: 'bye' })
    socket.end({ code: 3_000, reason: 'bye' })
    expect([ws.readyState, events]).toEqual([3, ['open', 'close 3000']])
    expect(closes[0]).toMatchObject({ reason: 'bye', wasClean: true, willReconnect: false, retryDelay: undefined })
  })

  test('while CONNECTING passes through CLOSING, and fires error and close afterwards', async () => {
    const { ws, clock, transport, events, closes, dial } = setupSocket()
    const socket = await dial()
    ws.close()
    expect([ws.readyState, events]).toEqual([2, []])
    // In the order of a runtime.
    socket.end({ code: 1006 })
    expect([ws.readyState, events]).toEqual([3, ['error', 'close 1006']])
    expect(closes[0]).toMatchObject({ wasClean: false, willReconnect: false })
    await clock.advance(60_000)
    expect(transport.sockets).toHaveLength(1)
  })

  test('in the tick of the constructor dials nothing, and still fires error and close', async () => {
    const { ws, clock, transport, events } = setupSocket()
    ws.close()
    expect([ws.readyState, events]).toEqual([2, []])
    await clock.advance(60_000)
    expect([ws.readyState, events, transport.sockets.length]).toEqual([3, ['error', 'close 1006'], 0])
  })

  test('ends after closeTimeout if the closing handshake is unanswered', async () => {
    const { ws, clock, events, accept } = setupSocket({ closeTimeout: 500 })
    await accept()
    ws.close()
    await clock.advance(499)
    expect(ws.readyState).toBe(2)
    await clock.advance(1)
    expect([ws.readyState, events, clock.pending]).toEqual([3, ['open', 'close 1006'], 0])
  })

  test('during backoff ends the wait at once: it dials nothing and fires no event', async () => {
    const { ws, clock, transport, events, refuse } = setupSocket(everySecond)
    await refuse()
    ws.close()
    expect([ws.readyState, ws.shouldReconnect, clock.pending]).toEqual([3, false, 0])
    await clock.advance(60_000)
    expect([events, transport.sockets.length]).toEqual([['error ERR_SOCKET', 'close 1006, goes on'], 1])
  })

  test('before the start ends it and fires nothing', async () => {
    const { ws, clock, transport, events, accept } = setupSocket({ startClosed: true })
    ws.close()
    await clock.advance(60_000)
    expect([events, transport.sockets.length, ws.readyState]).toEqual([[], 0, 3])
    ws.reconnect()
    await accept()
    expect(events).toEqual(['open'])
  })

  test('keeps the code of the first call if called again', async () => {
    const { ws, events, accept } = setupSocket()
    const socket = await accept()
    ws.close(3_000)
    ws.close(3_001)
    socket.end({ code: 3_000 })
    ws.close(3_002)
    await settle()
    expect(socket.count('close')).toBe(1)
    expect([events, ws.readyState]).toEqual([['open', 'close 3000'], 3])
  })

  test.each(['open', 'message', 'error', 'close'] as const)(
    'inside a listener of %s stops the retries, with one close event',
    async (type) => {
      const { ws, clock, transport, events, dial } = setupSocket(everySecond)
      ws.addEventListener(type, () => {
        ws.close()
        ws.close()
      })
      const socket = await dial()
      if (type === 'error') socket.refuse()
      else socket.accept()
      socket.message('hello')
      socket.end({ code: 1001 })
      await clock.advance(60_000)
      expect([ws.readyState, ws.shouldReconnect, transport.sockets.length, clock.pending]).toEqual([3, false, 1, 0])
      expect(events.filter((each) => each.startsWith('close'))).toHaveLength(1)
      expect(events.filter((each) => each.startsWith('error'))).toHaveLength(type === 'error' ? 1 : 0)
    },
  )

  test('inside a handler behaves like inside a listener', async () => {
    const { ws, clock, transport, accept } = setupSocket(everySecond)
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is the handler that is looked at
    ws.onclose = () => ws.close()
    ;(await accept()).end()
    await clock.advance(60_000)
    expect([ws.readyState, transport.sockets.length]).toEqual([3, 1])
  })

  test('inside shouldReconnectOnClose overrides its return value', async () => {
    const { ws, clock, transport, events, accept } = setupSocket({
      ...everySecond,
      shouldReconnectOnClose: () => {
        ws.close()
        return true
      },
    })
    ;(await accept()).end({ code: 1001 })
    await clock.advance(60_000)
    expect([ws.readyState, transport.sockets.length, events]).toEqual([3, 1, ['open', 'close 1001']])
  })

  test('does nothing after the end or with an aborted signal', async () => {
    const controller = new AbortController()
    const { ws, transport, events, accept } = setupSocket({ signal: controller.signal })
    const socket = await accept()
    controller.abort()
    expect(ws.readyState).toBe(2)
    socket.end({ code: 1000 })
    ws.close()
    expect([ws.readyState, events]).toEqual([3, ['open', 'close 1000']])
    expect(() => ws.reconnect()).toThrow(expect.objectContaining({ code: 'ERR_ENDED' }))
    expect(transport.sockets).toHaveLength(1)
  })
})

describe('the close event', () => {
  test('fires once per socket, however it is lost, and states what follows', async () => {
    const { clock, closes, accept, refuse } = setupSocket({ ...everySecond, maxRetries: 1, minUptime: 5_000 })
    ;(await accept()).end({ code: 1012, reason: 'restart' })
    await clock.advance(1_000)
    const silent = await accept()
    await clock.advance(40_000)
    expect(silent.over).toBe(true)
    await refuse()
    expect(
      closes.map(({ code, reason, wasClean, willReconnect, retryDelay }) => [
        code,
        reason,
        wasClean,
        willReconnect,
        retryDelay,
      ]),
    ).toEqual([
      [1012, 'restart', true, true, 1_000],
      [4000, 'heartbeat timeout', false, true, 1_000],
      [1006, '', false, false, undefined],
    ])
  })

  test('is unaffected by late events of a socket that is closed', async () => {
    const { clock, events, accept } = setupSocket(everySecond)
    const first = await accept()
    first.end({ code: 1001 })
    first.lateSink.closed({ code: 1000, reason: '', wasClean: true })
    first.lateSink.message('late')
    await clock.advance(1_000)
    await accept()
    first.lateSink.closed({ code: 1000, reason: '', wasClean: true })
    expect(events).toEqual(['open', 'close 1001, goes on', 'open'])
  })
})

test('an error event carries its cause, as error and as message', async () => {
  const { errors, refuse, ws } = setupSocket(everySecond)
  await refuse()
  expect(errors[0]).toMatchObject({ type: 'error', error: { name: 'ConnectionError', code: 'ERR_SOCKET' } })
  expect(errors[0]!.message).toBe(errors[0]!.error!.message)
  ws.reconnect()
  ws.close()
  await settle()
  expect(errors).toHaveLength(2)
  expect(errors[1]!.error).toBeUndefined()
  expect(errors[1]!.message).toMatch(/closed before it was open/)
})

test('socket.connection reports what may be lost with a link', async () => {
  const { ws, accept } = setupSocket({ ...everySecond })
  const uncertain: unknown[] = []
  ws.connection.on('close', (close) => void uncertain.push(close.uncertain))
  const socket = await accept()
  ws.send('one')
  ws.send('two')
  socket.end({ code: 1006 })
  await settle()
  expect(uncertain).toEqual([{ messages: 2, bytes: 6 }])
})
