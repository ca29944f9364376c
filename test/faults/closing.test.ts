// Links that end, from either side, in every way the protocol allows and in some that it forbids.
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { closeFrame, faults, illegalFrames } from '../../src/tools/testing/index.js'
import { webSocketTransport, type WebSocketClass } from '../../src/transports/browser.js'
import { connect, ended, next, oneLinkAtATime, opened, overs, pause, serve, until } from './support/room.js'

describe.each(overs)('over $name', (over) => {
  test.each([1000, 1001, 1008, 1011, 1012, 1014, 3000, 4000, 4999])(
    'close code %i from the server leads to another attempt (C02)',
    async (code) => {
      const server = await serve()
      server.use({ fault: faults.acceptThenClose(code, 'why ☃'), times: 1 })
      const life = connect(over, server.url)
      life.connection.open()
      await next(life.connection, 'close')
      await life.connection.opened()
      expect(life.closes).toMatchObject([{ code, reason: 'why ☃', wasClean: true, willRetry: true }])
      expect(life.watched.dials).toBe(2)
      oneLinkAtATime(over, server)
    },
  )

  test.each([1002, 1003, 1007, 1009, 1010])('close code %i from the server ends the connection (C02)', async (code) => {
    const server = await serve()
    server.use(faults.acceptThenClose(code, 'never again'))
    const life = connect(over, server.url)
    life.connection.open()
    await ended(life)
    expect(life.closes).toMatchObject([{ code, reason: 'never again', willRetry: false }])
    expect(life.connection.status).toMatchObject({ state: 'ended', why: 'refused' })
    expect(server.counts.requested).toBe(1)
  })

  test('a close frame without a code is reported as 1005 and retried (C02)', async () => {
    const server = await serve()
    server.use({ fault: faults.sendRaw(closeFrame()), times: 1 })
    const life = connect(over, server.url)
    life.connection.open()
    expect(await next(life.connection, 'close')).toMatchObject({ code: 1005, reason: '', willRetry: true })
    await life.connection.opened()
  })

  test.each([999, 1005, 1006, 1015, 5000])('illegal close code %i causes one loss with 1006 (C03)', async (code) => {
    const server = await serve()
    server.use({ fault: faults.sendRaw(illegalFrames.closeCode(code)), times: 1 })
    const life = connect(over, server.url)
    life.connection.open()
    expect(await next(life.connection, 'close')).toMatchObject({ code: 1006, wasClean: false, willRetry: true })
    await life.connection.opened()
    expect(life.closes).toHaveLength(1)
  })

  test('arguments the standard forbids are rejected before the socket sees them, and the link stays open (C04)', async () => {
    const server = await serve()
    const life = connect(over, server.url)
    await opened(life)
    const wrong: [code?: number, reason?: string][] = [[999], [1001], [1006], [2999], [5000], [1000, '☃'.repeat(42)]]
    for (const args of wrong) {
      expect(() => life.connection.close(...args)).toThrow(expect.objectContaining({ code: 'ERR_CLOSE_ARGUMENT' }))
    }
    expect(life.connection.state).toBe('open')
    const reason = '☃'.repeat(41)
    expect(await life.connection.close(4999, reason)).toEqual({ code: 4999, reason, wasClean: true })
  })

  test('close() during a hung handshake ends it immediately and frees the TCP connection (C05)', async () => {
    const server = await serve()
    server.use(faults.hang())
    const life = connect(over, server.url, { closeTimeout: 5_000 })
    life.connection.open()
    const request = await server.until('requested')
    expect(await life.connection.close(1000, 'changed my mind')).toMatchObject({ code: 1006, wasClean: false })
    await server.until((entry) => entry.what === 'client.gone' && entry.link === request.link)
    expect(life.connection.status).toMatchObject({ state: 'ended', why: 'close' })
  })

  test('close() in the tick of open() dials nothing (C05)', async () => {
    const server = await serve()
    const life = connect(over, server.url)
    life.connection.open()
    await life.connection.close()
    await pause(100)
    expect(server.counts.accepted).toBe(0)
    expect(life.watched.dials).toBe(0)
  })

  test('close() during a backoff delay or a ticket request ends the connection (C06)', async () => {
    const server = await serve()
    server.use(faults.refuse())
    const waiting = connect(over, server.url)
    waiting.connection.open()
    await next(waiting.connection, 'backoff')
    await waiting.connection.close()
    const { requested } = server.counts
    let aborted = false
    const fetching = connect(over, ({ signal }) => {
      signal.addEventListener('abort', () => (aborted = true))
      return new Promise((resolve) => setTimeout(resolve, 50, server.url))
    })
    fetching.connection.open()
    await pause(10)
    await fetching.connection.close()
    expect(aborted).toBe(true)
    await pause(200)
    expect(server.counts.requested).toBe(requested)
    expect([waiting.connection.state, fetching.connection.state]).toEqual(['ended', 'ended'])
  })

  test('a late close event of the old socket does not affect the new one (C08)', async () => {
    const server = await serve()
    server.use({ fault: faults.swallow(), times: 1 })
    const life = connect(over, server.url, { heartbeat: over.heartbeat(100, 1_000) })
    await opened(life)
    await next(life.connection, 'close')
    await life.connection.opened()
    const [old] = server.links
    // Everything held back arrives now: echoes, close, end.
    old?.heal()
    old?.send('from the grave')
    old?.close(1000, 'too late')
    await pause(100)
    old?.cut()
    life.connection.send('alive')
    await until(() => expect(life.heard).toEqual(['alive']))
    expect(life.closes).toHaveLength(1)
    expect(life.watched.dials).toBe(2)
  })

  test('a server that accepts and closes immediately is not hammered, and the app may give up (C09)', async () => {
    const server = await serve()
    server.use(faults.acceptThenClose(1011, 'out of order'))
    const attempts: number[] = []
    const life = connect(over, server.url, {
      backoff: ({ attempt }) => {
        attempts.push(attempt)
        return 20 * attempt
      },
      retry: ({ attempt }) => attempt < 6,
    })
    life.connection.open()
    await ended(life)
    // An open alone does not reset the backoff.
    expect(attempts).toEqual([1, 2, 3, 4, 5])
    expect(server.counts.upgraded).toBe(6)
    oneLinkAtATime(over, server)
  })

  test('a flapping server is redialed with growing delays by default (C09)', async () => {
    const server = await serve()
    server.use(faults.acceptThenClose(1001))
    const { fullJitter } = await import('../../src/index.js')
    const life = connect(over, server.url, {
      backoff: fullJitter({ floor: 30, base: 30, cap: 10_000 }),
      random: () => 0.99,
    })
    life.connection.open()
    await until(() => expect(life.delays.length).toBeGreaterThanOrEqual(4))
    await life.connection.close()
    const delays = life.delays.map(({ delay }) => delay)
    expect(delays).toEqual([...delays].sort((a, b) => a - b))
    expect(delays[3]! - delays[0]!).toBeGreaterThan(100)
  })

  test('of two clients that replace each other, one gives up if the app decides so (C10)', async () => {
    let present: WebSocket | undefined
    const server = await serve({
      onConnection: (socket) => {
        present?.close(4409, 'superseded')
        present = socket
      },
    })
    const retry = ({ close }: { close: { code: number } }): boolean | undefined => close.code !== 4409 && undefined
    const first = connect(over, server.url, { retry })
    const second = connect(over, server.url, { retry })
    await opened(first)
    await opened(second)
    await ended(first)
    await pause(200)
    expect([first.connection.state, second.connection.state]).toEqual(['ended', 'open'])
    expect(server.counts.requested).toBe(2)
  })

  test('reconnect() twenty times while connecting leaves one socket (C11)', async () => {
    const server = await serve()
    server.use({ fault: faults.delay(100) })
    const life = connect(over, server.url, { ownDials: 21 })
    life.connection.open()
    for (let n = 0; n < 20; n++) {
      life.connection.reconnect()
      if (n % 4 === 0) await pause(2)
    }
    await life.connection.opened()
    life.connection.send('one of me')
    await until(() => expect(life.heard).toEqual(['one of me']))
    await until(() => expect(server.counts.open).toBe(1))
    expect(life.states.filter((state) => state === 'open')).toHaveLength(1)
    oneLinkAtATime(over, server)
  })

  test('an overloaded server (1013) is not redialed for at least two seconds (S03)', async () => {
    const server = await serve()
    server.use(faults.acceptThenClose(1013, 'overloaded'))
    const life = connect(over, server.url)
    life.connection.open()
    const { delay, hinted } = await next(life.connection, 'backoff')
    expect([delay >= 2_000, delay <= 4_000, hinted]).toEqual([true, true, true])
    await pause(300)
    expect(server.counts.requested).toBe(1)
  })

  test('the provider is called for each attempt, so an expired ticket is replaced (S04)', async () => {
    const server = await serve()
    let valid = 1
    server.use({ fault: faults.acceptThenClose(1001), match: { path: /ticket=1$/ } })
    const life = connect(over, () => Promise.resolve(`${server.url}/?ticket=${valid}`))
    life.connection.on('close', () => (valid += 1))
    life.connection.open()
    await next(life.connection, 'close')
    await life.connection.opened()
    expect(server.log.filter(({ what }) => what === 'requested').map(({ detail }) => detail)).toMatchObject([
      { path: '/?ticket=1' },
      { path: '/?ticket=2' },
    ])
  })

  test('the provider may switch from one host to another (S05)', async () => {
    const [down, broken, well] = [await serve(), await serve(), await serve()]
    await down.stopListening()
    broken.use(faults.http(500))
    const hosts = [down.url, broken.url, well.url]
    const life = connect(over, ({ attempt }) => hosts[(attempt - 1) % hosts.length]!)
    await opened(life)
    expect(life.connection.url).toBe(`${well.url}/`)
    expect(life.closes.map(({ attempt }) => attempt)).toEqual([1, 2])
  })
})

describe('over a class that breaks the standard', () => {
  /** `ws` has the standard's listeners. */
  const over = { ...overs[0]!, heartbeat: overs.at(-1)!.heartbeat }
  const classThat = (wrap: (listener: (event: { type: string }) => void) => (event: { type: string }) => void) =>
    class extends WebSocket {
      override addEventListener(type: never, listener: never): void {
        super.addEventListener(type, type === 'close' ? (wrap(listener) as never) : listener)
      }
    } as unknown as WebSocketClass

  test('a duplicate close event causes one loss (C07)', async () => {
    const server = await serve()
    server.use({ fault: faults.acceptThenClose(1011), times: 1 })
    const WebSocket = classThat((listener) => (event) => {
      listener(event)
      listener(event)
      queueMicrotask(() => listener(event))
    })
    const life = connect(over, server.url, { transport: webSocketTransport({ WebSocket }) })
    life.connection.open()
    await next(life.connection, 'close')
    await life.connection.opened()
    await pause(100)
    expect(life.closes).toHaveLength(1)
    expect(life.watched.dials).toBe(2)
  })

  test('a missing close event does not block the connection (C07)', async () => {
    const server = await serve()
    const life = connect(over, server.url, {
      transport: webSocketTransport({ WebSocket: classThat(() => () => {}) }),
      heartbeat: over.heartbeat(100, 500),
      closeTimeout: 200,
    })
    await opened(life)
    server.cut()
    expect(await next(life.connection, 'close')).toMatchObject({ code: 4000, willRetry: true })
    await life.connection.opened()
    expect(await life.connection.close()).toMatchObject({ code: 1006, wasClean: false })
  })
})
