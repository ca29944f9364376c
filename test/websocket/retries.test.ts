import { describe, expect, test } from 'vitest'
import { everySecond, setupSocket } from './support/setup-socket.js'

describe('maxRetries', () => {
  test.each([0, 1, 2, 5])('%i allows exactly that many attempts after the first', async (maxRetries) => {
    const { ws, clock, transport, events, refuse } = setupSocket({ ...everySecond, maxRetries })
    for (let attempt = 0; attempt <= maxRetries; attempt++) {
      await refuse()
      await clock.advance(1_000)
    }
    await clock.advance(3_600_000)
    expect(transport.sockets).toHaveLength(maxRetries + 1)
    expect(events.filter((each) => each.startsWith('close'))).toEqual([
      ...Array.from({ length: maxRetries }, () => 'close 1006, goes on'),
      'close 1006',
    ])
    expect([ws.readyState, ws.retryCount, ws.shouldReconnect]).toEqual([ws.CLOSED, maxRetries, false])
    expect(clock.pending).toBe(0)
  })

  test('counts from the last stable link, including the loss of that link', async () => {
    const { clock, transport, accept, refuse } = setupSocket({ ...everySecond, maxRetries: 1, minUptime: 5_000 })
    await refuse()
    await clock.advance(1_000)
    const socket = await accept()
    await clock.advance(5_000)
    socket.end()
    await clock.advance(1_000)
    await refuse()
    await clock.advance(3_600_000)
    expect(transport.sockets).toHaveLength(3)
  })

  test('of 0 ends with the first link, however long it lasted', async () => {
    const { ws, clock, transport, closes, accept } = setupSocket({ maxRetries: 0 })
    const socket = await accept()
    await clock.advance(3_600_000)
    socket.pong()
    socket.end({ code: 1001 })
    await clock.advance(3_600_000)
    expect([transport.sockets.length, ws.readyState, ws.retryCount]).toEqual([1, 3, 0])
    expect(closes.at(-1)).toMatchObject({ willReconnect: false, retryDelay: undefined })
  })

  test('of Infinity never ends', async () => {
    const { ws, clock, transport, refuse } = setupSocket(everySecond)
    for (let attempt = 0; attempt < 100; attempt++) {
      await refuse()
      await clock.advance(1_000)
    }
    expect([transport.sockets.length, ws.retryCount, ws.shouldReconnect]).toEqual([101, 100, true])
  })
})

describe('retryCount', () => {
  test('counts the attempts after the first, including a pending one, and is up to date in listeners', async () => {
    const { ws, clock, accept, refuse } = setupSocket({ ...everySecond, minUptime: 5_000 })
    const inClose: number[] = []
    ws.addEventListener('close', () => void inClose.push(ws.retryCount))
    expect(ws.retryCount).toBe(0)
    await refuse()
    await clock.advance(1_000)
    await refuse()
    await clock.advance(1_000)
    await accept()
    expect(inClose).toEqual([1, 2])
    expect(ws.retryCount).toBe(2)
    await clock.advance(4_999)
    expect(ws.retryCount).toBe(2)
    await clock.advance(1)
    expect(ws.retryCount).toBe(0)
  })

  test('continues if a link did not last minUptime', async () => {
    const { ws, clock, transport, accept } = setupSocket({ ...everySecond, maxRetries: 2, minUptime: 5_000 })
    for (let link = 0; link < 3; link++) {
      const socket = await accept()
      await clock.advance(4_999)
      socket.end()
      await clock.advance(1_000)
    }
    await clock.advance(3_600_000)
    expect([transport.sockets.length, ws.retryCount, ws.readyState]).toEqual([3, 2, 3])
  })

  test('never resets with a minUptime of Infinity, and at once with 0', async () => {
    for (const [minUptime, expected] of [
      [Infinity, 1],
      [0, 0],
    ] as const) {
      const { ws, clock, accept, refuse } = setupSocket({ ...everySecond, minUptime })
      await refuse()
      await clock.advance(1_000)
      const socket = await accept()
      for (let hour = 0; hour < 24; hour++) {
        socket.pong()
        await clock.advance(10_000)
      }
      expect([ws.readyState, ws.retryCount]).toEqual([1, expected])
    }
  })
})

describe('connectionTimeout', () => {
  test('causes one error and one close, then a retry', async () => {
    const { ws, clock, transport, events, errors, dial, accept } = setupSocket({
      ...everySecond,
      connectionTimeout: 4_000,
    })
    const first = await dial()
    await clock.advance(3_999)
    expect([events, ws.readyState]).toEqual([[], 0])
    await clock.advance(1)
    expect(events).toEqual(['error ERR_CONNECT_TIMEOUT', 'close 1006, goes on'])
    expect(errors[0]!.message).toBe(errors[0]!.error!.message)
    expect(first.over).toBe(true)
    await clock.advance(1_000)
    expect(transport.sockets).toHaveLength(2)
    await accept()
    await clock.advance(10_000)
    expect(events).toEqual(['error ERR_CONNECT_TIMEOUT', 'close 1006, goes on', 'open'])
  })

  test('causes no late event after an immediate failure', async () => {
    const { clock, events, refuse, accept } = setupSocket({ ...everySecond, connectionTimeout: 4_000 })
    await refuse()
    await clock.advance(1_000)
    await accept()
    await clock.advance(8_000)
    expect(events).toEqual(['error ERR_SOCKET', 'close 1006, goes on', 'open'])
  })

  test('includes the URL provider', async () => {
    const { clock, events } = setupSocket({
      ...everySecond,
      connectionTimeout: 4_000,
      url: () => new Promise(() => {}),
    })
    await clock.advance(4_000)
    expect(events).toEqual(['error ERR_CONNECT_TIMEOUT', 'close 1006, goes on'])
  })

  test('defaults to that of a connection', async () => {
    const { clock, events, dial } = setupSocket()
    await dial()
    await clock.advance(9_999)
    expect(events).toEqual([])
    await clock.advance(1)
    expect(events).toEqual(['error ERR_CONNECT_TIMEOUT', 'close 1006, goes on'])
  })
})

describe('the retry decision', () => {
  test('is made before listeners run, and the close event reports it', async () => {
    const { ws, closes, accept } = setupSocket(everySecond)
    const seen: unknown[] = []
    ws.addEventListener('close', ({ willReconnect, retryDelay }) => {
      seen.push(willReconnect, retryDelay, ws.shouldReconnect, ws.readyState)
    })
    ;(await accept()).end()
    expect(seen).toEqual([true, 1_000, true, 3])
    expect(closes).toHaveLength(1)
  })

  test('is made by shouldReconnectOnClose, called once per loss with code, reason and wasClean', async () => {
    const asked: unknown[] = []
    const { ws, clock, transport, events, accept } = setupSocket({
      ...everySecond,
      shouldReconnectOnClose: (close) => {
        asked.push(close)
        return close.code !== 4_001
      },
    })
    ;(await accept()).end({ code: 1002, reason: 'no' })
    await clock.advance(1_000)
    ;(await accept()).end({ code: 4_001, reason: 'out' })
    await clock.advance(60_000)
    expect(asked).toEqual([
      { code: 1002, reason: 'no', wasClean: true },
      { code: 4_001, reason: 'out', wasClean: true },
    ])
    expect(events).toEqual(['open', 'close 1002, goes on', 'open', 'close 4001'])
    expect([transport.sockets.length, ws.shouldReconnect]).toEqual([2, false])
    ws.reconnect()
    await accept()
    expect(ws.readyState).toBe(1)
  })

  test('is not made when the app closes or maxRetries is used up', async () => {
    let asked = 0
    const { ws, accept } = setupSocket({ maxRetries: 0, shouldReconnectOnClose: () => Boolean(++asked) })
    ;(await accept()).end()
    ws.reconnect()
    const second = await accept()
    ws.close()
    second.end({ code: 1000 })
    expect([asked, ws.readyState]).toEqual([0, 3])
  })

  test('falls back to the default if shouldReconnectOnClose throws or returns a promise, and that is reported', async () => {
    for (const shouldReconnectOnClose of [
      () => {
        throw new Error('oh')
      },
      () => Promise.reject(new Error('oh')),
    ]) {
      const { ws, clock, transport, events, accept } = setupSocket({ ...everySecond, shouldReconnectOnClose })
      const reported: string[] = []
      ws.connection.on('error', ({ code }) => void reported.push(code))
      ;(await accept()).end({ code: 1001 })
      await clock.advance(1_000)
      ;(await accept()).end({ code: 1002 })
      await clock.advance(60_000)
      expect(events).toEqual(['open', 'close 1001, goes on', 'open', 'close 1002'])
      expect(reported).toEqual(['ERR_POLICY', 'ERR_POLICY'])
      expect(transport.sockets).toHaveLength(2)
    }
  })

  test('defaults to stopping after permanent close codes', async () => {
    const { ws, accept, closes } = setupSocket()
    ;(await accept()).end({ code: 1003 })
    expect([closes[0]!.willReconnect, ws.readyState]).toEqual([false, 3])
  })
})

test('readyState is CONNECTING, CLOSED during backoff, CONNECTING, OPEN, CLOSING, CLOSED', async () => {
  const { ws, clock, refuse, accept } = setupSocket(everySecond)
  const seen = [ws.readyState]
  await refuse()
  seen.push(ws.readyState)
  await clock.advance(1_000)
  seen.push(ws.readyState)
  const socket = await accept()
  seen.push(ws.readyState)
  ws.close()
  seen.push(ws.readyState)
  socket.end({ code: 1000 })
  seen.push(ws.readyState)
  expect(seen).toEqual([0, 3, 0, 1, 2, 3])
})

test('listeners, handlers and binaryType survive reconnects', async () => {
  const { ws, clock, events, accept } = setupSocket(everySecond)
  let handled = 0
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- handlers are looked at, too
  ws.onmessage = () => void handled++
  ws.binaryType = 'arraybuffer'
  for (let link = 0; link < 3; link++) {
    const socket = await accept()
    expect(socket.binaryType).toBe('arraybuffer')
    socket.message(`${link}`)
    socket.end()
    await clock.advance(1_000)
  }
  expect([handled, ws.binaryType]).toEqual([3, 'arraybuffer'])
  expect(events.filter((each) => each.startsWith('message'))).toEqual(['message 0', 'message 1', 'message 2'])
})
