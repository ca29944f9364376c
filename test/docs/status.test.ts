// The programs of docs/status.md.
import { describe, expect, it } from 'vitest'
import { createConnection, type Connection, type ConnectionOptions, type ConnectionStatus } from '../../src/index.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { FakeEnvironment } from '../support/setup.js'
import { blocksOn, runBlock } from './programs.js'

const [words, element] = blocksOn('status.md')

interface Notice {
  readonly text: string
  readonly action?: string
}
type NoticeFor = (status: ConnectionStatus, now: number) => Notice | undefined

async function run(options: ConnectionOptions = {}) {
  const clock = new TestClock()
  const transport = new FakeTransport()
  const environment = new FakeEnvironment()
  const connection = createConnection('wss://server.test/', {
    clock,
    transport,
    environment,
    backoff: () => 5_000,
    ...options,
  })
  const { exports } = await runBlock<{ noticeFor: NoticeFor }>(words)
  const { noticeFor } = exports
  const accept = async (): Promise<void> => {
    await settle()
    transport.last.accept()
    await settle()
  }
  await settle()
  return {
    clock,
    transport,
    environment,
    connection,
    accept,
    noticeFor,
    now: () => noticeFor(connection.status, clock.wall()),
  }
}

describe('the text', () => {
  it('is empty while the connection is open, was never opened, or is closing', async () => {
    const { connection, accept, now } = await run({ autoOpen: false })
    expect([connection.state, now()]).toEqual(['idle', undefined])
    connection.open()
    await accept()
    expect([connection.state, now()]).toEqual(['open', undefined])
    void connection.close()
    expect([connection.state, now()]).toEqual(['closing', undefined])
  })

  it('distinguishes connecting from reconnecting', async () => {
    const { connection, transport, now } = await run()
    expect(now()).toEqual({ text: 'Connecting…' })
    transport.last.refuse()
    connection.reconnect()
    expect(now()).toEqual({ text: 'Reconnecting…' })
  })

  it('counts down, and offers to retry now unless the server asked for a delay', async () => {
    const { clock, transport, now } = await run()
    transport.last.refuse()
    expect(now()).toEqual({ text: 'Connection lost. Next try in 5 s.', action: 'Try now' })
    await clock.advance(3_000)
    expect(now()).toEqual({ text: 'Connection lost. Next try in 2 s.', action: 'Try now' })
    await clock.advance(2_000)
    transport.last.refuse({ status: 503, retryAfter: 30_000 })
    expect(now()).toEqual({ text: expect.stringMatching(/^The server is busy\. Next try in \d+ s\.$/) })
  })

  it('says that the system is offline', async () => {
    const { connection, transport, environment, now } = await run()
    transport.last.refuse()
    environment.emit('offline')
    expect([connection.state, now()]).toEqual(['suspended', { text: 'You are offline.', action: 'Try now' }])
  })

  it.each([
    [401, { text: 'Your session has expired.', action: 'Sign in' }],
    [403, { text: 'Your session has expired.', action: 'Sign in' }],
    [426, { text: 'The server refused the connection.', action: 'Connect' }],
  ])('after a refusal with %i says what helps', async (status, notice) => {
    const { connection, transport, now } = await run({ retry: () => false })
    connection.on('close', () => {})
    transport.last.refuse({ status })
    expect([connection.status.why, now()]).toEqual(['refused', notice])
  })

  it('says that the app has disconnected', async () => {
    const { connection, transport, now } = await run()
    transport.last.refuse()
    await connection.close()
    expect(now()).toEqual({ text: 'Disconnected.', action: 'Connect' })
  })
})

describe('the element', () => {
  async function shown() {
    const ran = await run()
    const bar = { hidden: false, textContent: '' }
    const { exports } = await runBlock<{ showStatus: (connection: Connection, bar: object) => () => void }>(element, {
      noticeFor: ran.noticeFor,
      setTimeout: ran.clock.setTimeout.bind(ran.clock),
      clearTimeout: ran.clock.clearTimeout.bind(ran.clock),
      Date: { now: () => ran.clock.wall() },
    })
    return { ...ran, bar, stop: exports.showStatus(ran.connection, bar) }
  }

  it('stays hidden through a loss of less than two seconds', async () => {
    const { bar, clock, transport, connection, accept } = await shown()
    await accept()
    transport.last.end()
    await clock.advance(1_900)
    expect([connection.state, bar.hidden]).toEqual(['backoff', true])
    connection.reconnect()
    await accept()
    await clock.advance(10_000)
    expect(bar.hidden).toBe(true)
  })

  it('appears after two seconds, and counts down', async () => {
    const { bar, clock, transport, accept } = await shown()
    await accept()
    transport.last.end()
    await clock.advance(2_000)
    expect(bar).toEqual({ hidden: false, textContent: 'Connection lost. Next try in 3 s.' })
    await clock.advance(1_000)
    expect(bar.textContent).toBe('Connection lost. Next try in 2 s.')
    await clock.advance(2_000)
    expect(bar).toEqual({ hidden: false, textContent: 'Reconnecting…' })
  })

  it('shows an end immediately, without a timer', async () => {
    const { bar, clock, connection, transport } = await shown()
    transport.last.refuse()
    await connection.close()
    expect(bar).toEqual({ hidden: false, textContent: 'Disconnected.' })
    expect(clock.pending).toBe(0)
  })

  it('stops', async () => {
    const { bar, clock, transport, stop } = await shown()
    stop()
    transport.last.refuse()
    await clock.advance(4_000)
    expect(bar).toEqual({ hidden: true, textContent: 'Connecting…' })
  })
})
