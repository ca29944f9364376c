import { describe, expect, test } from 'vitest'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { settle } from '../../src/tools/testing/clock.js'
import { setup } from '../support/setup.js'

const mib = 1 << 20

describe('readable', () => {
  test('reads messages in order across reconnects until the connection ends', async () => {
    const { connection, clock, accept } = setup({ backoff: fixedBackoff(100) })
    const read: unknown[] = []
    const reading = (async () => {
      for await (const message of connection.readable) read.push(message)
    })()
    const first = await accept()
    first.message('1')
    first.message('2')
    first.end()
    await clock.advance(100)
    const second = await accept()
    second.message('3')
    void connection.close()
    second.end({ code: 1000 })
    await reading
    expect(read).toEqual(['1', '2', '3'])
  })

  test('returns the same stream until it closes, and a new one after a restart', async () => {
    const { connection, accept } = setup()
    const first = connection.readable
    expect(connection.readable).toBe(first)
    const socket = await accept()
    socket.message('last')
    void connection.close()
    socket.end({ code: 1000 })
    const ended = connection.readable
    connection.open()
    const second = connection.readable
    expect(new Set([first, ended, second]).size).toBe(3)
    ;(await accept()).message('new')
    const reader = second.getReader()
    expect(await reader.read()).toEqual({ done: false, value: 'new' })
  })

  test('is closed on an ended connection', async () => {
    const { connection } = setup({ autoOpen: false })
    void connection.close()
    expect(await connection.readable.getReader().read()).toEqual({ done: true, value: undefined })
  })

  test('closes unread when the connection ends', async () => {
    const { connection } = setup({ autoOpen: false })
    const { closed } = connection.readable.getReader()
    void connection.close()
    await expect(closed).resolves.toBeUndefined()
  })

  test('stops the socket by bytes and by count, and resumes it when half is read', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    const reader = connection.readable.getReader()
    await settle()
    // The stream has requested one message ahead.
    for (let at = 0; at < 5; at++) socket.message(new Uint8Array(mib / 4).buffer)
    expect([socket.count('pause'), socket.count('resume')]).toEqual([1, 0])
    for (let at = 0; at < 3; at++) {
      await reader.read()
      await settle()
    }
    expect([socket.count('pause'), socket.count('resume')]).toEqual([1, 1])
  })

  test('stops reading when it is canceled; the connection stays open', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    const { readable } = connection
    for (let at = 0; at < 6; at++) socket.message(new Uint8Array(mib / 4).buffer)
    await settle()
    expect(socket.count('pause')).toBe(1)
    await readable.cancel()
    expect([connection.state, socket.count('resume')]).toEqual(['open', 1])
    expect(connection.readable).not.toBe(readable)
  })

  test('drops the oldest messages and reports each if the transport cannot pause', async () => {
    const { connection, accept, of } = setup({ fake: { capabilities: { pause: false } } })
    const socket = await accept()
    void connection.readable
    await settle()
    for (let at = 0; at < 1_011; at++) socket.message(`${at}`)
    // One is in the stream, a thousand in the buffer.
    expect(of('dropped')).toEqual(Array.from({ length: 10 }, (_, at) => ({ data: `${at + 1}`, reason: 'unread' })))
    expect(connection.counters.unread).toBe(10)
  })

  test('costs nothing until it is accessed', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    for (let at = 0; at < 100; at++) socket.message(new Uint8Array(mib).buffer)
    expect([connection.state, socket.count('pause')]).toEqual(['open', 0])
  })
})

describe('writable', () => {
  test('writes to the socket, and a write resolves when the socket has room', async () => {
    const { connection, clock, accept } = setup({ highWaterMark: 100 })
    const socket = await accept()
    const writer = connection.writable.getWriter()
    await writer.write('1')
    socket.bufferedAmount = 100
    let done = 0
    void writer.write('2').then(() => done++)
    void writer.write('3').then(() => done++)
    await clock.advance(1_000)
    expect([socket.sent, done]).toEqual([['1'], 0])
    socket.bufferedAmount = 0
    await clock.advance(20)
    expect([socket.sent, done]).toEqual([['1', '2', '3'], 2])
  })

  test('waits for a socket, in order with other sends, across reconnects', async () => {
    const { connection, clock, accept } = setup({ backoff: fixedBackoff(100), queue: { messages: 2 } })
    const writer = connection.writable.getWriter()
    const writes = Array.from({ length: 20 }, (_, at) => writer.write(`${at}`))
    await settle()
    expect(connection.counters.queued).toBe(1)
    const first = await accept()
    await Promise.all(writes)
    expect(first.sent).toEqual(Array.from({ length: 20 }, (_, at) => `${at}`))
    first.end()
    connection.send('before')
    const late = writer.write('after')
    await clock.advance(100)
    const second = await accept()
    await late
    expect(second.sent).toEqual(['before', 'after'])
  })

  test('waits for room in a full queue, even for a message larger than the queue', async () => {
    const { connection, accept } = setup({ queue: { messages: 1, bytes: 10 } })
    connection.send('full')
    const writer = connection.writable.getWriter()
    const writes = [writer.write('1'), writer.write('x'.repeat(50)), writer.write('2')]
    await settle()
    expect(connection.counters.queued).toBe(1)
    const socket = await accept()
    await Promise.all(writes)
    expect(socket.sent).toEqual(['full', '1', 'x'.repeat(50), '2'])
  })

  test('holds a message larger than the queue for the next socket if the last one closed without an event', async () => {
    let tries = 0
    const encode = (message: string): string => {
      if (++tries > 20) throw new Error('it spins')
      return message
    }
    const { connection, clock, accept } = setup<unknown, string>({
      backoff: fixedBackoff(100),
      queue: { bytes: 10 },
      codec: { encode, decode: (frame) => frame },
    })
    const first = await accept()
    first.open = false
    const writing = connection.writable.getWriter().write('x'.repeat(50))
    await settle()
    expect(connection.state).toBe('open')
    first.end()
    await clock.advance(100)
    const second = await accept()
    await writing
    expect(second.sent).toEqual(['x'.repeat(50)])
  })

  test('signals backpressure through ready after 64 KiB of unwritten data', async () => {
    const { connection } = setup()
    const writer = connection.writable.getWriter()
    await settle()
    expect(writer.desiredSize).toBe(65_536)
    void writer.write('x'.repeat(65_535))
    expect(writer.desiredSize).toBe(1)
    void writer.write(new Uint8Array(5))
    expect(writer.desiredSize).toBe(-4)
  })

  test('counts a message as 4 KiB with a codec', async () => {
    const { connection } = setup<unknown, object>({ codec: { encode: JSON.stringify, decode: (frame) => frame } })
    const writer = connection.writable.getWriter()
    await settle()
    void writer.write({ any: 'thing' })
    expect(writer.desiredSize).toBe(65_536 - 4_096)
  })

  test('closes once everything is written and leaves the connection open', async () => {
    const { connection, clock, accept } = setup({ highWaterMark: 10 })
    const socket = await accept()
    socket.bufferedAmount = 10
    const source = new ReadableStream<string>({
      start(controller) {
        for (const each of ['a', 'b', 'c']) controller.enqueue(each)
        controller.close()
      },
    })
    const first = connection.writable
    let piped = false
    void source.pipeTo(first).then(() => (piped = true))
    await clock.advance(100)
    expect([piped, socket.sent]).toEqual([false, []])
    socket.bufferedAmount = 0
    await clock.advance(20)
    await settle()
    expect([piped, socket.sent, connection.state]).toEqual([true, ['a', 'b', 'c'], 'open'])
    expect(connection.writable).not.toBe(first)
    await connection.writable.getWriter().write('d')
    expect(socket.sent.at(-1)).toBe('d')
  })

  test.each([
    ['what cannot be sent', 5, 'ERR_DATA'],
    ['nothing', null, 'ERR_DATA'],
  ])('fails on %s, and the next stream works', async (_, message, code) => {
    const { connection, accept } = setup()
    await accept()
    const first = connection.writable
    const writer = first.getWriter()
    await expect(writer.write(message as never)).rejects.toMatchObject({ code })
    await expect(writer.closed).rejects.toMatchObject({ code })
    expect(connection.writable).not.toBe(first)
    await connection.writable.getWriter().write('fine')
  })

  test('rejects a pending write with ERR_ENDED when the connection ends', async () => {
    const { connection } = setup({ autoOpen: false })
    const writing = connection.writable.getWriter().write('1')
    await settle()
    void connection.close()
    await expect(writing).rejects.toMatchObject({ code: 'ERR_ENDED' })
  })

  test('aborts an idle source when the connection ends, and a restart has a new stream', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    const first = connection.writable
    let reason: unknown
    const piping = new ReadableStream<string>({ cancel: (why) => void (reason = why) }).pipeTo(first)
    void connection.close()
    socket.end({ code: 1000 })
    await expect(piping).rejects.toMatchObject({ code: 'ERR_ENDED' })
    expect(reason).toMatchObject({ code: 'ERR_ENDED' })
    await expect(connection.writable.getWriter().closed).rejects.toMatchObject({ code: 'ERR_ENDED' })
    connection.open()
    await accept()
    await connection.writable.getWriter().write('fine')
  })

  test('of an earlier run can end without affecting the current one', async () => {
    const { connection, accept } = setup({ autoOpen: false })
    const refused = connection.writable
      .getWriter()
      .write('1')
      .catch((error: unknown) => error)
    await settle()
    void connection.close()
    connection.open()
    const second = connection.writable
    expect(await refused).toMatchObject({ code: 'ERR_ENDED' })
    await settle()
    expect(connection.writable).toBe(second)
    await accept()
    await second.getWriter().write('fine')
  })

  test('discards its pending data when aborted; the connection stays open', async () => {
    const { connection, accept } = setup({ highWaterMark: 10 })
    const socket = await accept()
    socket.bufferedAmount = 10
    const writer = connection.writable.getWriter()
    const writes = ['1', '2', '3'].map((each) => writer.write(each).catch(() => 'refused'))
    await settle()
    void writer.abort().catch(() => {})
    expect(connection.state).toBe('open')
    expect(connection.withdraw()).toEqual(['1'])
    expect(await Promise.all(writes.slice(1))).toEqual(['refused', 'refused'])
  })
})
