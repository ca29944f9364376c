import { describe, expect, test } from 'vitest'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { settle } from '../../src/tools/testing/clock.js'
import { setup } from '../support/setup.js'
import { watchEscapes } from './support/life.js'

describe('the url provider', () => {
  test('is called once per attempt, with the previous outcome (S04, S05)', async () => {
    const asked: unknown[] = []
    const url = (context: object): string => (asked.push({ ...context, signal: undefined }), 'ws://server.test/')
    const { clock, transport } = setup({ url, backoff: fixedBackoff(100) })
    await settle()
    transport.last.end({ code: 1012 })
    await clock.advance(100)
    expect(asked).toEqual([
      { attempt: 1, previous: undefined, signal: undefined },
      {
        attempt: 2,
        previous: {
          attempt: 1,
          close: { code: 1012, reason: '', wasClean: true },
          error: undefined,
          status: undefined,
        },
        signal: undefined,
      },
    ])
  })

  test('can return its own protocols and headers', async () => {
    const { transport } = setup({
      protocols: 'general',
      url: () =>
        Promise.resolve({
          url: new URL('https://server.test/x'),
          protocols: ['special'],
          headers: { authorization: 'Bearer x' },
        }),
    })
    await settle()
    expect(transport.last.target).toMatchObject({
      url: 'wss://server.test/x',
      protocols: ['special'],
      headers: { authorization: 'Bearer x' },
    })
  })

  test('fails only the attempt if it rejects (H12)', async () => {
    let calls = 0
    const url = (): Promise<string> =>
      ++calls === 1 ? Promise.reject(new Error('no ticket')) : Promise.resolve('ws://server.test/')
    const { connection, clock, transport, of } = setup({ url, backoff: fixedBackoff(100) })
    await settle()
    expect(of('close')).toMatchObject([
      { code: 1006, error: { code: 'ERR_PROVIDER', cause: { message: 'no ticket' } }, willRetry: true, delay: 100 },
    ])
    await clock.advance(100)
    expect(transport.sockets).toHaveLength(1)
    expect(connection.state).toBe('connecting')
  })

  test('is aborted at the connect deadline if it hangs (H12)', async () => {
    const signals: AbortSignal[] = []
    const { connection, clock, transport } = setup({
      url: ({ signal }) => (signals.push(signal), new Promise(() => {})),
    })
    await clock.advance(10_000)
    expect(connection.state).toBe('backoff')
    expect(signals[0]!.aborted).toBe(true)
    expect(transport.sockets).toHaveLength(0)
  })

  test('causes no dial if it answers too late', async () => {
    const answers: ((url: string) => void)[] = []
    const { connection, clock, transport } = setup({ url: () => new Promise((resolve) => answers.push(resolve)) })
    await clock.advance(10_000)
    answers[0]!('ws://late.test/')
    await settle()
    expect(transport.sockets).toHaveLength(0)
    expect(connection.url).toBe('')
  })

  test.each(['ftp://server.test/', 'ws://server.test/#part', 'nonsense'])(
    'ends the connection if it returns %s, since a retry cannot help',
    async (url) => {
      const { connection, clock, transport } = setup({ url: () => url })
      await clock.advance(100_000)
      expect(transport.sockets).toHaveLength(0)
      expect(connection.status).toMatchObject({ state: 'ended', why: 'refused', loss: { error: { code: 'ERR_URL' } } })
    },
  )
})

describe('prepare', () => {
  test('sends first: before the queue, and before a listener receives a message', async () => {
    const { connection, transport, events } = setup({
      prepare: async (link) => {
        link.send('AUTH')
        expect(await link.read()).toBe('OK')
      },
    })
    connection.send('queued')
    await settle()
    const socket = transport.last
    socket.accept()
    await settle()
    expect(connection.status).toMatchObject({ state: 'connecting', phase: 'preparing' })
    expect(connection.send('queued too')).toBe('queued')
    expect(socket.sent).toEqual(['AUTH'])
    socket.message('OK')
    socket.message('early news')
    await settle()
    expect(socket.sent).toEqual(['AUTH', 'queued', 'queued too'])
    expect(events.filter(([type]) => type === 'open' || type === 'message').map(([type]) => type)).toEqual([
      'open',
      'message',
    ])
    expect(events.find(([type]) => type === 'message')![1]).toBe('early news')
  })

  test('fails the attempt and drops the socket if it rejects', async () => {
    const { connection, transport, of } = setup({ prepare: () => Promise.reject(new Error('denied')) })
    await settle()
    transport.last.accept()
    await settle()
    expect(connection.state).toBe('backoff')
    expect(transport.alive).toBe(0)
    expect(of('close')).toMatchObject([{ error: { code: 'ERR_PREPARE', cause: { message: 'denied' } } }])
    expect(of('open')).toEqual([])
  })

  test('fails at the connect deadline if it hangs (H13)', async () => {
    let aborted = false
    const { connection, clock, transport } = setup({
      prepare: (_link, { signal }) => {
        signal.addEventListener('abort', () => (aborted = true))
        return new Promise(() => {})
      },
    })
    await settle()
    transport.last.accept()
    await clock.advance(10_000)
    expect(connection.status).toMatchObject({ state: 'backoff', why: 'connect-timeout', attempt: 2 })
    expect(aborted).toBe(true)
    expect(transport.alive).toBe(0)
  })

  test('receives a rejection of its pending read if the link is lost', async () => {
    const failures: unknown[] = []
    const { transport } = setup({
      prepare: async (link) => {
        await link.read().catch((error: unknown) => failures.push(error))
        expect(() => link.send('x')).toThrow()
      },
    })
    await settle()
    transport.last.accept()
    transport.last.end()
    await settle()
    expect(failures).toMatchObject([{ code: 'ERR_ENDED' }])
  })

  test('causes no unhandled rejection of a pending read if it throws', async () => {
    const escapes = watchEscapes()
    const { connection, transport } = setup({
      prepare: async (link) => {
        void link.read()
        await Promise.race([link.read(), Promise.reject(new Error('no time'))])
      },
    })
    await settle()
    transport.last.accept()
    await settle()
    expect(connection.state).toBe('backoff')
    await escapes.stop()
    expect(escapes.escaped).toEqual([])
  })

  test('runs again on every socket', async () => {
    let runs = 0
    const { clock, accept } = setup({ prepare: () => void runs++, backoff: fixedBackoff(100) })
    const first = await accept()
    first.end()
    await clock.advance(100)
    await accept()
    expect(runs).toBe(2)
  })
})
