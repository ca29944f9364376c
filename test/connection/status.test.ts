import { describe, expect, test } from 'vitest'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { settle } from '../../src/tools/testing/clock.js'
import { setup } from '../support/setup.js'

describe('the status', () => {
  test('shows in each state what the socket is and whether another attempt follows', async () => {
    const { connection, environment, transport, accept, of } = setup({ autoOpen: false, backoff: fixedBackoff(1_000) })
    expect(connection.status).toMatchObject({ state: 'idle', readyState: 3, willRetry: false })
    connection.open()
    const socket = await accept()
    socket.end()
    environment.emit('offline')
    connection.reconnect()
    await accept()
    void connection.close()
    connection.reconnect()
    await settle()
    void connection.close()
    transport.last.end({ code: 1000 })
    const seen = of('state').map(({ state, readyState, willRetry }) => [state, readyState, willRetry])
    expect(new Set(seen.map((each) => JSON.stringify(each)))).toEqual(
      new Set(
        [
          ['connecting', 0, true],
          ['open', 1, true],
          ['backoff', 3, true],
          ['suspended', 3, true],
          ['closing', 2, false],
          ['ended', 3, false],
        ].map((each) => JSON.stringify(each)),
      ),
    )
  })

  test('is the same object, without an event, while only the heartbeat changes', async () => {
    const { connection, clock, accept, of } = setup({ stableAfter: 1 })
    const socket = await accept()
    await clock.advance(1)
    const before = connection.status
    const events = of('state').length
    await clock.advance(10_000)
    expect(socket.count('ping')).toBe(1)
    socket.pong()
    expect(connection.status).toBe(before)
    expect(of('state')).toHaveLength(events)
  })

  test('is the same object if a hint leaves the wait unchanged', async () => {
    const { connection, environment, transport } = setup({ backoff: fixedBackoff(10) })
    await settle()
    transport.last.refuse()
    const before = connection.status
    environment.emit('visible')
    expect(connection.status).toBe(before)
  })

  test('reports a later end of the wait if the page enters the back/forward cache again', async () => {
    const { connection, clock, environment, accept, of } = setup()
    await accept()
    environment.emit('bfcached')
    const first = connection.status
    await clock.advance(10_000)
    environment.emit('hidden')
    expect(connection.status).toBe(first)
    environment.emit('bfcached')
    expect(connection.status).toEqual({ ...first, retryAt: first.retryAt! + 10_000 })
    expect(of('state').at(-1)).toBe(connection.status)
  })

  test('keeps the last loss through later attempts and clears it when the app opens the connection again', async () => {
    const { connection, clock, accept } = setup({ backoff: fixedBackoff(100), retry: ({ attempt }) => attempt < 2 })
    const first = await accept()
    first.end({ code: 1012 })
    await clock.advance(100)
    expect(connection.status).toMatchObject({ state: 'connecting', loss: { close: { code: 1012 } } })
    const second = await accept()
    expect(connection.status).toMatchObject({ state: 'open', loss: { close: { code: 1012 } } })
    second.end({ code: 1013 })
    expect(connection.status).toMatchObject({ state: 'ended', loss: { close: { code: 1013 } } })
    connection.reconnect()
    expect(connection.status).toMatchObject({ state: 'connecting', attempt: 1, loss: { close: { code: 1013 } } })
    void connection.close()
    await settle()
    connection.open()
    expect(connection.status).toMatchObject({ state: 'connecting', loss: undefined })
  })

  test('has no loss after an end requested by the app', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    void connection.close()
    socket.end({ code: 1000 })
    expect(connection.status).toMatchObject({ state: 'ended', loss: undefined })
  })
})

describe('the uncertain count', () => {
  const one = { messages: 1, bytes: 4 }
  const none = { messages: 0, bytes: 0 }

  test('is zero if the server acknowledged the close frame, and counts every message if not', async () => {
    for (const [code, uncertain] of [
      [1000, none],
      [1006, one],
    ] as const) {
      const { connection, accept, of } = setup()
      const socket = await accept()
      connection.send('lost')
      void connection.close()
      socket.end({ code })
      expect(of('close')).toMatchObject([{ code, uncertain }])
    }
  })

  test('is counted when the server closes, even cleanly, and not again for the next socket', async () => {
    const { connection, clock, accept, of } = setup({ backoff: fixedBackoff(100) })
    const first = await accept()
    connection.send('lost')
    first.end({ code: 1001 })
    await clock.advance(100)
    const second = await accept()
    second.end({ code: 1001 })
    expect(of('close')).toMatchObject([
      { wasClean: true, uncertain: one },
      { wasClean: true, uncertain: none },
    ])
  })
})

describe('a lost socket', () => {
  test('leaves no pending pong', async () => {
    const { clock, accept, of } = setup({ backoff: fixedBackoff(100) })
    const first = await accept()
    await clock.advance(10_000)
    expect(first.count('ping')).toBe(1)
    first.end()
    await clock.advance(100)
    const second = await accept()
    second.pong()
    expect(of('heartbeat')).toEqual([])
  })

  test('leaves no timer that polls its buffer', async () => {
    const { connection, clock, accept } = setup({ highWaterMark: 100, retry: () => false })
    const socket = await accept()
    socket.bufferedAmount = 100
    connection.send('waits')
    socket.end()
    expect(connection.state).toBe('ended')
    expect(clock.pending).toBe(0)
  })
})

test('drain fires once, when the queue is empty and the buffer is below the mark again', async () => {
  const { connection, clock, accept, of } = setup({
    highWaterMark: 100,
    fake: {
      onSocket: (socket) => {
        const send = socket.send.bind(socket)
        socket.send = (data) => {
          send(data)
          socket.bufferedAmount = 100
        }
      },
    },
  })
  const socket = await accept()
  connection.send('1')
  connection.send('2')
  socket.bufferedAmount = 0
  await clock.advance(20)
  expect(socket.sent).toEqual(['1', '2'])
  await clock.advance(1_000)
  expect(of('drain')).toEqual([])
  socket.bufferedAmount = 0
  await clock.advance(1_000)
  expect(of('drain')).toHaveLength(1)
})

test('a listener of open that closes still sends the queued messages', async () => {
  const { connection, transport } = setup()
  connection.send('queued')
  connection.on('state', ({ state }) => state === 'open' && void connection.close(1000, 'enough'))
  await settle()
  transport.last.accept()
  expect(transport.last.actions).toEqual([
    { type: 'send', data: 'queued' },
    { type: 'close', code: 1000, reason: 'enough' },
  ])
})

test('a page that enters the back/forward cache during a wait is suspended for a minute, not for the rest of the wait', async () => {
  const { connection, environment, transport } = setup({ backoff: fixedBackoff(20_000) })
  await settle()
  transport.last.refuse()
  environment.emit('bfcached')
  expect(connection.status).toMatchObject({ state: 'suspended', delay: 60_000 })
})

describe('a failing function of the app is reported with its code and cause', () => {
  const fault = new Error('fault')
  const throwing = (): never => {
    throw fault
  }

  test.each([1, -0.1, NaN, 2])('for random that returns %d', async (number) => {
    const { connection, transport, of } = setup({ random: () => number })
    await settle()
    transport.last.refuse()
    expect(of('error')).toMatchObject([{ code: 'ERR_ENVIRONMENT', cause: { name: 'RangeError' } }])
    const { status } = connection
    expect(status.state === 'backoff' && status.delay >= 250 && status.delay < 1_250).toBe(true)
  })

  test('for random, the environment and a ping that throw', async () => {
    const { clock, environment, transport, accept, of } = setup({
      random: throwing,
      autoOpen: true,
      heartbeat: { interval: 20_000, timeout: 10_000, when: 'idle', proof: 'any', ping: throwing },
    })
    environment.online = throwing
    const socket = await accept()
    await clock.advance(10_000)
    socket.end()
    await settle()
    expect(of('error').map(({ code, cause }) => [code, cause])).toEqual([
      ['ERR_POLICY', fault],
      ['ERR_ENVIRONMENT', fault],
    ])
    await clock.advance(2_000)
    expect(transport.sockets).toHaveLength(2)
    expect(of('error').map(({ code, cause }) => [code, cause])).toContainEqual(['ERR_ENVIRONMENT', fault])
  })

  test('for an environment that throws', async () => {
    const { connection, environment, accept, of } = setup({ autoOpen: false })
    environment.online = throwing
    connection.open()
    await accept()
    expect(of('error').map(({ code, cause }) => [code, cause])).toEqual([['ERR_ENVIRONMENT', fault]])
    expect(connection.state).toBe('open')
  })

  test('for a clock that throws', async () => {
    const { connection, clock, accept, of } = setup()
    await accept()
    clock.now = throwing
    connection.reconnect()
    await settle()
    const errors = of('error')
    expect(errors.length).toBeGreaterThan(0)
    for (const { code, cause } of errors) expect([code, cause]).toEqual(['ERR_ENVIRONMENT', fault])
  })
})
