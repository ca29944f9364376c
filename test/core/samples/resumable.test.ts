// Delivery across reconnects as a feature: the contract supports everything it needs of the core.
import { describe, expect, test } from 'vitest'
import { createConnection, type ConnectionOptions } from '../../../src/index.js'
import { fixedBackoff } from '../../../src/core/policies/backoff.js'
import { textHeartbeat } from '../../../src/core/policies/heartbeat.js'
import { settle, TestClock } from '../../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket } from '../../../src/tools/testing/transport.js'
import { ConnectionError } from '../../../src/core/errors.js'
import type { SendData } from '../../../src/core/transport.js'
import { resumable, type ResumableOptions } from './resumable.js'

function resuming({ window, ...options }: ConnectionOptions & ResumableOptions = {}) {
  const clock = new TestClock()
  const transport = new FakeTransport()
  const connection = createConnection('ws://server.test/', {
    clock,
    transport,
    backoff: fixedBackoff(100),
    ...options,
    features: [resumable(window === undefined ? {} : { window })],
  })
  const heard: unknown[] = []
  connection.on('message', (message) => void heard.push(message))
  /** The server accepts the handshake, has seen this many, and replies to the hello with that. */
  const accept = async (seen = 0): Promise<FakeSocket> => {
    await settle()
    transport.last.accept({ protocol: transport.last.target.protocols[0] })
    await settle()
    transport.last.message(`w${seen}`)
    await settle()
    return transport.last
  }
  const lose = async (): Promise<void> => {
    transport.last.end()
    await clock.advance(100)
  }
  return { connection, clock, transport, heard, accept, lose }
}

describe('the subprotocol list', () => {
  test("includes those of the app, and `protocol` shows only the app's", async () => {
    const { connection, transport, accept } = resuming({ protocols: 'feed.v2' })
    const opened: string[] = []
    connection.on('open', ({ protocol }) => opened.push(protocol))
    await accept()
    expect(transport.last.target.protocols).toEqual(['resume.v1.feed.v2'])
    expect([connection.protocol, opened]).toEqual(['feed.v2', ['feed.v2']])
  })
})

describe('the handshake', () => {
  test('follows the app’s prepare and precedes the queue, with unseen messages resent in between', async () => {
    const log: string[] = []
    const { connection, accept, lose } = resuming({
      prepare: async (link) => {
        link.send('login')
        log.push('prepared')
        return await Promise.resolve('user')
      },
    })
    connection.on('open', ({ prepared }) => log.push(`open ${String(prepared)}`))
    connection.send('1')
    connection.send('2')
    const first = await accept()
    expect(first.sent).toEqual(['login', 'h0', 'd1:1', 'd2:2'])
    await lose()
    connection.send('3')
    const second = await accept(1)
    expect(second.sent).toEqual(['login', 'h0', 'd2:2', 'd3:3'])
    expect(log).toEqual(['prepared', 'open user', 'prepared', 'open user'])
  })

  test('leaves unread frames to the framing, not to the listeners', async () => {
    const { connection, heard, transport } = resuming()
    await settle()
    transport.last.accept()
    await settle()
    for (const frame of ['w0', 'd1:early', 'a0', 'd1:again']) transport.last.message(frame)
    await settle()
    expect([connection.state, heard]).toEqual(['open', ['early']])
  })

  test('is reported as an event of the feature', async () => {
    const { connection, accept, lose } = resuming()
    const continuity: unknown[] = []
    connection.on('continuity', (event) => void continuity.push(event))
    await accept()
    connection.send('1')
    await lose()
    await accept(0)
    expect(continuity).toEqual([
      { kind: 'begun', replayed: 0 },
      { kind: 'kept', replayed: 1 },
    ])
  })
})

describe('an incoming message', () => {
  test('is unframed after the heartbeat and before codec, listeners, iterators and streams', async () => {
    const { connection, heard, accept, clock } = resuming()
    const reading = connection.messages()
    const socket = await accept()
    await clock.advance(10_000)
    expect(socket.sent.at(-1)).toBe('p')
    for (const frame of ['d1:a', 'q0', 'a0', 'd1:a', 'd2:b']) socket.message(frame)
    expect(heard).toEqual(['a', 'b'])
    expect([(await reading.next()).value, (await reading.next()).value]).toEqual(['a', 'b'])
  })

  test('counts as a message only if it is the app’s', async () => {
    const { connection, accept } = resuming()
    const socket = await accept()
    // The handshake read the reply to the hello, as `prepare` reads one.
    const before = connection.counters.received
    for (const frame of ['d1:a', 'a0', 'd1:a', 'd2:b']) socket.message(frame)
    expect(connection.counters.received - before).toBe(2)
  })

  test('with a gap closes the link, and the next one repairs it', async () => {
    const { connection, accept, clock, heard } = resuming()
    const codes: number[] = []
    connection.on('close', ({ code }) => codes.push(code))
    const socket = await accept()
    socket.message('d2:late')
    expect(socket.actions.at(-1)).toEqual({ type: 'close', code: 4400, reason: 'gap' })
    socket.end({ code: 4400 })
    expect([connection.state, codes]).toEqual(['backoff', [4400]])
    await clock.advance(100)
    const next = await accept()
    next.message('d1:first')
    next.message('d2:late')
    expect(heard).toEqual(['first', 'late'])
  })
})

describe('an outgoing message', () => {
  test('is numbered at the socket: earlier expiry, replacement or withdrawal leaves no gap', async () => {
    const { connection, accept, clock } = resuming({ connectTimeout: 60_000 })
    connection.send('expires', { ttl: 10 })
    connection.send('replaced', { key: 'k' })
    connection.send('kept', { key: 'k' })
    await clock.advance(10)
    const socket = await accept()
    expect(socket.sent).toEqual(['h0', 'd1:kept'])
    connection.sendMany(['a', 'b'])
    expect(socket.sent.slice(2)).toEqual(['d2:a', 'd3:b'])
  })

  test('is retained by the session once numbered, even if the socket has closed by then', async () => {
    const { connection, accept, lose } = resuming()
    const socket = await accept()
    socket.send = () => {
      throw new ConnectionError('ERR_TRANSPORT', 'closed')
    }
    expect(connection.send('1')).toBe('sent')
    expect(connection.unacknowledged).toBe(1)
    await lose()
    const next = await accept(0)
    expect(next.sent).toEqual(['h0', 'd1:1'])
  })

  test('is refused before it is numbered if the session cannot retain it', async () => {
    const { connection, accept } = resuming()
    const socket = await accept()
    expect(() => connection.send(new Blob(['x']) as SendData)).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
    connection.send('1')
    expect(socket.sent).toEqual(['h0', 'd1:1'])
  })

  test('is queued while the window is full and sent in the turn that makes room', async () => {
    const { connection, accept } = resuming({ window: 2 })
    const socket = await accept()
    expect([connection.send('1'), connection.send('2'), connection.send('3')]).toEqual(['sent', 'sent', 'queued'])
    expect(connection.counters.queued).toBe(1)
    socket.message('a1')
    expect(socket.sent).toEqual(['h0', 'd1:1', 'd2:2', 'd3:3'])
  })

  test('makes drained() wait as long as the window is full', async () => {
    const { connection, accept, clock } = resuming({ window: 1 })
    const socket = await accept()
    connection.send('1')
    let drained = false
    void connection.drained().then(() => (drained = true))
    await clock.advance(1_000)
    expect(drained).toBe(false)
    socket.message('a1')
    await clock.advance(20)
    expect(drained).toBe(true)
  })
})

describe('the uncertain count', () => {
  test('is zero while the session lives, and the unacknowledged messages when it ends', async () => {
    const { connection, accept, lose, clock } = resuming()
    const uncertain: number[] = []
    connection.on('close', (event) => uncertain.push(event.uncertain.messages))
    await accept()
    connection.send('1')
    connection.send('2')
    await lose()
    const socket = await accept(1)
    void connection.close()
    await clock.advance(2_000)
    expect(socket.count('close')).toBe(0)
    expect([uncertain, connection.state, connection.session]).toEqual([[0, 1], 'ended', 'ended'])
  })

  test('of one message shows in its fate: sent, and delivered when the server has it, on any link', async () => {
    const { connection, accept, lose } = resuming()
    const fates: string[] = []
    await accept()
    connection.send('1', { onFate: (fate) => fates.push(fate) })
    await lose()
    const socket = await accept(0)
    expect(fates).toEqual(['sent'])
    socket.message('a1')
    expect(fates).toEqual(['sent', 'delivered'])
  })
})

describe('closing', () => {
  test('waits for the queue and for acknowledgements, sends one goodbye, and then starts the closing handshake', async () => {
    const { connection, accept } = resuming({ window: 1 })
    const socket = await accept()
    connection.send('1')
    connection.send('2')
    const closed = connection.close(1000)
    expect(socket.actions.at(-1)).toEqual({ type: 'send', data: 'd1:1' })
    socket.message('a1')
    expect(socket.actions.at(-1)).toEqual({ type: 'send', data: 'd2:2' })
    socket.message('a2')
    socket.message('a2')
    expect(socket.actions.slice(-2)).toEqual([
      { type: 'send', data: 'b' },
      { type: 'close', code: 1000, reason: undefined },
    ])
    socket.end({ code: 1000 })
    expect(await closed).toMatchObject({ code: 1000, wasClean: true })
  })

  test('is limited by closeTimeout', async () => {
    const { connection, accept, clock } = resuming()
    await accept()
    connection.send('1')
    void connection.close()
    await clock.advance(2_000)
    expect(connection.state).toBe('ended')
  })
})

describe('the heartbeat', () => {
  test('is the session’s, whose pongs acknowledge messages, or the app’s if set', async () => {
    const { connection, accept, clock } = resuming()
    const socket = await accept()
    connection.send('1')
    await clock.advance(10_000)
    expect(socket.sent.at(-1)).toBe('p')
    socket.message('q1')
    expect(connection.unacknowledged).toBe(0)
    const own = resuming({ heartbeat: textHeartbeat({ ping: 'mine', pong: 'yours' }) })
    const other = await own.accept()
    await own.clock.advance(10_000)
    expect(other.sent.at(-1)).toBe('mine')
  })
})

describe('a close code of the session', () => {
  test('decides on a retry before the app’s retry', async () => {
    const heard: boolean[] = []
    const { connection, accept } = resuming({ retry: ({ byDefault }) => (heard.push(byDefault), undefined) })
    const socket = await accept()
    socket.end({ code: 4409 })
    expect([heard, connection.state]).toEqual([[false], 'ended'])
  })
})
