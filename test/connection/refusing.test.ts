import { describe, expect, test } from 'vitest'
import {
  ConnectionError,
  fixedBackoff,
  protocolPing,
  Refused,
  serverPing,
  textHeartbeat,
  type Heartbeat,
  type Retry,
  type RetryInput,
} from '../../src/index.js'
import { FakeTransport, settle } from '../../src/tools/testing/browser.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'
import { setup } from '../support/setup.js'

const secret = 'token-of-the-account'

/**
 * Errors that end a connection when thrown: the library's, one of another copy of the package, and one built by hand.
 */
const refusals: Readonly<Record<string, () => unknown>> = {
  'a Refused': () => new Refused(secret),
  'a Refused with a cause': () => new Refused(secret, { cause: new Error('revoked') }),
  'a ConnectionError with its code': () => new ConnectionError('ERR_REFUSED', secret),
  'an error with its code': () => Object.assign(new Error(secret), { code: 'ERR_REFUSED' }),
  'an object with its code': () => ({ code: 'ERR_REFUSED' }),
}

describe.each(Object.entries(refusals))('%s', (_, make) => {
  test.each(['thrown', 'rejected with'])(
    '%s by the url function ends the connection without consulting retry',
    async (how) => {
      const thrown = make()
      const asked: unknown[] = []
      const url = (): Promise<string> => {
        if (how === 'thrown') throw thrown
        return Promise.reject(thrown)
      }
      const { connection, transport, of } = setup({ url, retry: (loss) => (asked.push(loss), true) })
      const opened = connection.opened()
      const rejected = expect(opened).rejects.toMatchObject({ code: 'ERR_ENDED', cause: { code: 'ERR_REFUSED' } })
      await settle()
      await rejected
      expect(connection.status).toMatchObject({ state: 'ended', why: 'refused', willRetry: false })
      expect(of('close')).toMatchObject([{ code: 1006, willRetry: false, error: { code: 'ERR_REFUSED' } }])
      const { error } = connection.status.loss!
      expect(error!.cause).toBe(thrown)
      expect(error!.message).not.toContain(secret)
      expect([asked, transport.sockets, of('error')]).toEqual([[], [], []])
    },
  )

  test.each(['thrown', 'rejected with'])('%s by prepare ends the connection without consulting retry', async (how) => {
    const thrown = make()
    const asked: unknown[] = []
    const { connection, transport, of } = setup({
      retry: (loss) => (asked.push(loss), true),
      prepare: async (link) => {
        if (how !== 'thrown') await link.read()
        throw thrown
      },
    })
    connection.send('waits')
    await settle()
    transport.last.accept()
    await settle()
    if (how !== 'thrown') transport.last.message('go away')
    await settle()
    expect(connection.status).toMatchObject({
      state: 'ended',
      why: 'refused',
      loss: { error: { code: 'ERR_REFUSED' } },
    })
    expect(connection.status.loss?.error?.cause).toBe(thrown)
    expect(of('dropped')).toEqual([{ data: 'waits', reason: 'ended' }])
    expect([asked, transport.sockets.length, of('error')]).toEqual([[], 1, []])
    expect(transport.last.count('abandon')).toBe(1)
  })
})

describe('a refusal', () => {
  test('with another code, or one that cannot be read, is only a failed attempt', async () => {
    const hostile = {
      get code(): string {
        throw new Error('no')
      },
    }
    for (const thrown of [
      new Error('ERR_REFUSED'),
      { code: 'ECONNREFUSED' },
      hostile,
      undefined,
      null,
      'ERR_REFUSED',
    ]) {
      const { connection } = setup({ url: () => Promise.reject(thrown as Error) })
      await settle()
      expect(connection.status).toMatchObject({ state: 'backoff', loss: { error: { code: 'ERR_PROVIDER' } } })
      void connection.close()
    }
  })

  test('is cleared when the app opens the connection again', async () => {
    let isClosed = true
    const { connection, transport } = setup({
      url: () => {
        if (isClosed) throw new Refused('the account is closed')
        return 'ws://server.test/'
      },
    })
    await settle()
    expect(connection.state).toBe('ended')
    isClosed = false
    connection.open()
    await settle()
    transport.last.accept()
    await settle()
    expect(connection.state).toBe('open')
  })

  test('also ends a ReconnectingWebSocket', async () => {
    const socket = new ReconnectingWebSocket(
      () => {
        throw new Refused('the account is closed')
      },
      [],
      { transport: new FakeTransport() },
    )
    const closes: unknown[] = []
    socket.addEventListener('close', (event) => closes.push(event))
    await settle()
    expect(closes).toMatchObject([{ code: 1006, willReconnect: false }])
    expect(socket.readyState).toBe(3)
  })
})

describe('the close codes of a heartbeat profile', () => {
  const stop: Retry = ({ close }) => (close.code === 4401 ? false : undefined)
  const profiles: Readonly<Record<string, Heartbeat>> = {
    protocolPing: protocolPing({ retry: stop }),
    textHeartbeat: textHeartbeat({ ping: 'ping', pong: 'pong', retry: stop }),
    serverPing: serverPing({ retry: stop }),
    'a plain object': { ...protocolPing(), retry: stop },
  }

  test.each(Object.entries(profiles))('end the connection for %s, and no other code does', async (_, heartbeat) => {
    for (const [code, state] of [
      [4401, 'ended'],
      [4400, 'backoff'],
    ] as const) {
      const { connection, accept } = setup({ heartbeat })
      const socket = await accept()
      socket.end({ code })
      expect(connection.state).toBe(state)
      void connection.close()
    }
  })

  test('are consulted first, and retry receives their decision and can override it', async () => {
    const heard: RetryInput[] = []
    const own: boolean[] = []
    const { connection, clock, accept } = setup({
      backoff: fixedBackoff(100),
      heartbeat: protocolPing({ retry: (loss) => (own.push(loss.byDefault), stop(loss)) }),
      retry: (loss) => (heard.push(loss), loss.attempt === 1 ? true : undefined),
    })
    for (const state of ['backoff', 'ended']) {
      const socket = await accept()
      socket.end({ code: 4401 })
      expect(connection.state).toBe(state)
      await clock.advance(100)
    }
    expect(own).toEqual([true, true])
    expect(heard.map(({ byDefault }) => byDefault)).toEqual([false, false])
  })

  test('are ignored and reported if they throw or return invalid values', async () => {
    for (const retry of [
      () => {
        throw new Error('no')
      },
      () => 'yes',
    ]) {
      const { connection, accept, of } = setup({ heartbeat: protocolPing({ retry: retry as never }) })
      const socket = await accept()
      socket.end({ code: 4401 })
      expect(connection.state).toBe('backoff')
      expect(of('error')).toMatchObject([
        { code: 'ERR_POLICY', message: expect.stringContaining('heartbeat.retry') as string },
      ])
      void connection.close()
    }
  })

  test('must be a function', () => {
    for (const make of [
      () => protocolPing({ retry: 1 as never }),
      () => textHeartbeat({ ping: 'a', pong: 'b', retry: {} as never }),
      () => serverPing({ retry: null as never }),
      () => setup({ heartbeat: { ...protocolPing(), retry: true as never } }),
    ]) {
      expect(make).toThrow(
        expect.objectContaining({
          code: 'ERR_OPTION',
          message: expect.stringContaining('heartbeat.retry') as string,
        }) as Error,
      )
    }
  })
})
