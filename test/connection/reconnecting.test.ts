import { describe, expect, test } from 'vitest'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { settle } from '../../src/tools/testing/clock.js'
import { setup } from '../support/setup.js'

describe('after a loss', () => {
  test('it waits, dials again and reports both', async () => {
    const { connection, clock, transport, accept, of } = setup()
    const socket = await accept()
    socket.end({ code: 1012, reason: 'restart' })
    expect(connection.status).toMatchObject({
      state: 'backoff',
      why: 'closed',
      attempt: 2,
      delay: 750,
      retryAt: clock.wall() + 750,
      willRetry: true,
    })
    expect(of('close')).toMatchObject([{ code: 1012, reason: 'restart', wasClean: true, willRetry: true, delay: 750 }])
    expect(of('backoff')).toMatchObject([{ attempt: 2, delay: 750, hinted: false, close: { code: 1012 } }])
    await clock.advance(749)
    expect(transport.sockets).toHaveLength(1)
    await clock.advance(1)
    expect(transport.sockets).toHaveLength(2)
    await accept()
    expect(connection.state).toBe('open')
  })

  test('failures are reset after stableAfter, never by opening alone (C09)', async () => {
    const { clock, transport, accept, of, connection } = setup({ backoff: ({ attempt }) => attempt * 1_000 })
    for (const delay of [1_000, 2_000, 3_000]) {
      const socket = await accept()
      await clock.advance(9_999)
      socket.end()
      expect(of('backoff').at(-1)).toMatchObject({ delay })
      await clock.advance(delay)
    }
    await accept()
    await clock.advance(10_000)
    expect(connection.status).toMatchObject({ state: 'open', stable: true, attempt: 1 })
    transport.last.end()
    expect(of('backoff').at(-1)).toMatchObject({ delay: 1_000, attempt: 2 })
  })

  test('with stableAfter: Infinity only markHealthy() resets failures', async () => {
    const { connection, clock, transport, accept } = setup({ stableAfter: Infinity, backoff: fixedBackoff(100) })
    await settle()
    transport.last.refuse()
    await clock.advance(100)
    const socket = await accept()
    for (let minute = 0; minute < 60; minute++) {
      await clock.advance(5_000)
      socket.message('alive')
    }
    expect(connection.status).toMatchObject({ state: 'open', stable: false, attempt: 2 })
    connection.markHealthy()
    expect(connection.status).toMatchObject({ stable: true, attempt: 1 })
  })

  test('markHealthy() resets failures at once', async () => {
    const { connection, clock, transport, accept } = setup()
    await settle()
    transport.last.refuse()
    await clock.advance(750)
    await accept()
    expect(connection.status.attempt).toBe(2)
    connection.markHealthy()
    expect(connection.status).toMatchObject({ attempt: 1, stable: true })
  })

  test('every step of the default backoff is floor plus jitter up to the cap', async () => {
    const { clock, transport, of } = setup()
    await settle()
    for (let loss = 0; loss < 8; loss++) {
      transport.last.refuse()
      await clock.advance(of('backoff').at(-1)!.delay)
    }
    expect(of('backoff').map(({ delay }) => delay)).toEqual([750, 1_250, 2_250, 4_250, 8_250, 15_250, 15_250, 15_250])
  })

  test.each([1002, 1003, 1007, 1009, 1010])('close code %i ends the connection (C02, P01)', async (code) => {
    const { connection, clock, accept, of } = setup()
    const socket = await accept()
    socket.end({ code })
    expect(connection.status).toMatchObject({ state: 'ended', why: 'refused', loss: { close: { code } } })
    expect(of('close')).toMatchObject([{ code, willRetry: false }])
    expect(of('backoff')).toEqual([])
    expect(clock.pending).toBe(0)
  })

  test.each([1000, 1001, 1005, 1006, 1011, 1012, 1014, 3000, 4000, 4999])(
    'close code %i from the server leads to another attempt (C02)',
    async (code) => {
      const { connection, accept } = setup()
      const socket = await accept()
      socket.end({ code })
      expect(connection.state).toBe('backoff')
    },
  )

  test('1008 ends the connection at the third rapid loss', async () => {
    const { connection, clock, accept } = setup({ backoff: fixedBackoff(100) })
    for (const state of ['backoff', 'backoff', 'ended']) {
      const socket = await accept()
      socket.end({ code: 1008 })
      expect(connection.state).toBe(state)
      await clock.advance(100)
    }
  })

  test('1013 waits at least two seconds, and no environment hint shortens the wait (S03)', async () => {
    const { connection, clock, environment, transport, accept } = setup({ backoff: fixedBackoff(100), random: () => 0 })
    const socket = await accept()
    socket.end({ code: 1013 })
    expect(connection.status).toMatchObject({ state: 'backoff', delay: 2_000, hinted: true })
    environment.emit('online')
    await clock.advance(1_999)
    expect(transport.sockets).toHaveLength(1)
    await clock.advance(1)
    expect(transport.sockets).toHaveLength(2)
  })
})

describe('a refused upgrade', () => {
  test.each([401, 403])(
    'with %i is retried once with a fresh provider call, then ends the connection (H03)',
    async (status) => {
      const asked: number[] = []
      const url = ({ attempt }: { attempt: number }): string => (asked.push(attempt), 'ws://server.test/')
      const { connection, clock, transport } = setup({ url, backoff: fixedBackoff(100) })
      await settle()
      transport.last.refuse({ status })
      expect(connection.state).toBe('backoff')
      await clock.advance(100)
      transport.last.refuse({ status })
      expect(connection.status).toMatchObject({ state: 'ended', why: 'refused', loss: { status, attempt: 2 } })
      expect(asked).toEqual([1, 2])
    },
  )

  test('with 404 is retried slowly and ends the connection at the third in a row (H04)', async () => {
    const { connection, clock, transport } = setup({ backoff: fixedBackoff(100), random: () => 0 })
    await settle()
    for (const delay of [2_000, 15_000]) {
      transport.last.refuse({ status: 404 })
      expect(connection.status).toMatchObject({ state: 'backoff', delay })
      await clock.advance(delay)
    }
    transport.last.refuse({ status: 404 })
    expect(connection.status).toMatchObject({ state: 'ended', why: 'refused', loss: { status: 404, attempt: 3 } })
  })

  test('with 404 starts a new count after a different response', async () => {
    const { connection, clock, transport } = setup({ backoff: fixedBackoff(100), random: () => 0 })
    await settle()
    for (const status of [404, 404, 503, 404, 404]) {
      transport.last.refuse({ status })
      expect(connection.state).toBe('backoff')
      await clock.advance(60_000)
    }
  })

  test.each([410, 426])('with %i ends the connection (H04)', async (status) => {
    const { connection, transport, of } = setup()
    await settle()
    transport.last.refuse({ status })
    expect(connection.state).toBe('ended')
    expect(of('close')).toMatchObject([{ status, error: { code: 'ERR_HANDSHAKE', status } }])
  })

  test.each([429, 503])('with %i and Retry-After waits that long plus the backoff (H05)', async (status) => {
    const { connection, transport } = setup({ backoff: fixedBackoff(100) })
    await settle()
    transport.last.refuse({ status, retryAfter: 7_000 })
    expect(connection.status).toMatchObject({ state: 'backoff', delay: 7_100, hinted: true })
  })

  test('with a hint in the close reason waits accordingly, up to five minutes', async () => {
    const { connection, clock, accept } = setup({ backoff: fixedBackoff(100) })
    const first = await accept()
    first.end({ code: 1012, reason: 'retry-after=4' })
    expect(connection.status).toMatchObject({ delay: 4_100, hinted: true })
    await clock.advance(4_100)
    const second = await accept()
    second.end({ code: 1012, reason: 'retry-after=4000' })
    expect(connection.status).toMatchObject({ delay: 300_100, hinted: true })
  })

  test('for a permanent cause is not retried', async () => {
    const { connection, transport } = setup()
    await settle()
    transport.last.refuse({ fatal: true })
    expect(connection.state).toBe('ended')
  })
})

describe('retry', () => {
  test('receives the known facts of the loss and decides', async () => {
    const heard: unknown[] = []
    const { connection, accept } = setup({
      retry: (loss) => {
        heard.push(loss)
        return loss.close.code !== 4401
      },
    })
    const socket = await accept()
    socket.end({ code: 4401, reason: 'token' })
    expect(heard).toEqual([
      {
        close: { code: 4401, reason: 'token', wasClean: true },
        error: undefined,
        status: undefined,
        attempt: 1,
        byDefault: true,
      },
    ])
    expect(connection.status).toMatchObject({ state: 'ended', why: 'refused' })
  })

  test('can continue where the default would stop, and undefined keeps the default', async () => {
    const { connection, accept } = setup({ retry: ({ close }) => (close.code === 1009 ? true : undefined) })
    const first = await accept()
    first.end({ code: 1009 })
    expect(connection.state).toBe('backoff')
    connection.reconnect()
    const second = await accept()
    second.end({ code: 1007 })
    expect(connection.state).toBe('ended')
  })
})

test('a policy that returns a promise is reported, the default applies, and the rejection is handled', async () => {
  const { connection, accept, of } = setup({
    retry: (() => Promise.reject(new Error('async retry'))) as never,
    backoff: (() => Promise.reject(new Error('async backoff'))) as never,
  })
  const socket = await accept()
  socket.end()
  await settle()
  expect(connection.status).toMatchObject({ state: 'backoff', delay: 750 })
  expect(of('error').map(({ code }) => code)).toEqual(['ERR_POLICY', 'ERR_POLICY'])
})

describe('reconnect()', () => {
  test('drops the open socket with 4000 and dials at once', async () => {
    const { connection, transport, accept, of } = setup()
    const first = await accept()
    connection.reconnect()
    expect(first.actions.at(-1)).toEqual({ type: 'abandon', code: 4000, reason: '' })
    await settle()
    expect(transport.sockets).toHaveLength(2)
    expect(of('close')).toMatchObject([{ code: 4000, wasClean: false, willRetry: true, delay: 0 }])
    expect(connection.status).toMatchObject({ state: 'connecting', why: 'reconnect' })
  })

  test('sends the given code and reason', async () => {
    const { connection, accept } = setup()
    const first = await accept()
    connection.reconnect(4123, 'rotate')
    expect(first.actions.at(-1)).toEqual({ type: 'abandon', code: 4123, reason: 'rotate' })
  })

  test('during backoff dials at once, even if the server requested a wait', async () => {
    const { connection, transport } = setup()
    await settle()
    transport.last.refuse({ status: 503, retryAfter: 100_000 })
    connection.reconnect()
    await settle()
    expect(transport.sockets).toHaveLength(2)
  })

  test('called twenty times in a row leaves one socket (C11)', async () => {
    const { connection, clock, transport } = setup()
    for (let call = 0; call < 20; call++) {
      connection.reconnect()
      await clock.advance(5)
    }
    expect(transport.alive).toBe(1)
  })

  test('works after the end', async () => {
    const { connection, accept } = setup({ retry: () => false })
    const first = await accept()
    first.end()
    expect(connection.state).toBe('ended')
    connection.reconnect()
    await accept()
    expect(connection.status).toMatchObject({ state: 'open', attempt: 1 })
  })
})

describe('the connect deadline', () => {
  test('covers provider, handshake and prepare, and grows with the failures (H01, H02, H12)', async () => {
    const { connection, clock, transport, of } = setup({ backoff: fixedBackoff(1_000) })
    const lasted: number[] = []
    for (let attempt = 0; attempt < 8; attempt++) {
      await settle()
      const started = clock.now()
      while (connection.state === 'connecting') await clock.advance(500)
      lasted.push(clock.now() - started)
      await clock.advance(1_000)
    }
    expect(lasted).toEqual([10_000, 10_000, 10_000, 10_000, 16_000, 30_000, 30_000, 30_000])
    expect(of('close')[0]).toMatchObject({ code: 1006, error: { code: 'ERR_CONNECT_TIMEOUT' } })
    expect(transport.alive).toBe(1)
  })

  test('is not extended by a server that sends its handshake byte by byte (H02)', async () => {
    const { connection, clock, transport } = setup({ connectTimeout: 2_000 })
    await settle()
    await clock.advance(2_000)
    expect(connection.state).toBe('backoff')
    expect(transport.last.count('abandon')).toBe(1)
  })
})

describe('late events of an abandoned socket', () => {
  test('change nothing and reach no listener (N07, C08)', async () => {
    const { connection, clock, transport, accept, of } = setup()
    const old = await accept()
    connection.reconnect()
    await accept()
    const before = connection.status
    old.lateSink.message('late')
    old.lateSink.alive('pong')
    old.lateSink.failed({ error: new Error('late') })
    old.lateSink.closed({ code: 1006, reason: '', wasClean: false })
    old.lateSink.opened({ protocol: 'late', extensions: '' })
    await clock.advance(0)
    expect(connection.status).toBe(before)
    expect(of('message')).toEqual([])
    expect(connection.protocol).toBe('')
    expect(transport.sockets).toHaveLength(2)
  })
})

describe('the environment', () => {
  test.each(['online', 'visible', 'woke', 'resume'] as const)(
    'shortens a wait once on %s and resets no failures (N14)',
    async (signal) => {
      const { connection, clock, environment, transport } = setup({ backoff: fixedBackoff(20_000) })
      await settle()
      transport.last.refuse()
      environment.emit(signal)
      expect(connection.status).toMatchObject({ state: 'backoff', delay: 500, attempt: 2 })
      await clock.advance(400)
      environment.emit(signal)
      await clock.advance(100)
      expect(transport.sockets).toHaveLength(2)
    },
  )

  test('never lengthens a wait by a hint', async () => {
    const { connection, clock, environment, transport } = setup({ backoff: fixedBackoff(10) })
    await settle()
    transport.last.refuse()
    environment.emit('visible')
    await clock.advance(10)
    expect(transport.sockets).toHaveLength(2)
    expect(connection.state).toBe('connecting')
  })

  test('does not mistake the throttled timers of a hidden page for sleep (T02)', async () => {
    const { clock, environment, transport } = setup({ backoff: fixedBackoff(600_000) })
    await settle()
    environment.emit('hidden')
    transport.last.refuse()
    for (let minute = 0; minute < 9; minute++) {
      clock.block(60_000)
      await clock.advance(0)
    }
    expect(transport.sockets).toHaveLength(1)
    environment.emit('visible')
    await clock.advance(1_000)
    expect(transport.sockets).toHaveLength(2)
  })

  test('suspends the connection when offline; it resumes when online or after a minute, since `offline` is unreliable (N12, N13)', async () => {
    const { connection, clock, environment, transport } = setup({ backoff: fixedBackoff(20_000) })
    await settle()
    transport.last.refuse()
    environment.emit('offline')
    expect(connection.status).toMatchObject({ state: 'suspended', why: 'offline', delay: 60_000 })
    await clock.advance(59_999)
    expect(transport.sockets).toHaveLength(1)
    await clock.advance(1)
    expect(transport.sockets).toHaveLength(2)
    transport.last.refuse()
    environment.emit('offline')
    environment.emit('online')
    expect(connection.status).toMatchObject({ state: 'backoff', delay: 500 })
    await clock.advance(500)
    expect(transport.sockets).toHaveLength(3)
  })

  test('does not shorten a wait requested by the server by going offline and online', async () => {
    const { clock, environment, transport } = setup()
    await settle()
    transport.last.refuse({ status: 503, retryAfter: 90_000 })
    await clock.advance(1_000)
    environment.emit('offline')
    environment.emit('online')
    await clock.advance(89_499)
    expect(transport.sockets).toHaveLength(1)
    await clock.advance(1)
    expect(transport.sockets).toHaveLength(2)
  })

  test('preserves a wait requested by the server if the wall clock jumps during a longer backoff (H05, T06)', async () => {
    const { clock, environment, transport } = setup({ backoff: fixedBackoff(4_000) })
    await settle()
    transport.last.refuse({ status: 503, retryAfter: 3_000 })
    clock.sleep(3_600_000)
    environment.emit('online')
    await clock.advance(3_499)
    expect(transport.sockets).toHaveLength(1)
    await clock.advance(1)
    expect(transport.sockets).toHaveLength(2)
  })

  test('restarts an attempt dialed offline when the network returns, with one socket (N14)', async () => {
    const { connection, environment, transport } = setup({ autoOpen: false })
    environment.isOnline = false
    connection.open()
    await settle()
    environment.emit('online')
    await settle()
    expect(transport.sockets).toHaveLength(2)
    expect(transport.alive).toBe(1)
    environment.emit('online')
    await settle()
    expect(transport.sockets).toHaveLength(2)
  })

  test('leaves a page in the back/forward cache without a socket and dials when the page returns (T04)', async () => {
    const { connection, clock, environment, transport, accept, of } = setup()
    await accept()
    environment.emit('bfcached')
    expect(connection.status).toMatchObject({ state: 'suspended', why: 'bfcached' })
    expect(transport.alive).toBe(0)
    expect(of('close')).toMatchObject([{ willRetry: true }])
    environment.emit('restored')
    await clock.advance(500)
    expect(transport.sockets).toHaveLength(2)
  })

  test.each(['hidden', 'freeze'] as const)('changes nothing on %s', async (signal) => {
    const { connection, environment, accept } = setup()
    await accept()
    const before = connection.status
    environment.emit(signal)
    expect(connection.status).toBe(before)
  })

  test('is not observed before the first open and after the end', async () => {
    const { connection, environment, accept } = setup({ autoOpen: false })
    expect(environment.listeners.size).toBe(0)
    connection.open()
    expect(environment.listeners.size).toBe(1)
    const socket = await accept()
    void connection.close()
    socket.end({ code: 1000 })
    expect(environment.listeners.size).toBe(0)
  })
})
