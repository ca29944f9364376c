// Messages in: order, acknowledgments, and the heartbeat.
import { describe, expect, test } from 'vitest'
import { encodeData } from '../../src/resume/protocol.js'
import { settle } from '../../src/tools/testing/clock.js'
import { after, hellos, resuming, welcome } from './support/scripted-server.js'

describe('an incoming message', () => {
  test('reaches listeners, iterators and the codec without its number, and counts as a message', async () => {
    const codec = { encode: String, decode: (data: unknown) => `<${String(data)}>` }
    const { connection, heard, open } = resuming({}, { codec })
    const reading = connection.messages()
    const socket = await open()
    const before = connection.counters.received
    for (const frame of ['d1:a', 'a0', 'd1:a', 'd2:b:c']) socket.message(frame)
    expect(heard).toEqual(['<a>', '<b:c>'])
    expect([(await reading.next()).value, (await reading.next()).value]).toEqual(['<a>', '<b:c>'])
    expect(connection.counters.received - before).toBe(2)
  })

  test('that arrives again is dropped, and acknowledged again', async () => {
    const { session, heard, open, clock } = resuming()
    const socket = await open()
    socket.message('d1:a')
    await clock.advance(200)
    expect(after(socket)).toEqual(['a1'])
    socket.message('d1:a')
    expect(after(socket)).toEqual(['a1'])
    await clock.advance(200)
    expect([heard, after(socket), session.counters.duplicates]).toEqual([['a'], ['a1', 'a1'], 1])
  })

  test('with a gap closes the link, and the next link repairs it', async () => {
    const { connection, heard, open, clock } = resuming()
    const socket = await open()
    for (const frame of ['d1:a', 'd3:c', 'd2:b']) socket.message(frame)
    expect(socket.actions.slice(-2)).toEqual([
      { type: 'close', code: 4400, reason: 'gap' },
      { type: 'abandon', code: 4000, reason: '' },
    ])
    expect([connection.state, connection.status.loss?.close]).toEqual([
      'backoff',
      { code: 4400, reason: 'gap', wasClean: false },
    ])
    await clock.advance(100)
    const next = await open(welcome({ resumed: true }))
    expect(hellos(next)).toMatchObject([{ rx: 1 }])
    for (const frame of ['d2:b', 'd3:c']) next.message(frame)
    expect(heard).toEqual(['a', 'b', 'c'])
  })

  const invalid = ['', 'x', 'd0:a', 'd1', 'd01:a', 'a', 'p1', 'h{}', welcome(), 'r{', 'j{}', 'l1', 'b0', 't1,1:x']
  test.each(invalid)('that is not a frame (%j) closes the link', async (frame) => {
    const { connection, heard, open } = resuming()
    const socket = await open()
    socket.message(frame)
    expect([heard, connection.status.loss?.close.code]).toEqual([[], 4400])
  })

  test('of bytes arrives as its binaryType says, on a socket that always delivers bytes', async () => {
    const { connection, heard, open, transport } = resuming({}, { binaryType: 'blob' })
    const socket = await open()
    expect([transport.last.target.binaryType, socket.binaryType]).toEqual(['arraybuffer', 'arraybuffer'])
    const bytes = encodeData(1, Uint8Array.of(7, 8)) as Uint8Array<ArrayBuffer>
    socket.message(bytes.buffer)
    connection.binaryType = 'arraybuffer'
    socket.message((encodeData(2, Uint8Array.of(9)) as Uint8Array<ArrayBuffer>).buffer)
    const [blob, buffer] = heard as [Blob, ArrayBuffer]
    expect([blob instanceof Blob, new Uint8Array(await blob.arrayBuffer())]).toEqual([true, Uint8Array.of(7, 8)])
    expect([buffer instanceof ArrayBuffer, new Uint8Array(buffer)]).toEqual([true, Uint8Array.of(9)])
    expect(socket.binaryType).toBe('arraybuffer')
  })
})

describe('an acknowledgment', () => {
  test('follows every so many messages at once, and the last ones after a delay', async () => {
    const { open, clock } = resuming({ ack: { every: 2, delay: 50 } })
    const socket = await open()
    for (const frame of ['d1:a', 'd2:b', 'd3:c']) socket.message(frame)
    expect(after(socket)).toEqual(['a2'])
    await clock.advance(49)
    expect(after(socket)).toEqual(['a2'])
    await clock.advance(1)
    expect(after(socket)).toEqual(['a2', 'a3'])
    const idle = clock.pending
    await clock.advance(1_000)
    expect([after(socket), clock.pending]).toEqual([['a2', 'a3'], idle])
  })

  test('has one timer, however many messages arrive', async () => {
    const { open, clock } = resuming()
    const socket = await open()
    const idle = clock.pending
    for (let number = 1; number <= 200; number++) socket.message(`d${number.toString(36)}:x`)
    expect(clock.pending).toBe(idle + 1)
    await clock.advance(200)
    expect(after(socket)).toEqual([`a${(200).toString(36)}`])
    expect(clock.pending).toBe(idle)
  })

  test('waits for a quarter of the window, or 200 ms, by default', async () => {
    const { open, clock } = resuming({ window: { messages: 8 } })
    const socket = await open()
    socket.message('d1:a')
    await clock.advance(199)
    expect(after(socket)).toEqual([])
    await clock.advance(1)
    for (const frame of ['d2:b', 'd3:c']) socket.message(frame)
    expect(after(socket)).toEqual(['a1', 'a3'])
  })

  test('is never sent before the listeners have returned', async () => {
    const { connection, open } = resuming({ ack: { every: 1 } })
    const socket = await open()
    const sent: unknown[] = []
    connection.on('message', (message) => {
      if (message === 'a') socket.message('d2:b')
      sent.push([message, after(socket).length])
    })
    socket.message('d1:a')
    expect(sent).toEqual([
      ['b', 0],
      ['a', 0],
    ])
    expect(after(socket)).toEqual(['a2'])
  })

  test('is not sent on another link than the one of its session', async () => {
    const { open, clock, transport } = resuming({ ack: { delay: 50 } })
    const socket = await open()
    socket.message('d1:a')
    socket.end()
    // No more timers than after any other loss.
    const idle = resuming()
    const quiet = await idle.open()
    quiet.end()
    expect(clock.pending).toBe(idle.clock.pending)
    await clock.advance(1_000)
    expect([after(socket), transport.last.sent]).toEqual([[], []])
    const next = await open(welcome({ resumed: true }))
    await clock.advance(1_000)
    expect([hellos(next)[0]!.rx, after(next)]).toEqual([1, []])
  })
})

describe('acknowledge: manual', () => {
  test('counts a message as received when the app says so', async () => {
    const { session, connection, open, clock, lose } = resuming({ acknowledge: 'manual', ack: { every: 2 } })
    const numbers: number[] = []
    connection.on('message', () => numbers.push(session.number))
    const socket = await open()
    for (const frame of ['d1:a', 'd2:b', 'd3:c']) socket.message(frame)
    await clock.advance(1_000)
    expect([numbers, after(socket)]).toEqual([[1, 2, 3], []])
    session.received(1)
    expect(after(socket)).toEqual([])
    session.received(2)
    session.received(1)
    expect(after(socket)).toEqual(['a2'])
    await lose()
    expect(hellos(await open(welcome({ resumed: true })))).toMatchObject([{ rx: 2 }])
  })

  test('drops what a further link sends again, because the app has it', async () => {
    const { session, heard, open, lose } = resuming({ acknowledge: 'manual' })
    const socket = await open()
    for (const frame of ['d1:a', 'd2:b']) socket.message(frame)
    session.received(1)
    await lose()
    const next = await open(welcome({ resumed: true, tail: 3 }))
    for (const frame of ['d2:b', 'd3:c']) next.message(frame)
    expect(heard).toEqual(['a', 'b', 'c'])
  })

  test('refuses numbers that have not arrived, and ignores those of another session', async () => {
    const { session, open } = resuming({ acknowledge: 'manual' })
    const { id } = session
    const socket = await open()
    socket.message('d1:a')
    for (const number of [2, -1, 1.5, '1', undefined]) {
      expect(() => session.received(number as number)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
    }
    socket.message('r{"reason":"ended"}')
    session.received(1, id)
    expect(() => session.received(1)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
    expect(session.number).toBe(0)
  })

  test('is what received() is for', () => {
    const { session } = resuming()
    expect(() => session.received(0)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })
})

describe('the heartbeat', () => {
  test('is the session’s: a ping and its pong acknowledge', async () => {
    const { connection, session, heard, open, clock } = resuming({ ack: { delay: 60_000 } })
    const beats: unknown[] = []
    connection.on('heartbeat', (beat) => beats.push(beat))
    const socket = await open()
    connection.send('1')
    socket.message('d1:a')
    await clock.advance(10_000)
    await clock.advance(10_000)
    expect(after(socket)).toEqual(['d1:1', 'p1'])
    socket.message('q1')
    expect([session.unacknowledged.messages, beats.length, heard]).toEqual([0, 1, ['a']])
    expect(connection.counters.received).toBe(2)
  })

  test('that acknowledges leaves nothing for the timer', async () => {
    const { open, clock } = resuming({ ack: { delay: 12_000 }, heartbeat: { interval: 10_000 } })
    const socket = await open()
    socket.message('d1:a')
    await clock.advance(11_000)
    const sent = after(socket)
    expect(sent).toContain('p1')
    socket.message('q0')
    await clock.advance(2_000)
    expect(after(socket).filter((frame) => String(frame).startsWith('a'))).toEqual([])
  })

  test('ends a link without an answer, and keeps the session', async () => {
    const { connection, session, open, clock } = resuming({ heartbeat: { interval: 1_000, timeout: 500 } })
    const closes: string[] = []
    connection.on('close', ({ error, uncertain }) => closes.push(`${error?.code} ${uncertain.messages}`))
    const socket = await open()
    connection.send('1')
    await clock.advance(500)
    expect(after(socket)).toEqual(['d1:1', 'p0'])
    await clock.advance(500)
    expect([closes, session.state]).toEqual([['ERR_HEARTBEAT_TIMEOUT 0'], 'away'])
  })

  test('reads an unexpected pong as an acknowledgment', async () => {
    const { connection, session, heard, open } = resuming()
    const socket = await open()
    connection.send('1')
    socket.message('q1')
    await settle()
    expect([session.unacknowledged.messages, heard]).toEqual([0, []])
  })
})
