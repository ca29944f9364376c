// Messages out: numbers, the window, fates, and closing.
import { describe, expect, test } from 'vitest'
import { ConnectionError } from '../../src/core/errors.js'
import type { SendData } from '../../src/core/transport.js'
import { settle } from '../../src/tools/testing/clock.js'
import { after, hellos, refusal, resuming, welcome } from './support/scripted-server.js'

describe('a number', () => {
  test('is given at the socket: expiry, replacement and withdrawal before leave no gap', async () => {
    const { connection, open, clock } = resuming({}, { connectTimeout: 60_000 })
    connection.send('withdrawn')
    expect(connection.withdraw()).toEqual(['withdrawn'])
    connection.send('expires', { ttl: 10 })
    connection.send('replaced', { key: 'k' })
    connection.send('kept', { key: 'k' })
    await clock.advance(10)
    const socket = await open()
    expect(connection.sendMany(['a', 'b'])).toEqual({ sent: 2, queued: 0, dropped: 0 })
    expect(after(socket)).toEqual(['d1:kept', 'd2:a', 'd3:b'])
  })

  test('makes a message the session’s, even if the socket has closed by then', async () => {
    const { connection, session, open, lose } = resuming()
    const socket = await open()
    socket.send = () => {
      throw new ConnectionError('ERR_TRANSPORT', 'closed')
    }
    expect(connection.send('1')).toBe('sent')
    expect(session.unacknowledged).toEqual({ messages: 1, bytes: 4 })
    await lose()
    expect(after(await open(welcome({ resumed: true })))).toEqual(['d1:1'])
  })

  test('follows the codec, and a lost session lists the messages before it', async () => {
    const codec = { encode: (message: object) => JSON.stringify(message ?? null), decode: String }
    const { connection, continuity, open } = resuming({}, { codec: codec as never })
    const socket = await open()
    connection.send({ a: 1 } as never)
    connection.send(undefined as never)
    expect(after(socket)).toEqual(['d1:{"a":1}', 'd2:null'])
    socket.message('a1')
    connection.send({ b: 2 } as never)
    socket.message(refusal({ reason: 'ended', rx: 1, tried: 2 }))
    expect(continuity.at(-1)).toMatchObject({ delivered: 1, uncertain: [undefined], undelivered: [{ b: 2 }] })
  })
})

describe('a binary message', () => {
  test('is kept as a copy, which is what is sent again and listed', async () => {
    const { connection, continuity, open, lose } = resuming()
    const socket = await open()
    const buffer = Uint8Array.of(0, 1, 2, 3)
    connection.send(buffer.subarray(1, 3))
    connection.send(buffer.buffer)
    const sent = after(socket).map((frame) => [...(frame as Uint8Array)])
    buffer.fill(9)
    expect(sent).toEqual([
      [0x64, 1, 1, 2],
      [0x64, 2, 0, 1, 2, 3],
    ])
    await lose()
    const next = await open(welcome({ resumed: true }))
    expect(after(next).map((frame) => [...(frame as Uint8Array)])).toEqual(sent)
    next.message(refusal({ reason: 'ended' }))
    expect(continuity.at(-1)).toMatchObject({ uncertain: [Uint8Array.of(1, 2), Uint8Array.of(0, 1, 2, 3)] })
  })

  test('as a Blob is refused, whether it would be sent or queued', async () => {
    const { connection, open } = resuming()
    const blob = new Blob(['x']) as SendData
    const refused = expect.objectContaining({ code: 'ERR_DATA', message: expect.stringContaining('bytes') as string })
    expect(() => connection.send(blob)).toThrow(refused)
    const socket = await open()
    expect(() => connection.send(blob)).toThrow(refused)
    expect(() => connection.sendMany(['1', blob])).toThrow(refused)
    connection.send('2')
    expect(after(socket)).toEqual(['d1:2'])
  })
})

describe('a payload that the server doesn’t accept', () => {
  test('is refused without a number', async () => {
    const { connection, open, lose } = resuming()
    const socket = await open(welcome({ max: 4 }))
    const tooLarge = expect.objectContaining({
      code: 'ERR_DATA',
      message: expect.stringMatching(/\b4 bytes/) as string,
    })
    for (const data of ['12345', 'üüü', Uint8Array.of(1, 2, 3, 4, 5)])
      expect(() => connection.send(data)).toThrow(tooLarge)
    for (const data of ['1234', 'üü', Uint8Array.of(1, 2, 3, 4)]) expect(connection.send(data)).toBe('sent')
    expect(after(socket)).toHaveLength(3)
    await lose()
    // While disconnected, the last limit is known.
    expect(() => connection.send('12345')).toThrow(tooLarge)
  })

  test('may be accepted in the next session', async () => {
    const { connection, open } = resuming()
    const socket = await open(welcome({ max: 4 }))
    socket.message(refusal({ reason: 'ended' }))
    expect(connection.send('12345')).toBe('queued')
  })

  test('is dropped from the queue if it was queued before the limit was known', async () => {
    const { connection, open } = resuming()
    const dropped: unknown[] = []
    connection.on('dropped', ({ data, reason }) => dropped.push([data, reason]))
    connection.send('12345')
    connection.send('1')
    const socket = await open(welcome({ max: 4 }))
    expect([after(socket), dropped]).toEqual([['d1:1'], [['12345', 'refused']]])
  })

  test('and has a number from a link that did: the session can’t go on, and says so', async () => {
    const { connection, session, continuity, open, lose, clock } = resuming()
    await open()
    const { id } = session
    connection.send('12345')
    connection.send('1')
    await lose()
    const second = await open(welcome({ resumed: true, max: 4 }))
    expect(continuity.at(-1)).toMatchObject({ kind: 'lost', reason: 'overflow', uncertain: ['12345', '1'] })
    expect(after(second)).toEqual(['b0'])
    await clock.advance(100)
    expect(hellos(await open())[0]!.sid).not.toBe(id)
  })

  test('but has arrived before is no obstacle', async () => {
    const { connection, continuity, open, lose } = resuming()
    await open()
    connection.send('12345')
    await lose()
    await open(welcome({ resumed: true, max: 4, seen: 1 }))
    expect(continuity.at(-1)).toMatchObject({ kind: 'kept' })
  })
})

describe('the window', () => {
  test('keeps messages in the queue while it is full, and the acknowledgment sends them in the same turn', async () => {
    const { connection, open } = resuming({ window: { messages: 2 } })
    const socket = await open()
    expect(['1', '2', '3', '4'].map((text) => connection.send(text))).toEqual(['sent', 'sent', 'queued', 'queued'])
    socket.message('a1')
    expect([after(socket), connection.counters.queued]).toEqual([['d1:1', 'd2:2', 'd3:3'], 1])
    socket.message('a3')
    expect(after(socket)).toHaveLength(4)
  })

  test('counts the size of what is kept: the message that crosses it is the last', async () => {
    const { connection, session, open } = resuming({ window: { bytes: 8 } })
    const socket = await open()
    expect(['1', '2345', '6'].map((text) => connection.send(text))).toEqual(['sent', 'sent', 'queued'])
    expect(session.unacknowledged).toEqual({ messages: 2, bytes: 11 })
    socket.message('a1')
    expect([after(socket).length, session.unacknowledged]).toEqual([3, { messages: 2, bytes: 11 }])
  })

  test('is not crossed by a batch, which is accepted as a whole or not at all', async () => {
    const { connection, session, open } = resuming({ window: { messages: 2 } }, { queue: { messages: 2 } })
    const socket = await open()
    expect(() => connection.sendMany(['1', '2', '3', '4', '5'])).toThrow(
      expect.objectContaining({ code: 'ERR_QUEUE_FULL' }),
    )
    expect(connection.sendMany(['1', '2', '3', '4'])).toEqual({ sent: 2, queued: 2, dropped: 0 })
    expect([after(socket), session.unacknowledged.messages]).toEqual([['d1:1', 'd2:2'], 2])
    socket.message('a2')
    expect(after(socket)).toHaveLength(4)
  })

  test('makes drained() wait', async () => {
    const { connection, open, clock } = resuming({ window: { messages: 1 } })
    const socket = await open()
    connection.send('1')
    let drained = false
    void connection.drained().then(() => (drained = true))
    await clock.advance(1_000)
    expect(drained).toBe(false)
    socket.message('a1')
    await clock.advance(20)
    expect(drained).toBe(true)
  })

  test('holds 1,000 messages and 1 MiB by default', async () => {
    const { connection, session, open } = resuming()
    await open()
    for (let count = 0; count < 1_001; count++) connection.send('')
    expect([session.unacknowledged.messages, connection.counters.queued]).toEqual([1_000, 1])
    const large = resuming()
    await large.open()
    large.connection.send('x'.repeat(1 << 20))
    expect(large.connection.send('1')).toBe('queued')
  })
})

describe('an acknowledgment', () => {
  test('is cumulative, and one that is not new changes nothing', async () => {
    const { connection, session, open } = resuming()
    const socket = await open()
    for (const text of ['1', '2', '3']) connection.send(text)
    for (const [frame, left] of [
      ['a2', 1],
      ['a1', 1],
      ['a2', 1],
      ['a0', 1],
      ['a3', 0],
    ] as const) {
      socket.message(frame)
      expect([frame, session.unacknowledged.messages]).toEqual([frame, left])
    }
    expect(session.unacknowledged.bytes).toBe(0)
    expect(connection.state).toBe('open')
  })

  test('of what was never sent breaks the protocol, and forgets nothing', async () => {
    for (const frame of ['a2', 'q2']) {
      const { connection, session, open, clock } = resuming()
      const socket = await open()
      connection.send('1')
      await clock.advance(10_000)
      socket.message(frame)
      expect(connection.status.loss?.close).toMatchObject({ code: 4400 })
      expect(session.unacknowledged.messages).toBe(1)
    }
  })
})

describe('the fate of a message', () => {
  test('is sent, then delivered when the server acknowledges it, on any link', async () => {
    const { connection, open, lose } = resuming()
    const fates: string[] = []
    await open()
    for (const text of ['1', '2', '3']) connection.send(text, { onFate: (fate) => fates.push(`${text} ${fate}`) })
    await lose()
    const socket = await open(welcome({ resumed: true, rx: 1, seen: 1 }))
    expect(fates).toEqual(['1 sent', '2 sent', '3 sent', '1 delivered'])
    socket.message('a3')
    expect(fates.slice(4)).toEqual(['2 delivered', '3 delivered'])
  })

  test('is uncertain or undelivered, as a lost session lists it', async () => {
    const { connection, open } = resuming()
    const fates: string[] = []
    const socket = await open()
    for (const text of ['1', '2', '3']) connection.send(text, { onFate: (fate) => fates.push(`${text} ${fate}`) })
    socket.message(refusal({ reason: 'ended', rx: 1, tried: 2 }))
    expect(fates.slice(3)).toEqual(['1 delivered', '2 uncertain', '3 undelivered'])
    expect(fates).toHaveLength(6)
  })

  test('is that of a message in the queue until it has a number', async () => {
    const { connection, open } = resuming()
    const fates: string[] = []
    connection.send('1', { ttl: 0, onFate: (fate) => fates.push(fate) })
    connection.send('2', { onFate: (fate) => fates.push(fate) })
    await open()
    expect(fates).toEqual(['expired', 'sent'])
  })

  test('is uncertain when the connection ends before the server acknowledged it', async () => {
    const { connection, open, clock } = resuming()
    const fates: string[] = []
    await open()
    connection.send('1', { onFate: (fate) => fates.push(fate) })
    void connection.close()
    await clock.advance(2_000)
    expect(fates).toEqual(['sent', 'uncertain'])
  })
})

describe('delivered()', () => {
  const watched = (promise: Promise<void>) => {
    const seen: { done?: unknown } = {}
    promise.then(
      () => (seen.done = 'yes'),
      (thrown: unknown) => (seen.done = thrown),
    )
    return seen
  }

  test('resolves once everything sent before is acknowledged, what is queued included', async () => {
    const { connection, session, open } = resuming()
    await session.delivered()
    connection.send('queued')
    const early = watched(session.delivered())
    const socket = await open()
    connection.send('2')
    const both = watched(session.delivered())
    connection.send('3')
    socket.message('a1')
    await settle()
    expect([early.done, both.done]).toEqual(['yes', undefined])
    socket.message('a2')
    await settle()
    expect(both.done).toBe('yes')
  })

  test('waits for what the window keeps in the queue', async () => {
    const { connection, session, open } = resuming({ window: { messages: 1 } })
    const socket = await open()
    for (const text of ['1', '2']) connection.send(text)
    const waiting = watched(session.delivered())
    socket.message('a1')
    await settle()
    expect([after(socket), waiting.done]).toEqual([['d1:1', 'd2:2'], undefined])
    socket.message('a2')
    await settle()
    expect(waiting.done).toBe('yes')
  })

  test('doesn’t wait for messages that the queue discards', async () => {
    const { connection, session, open } = resuming()
    connection.send('1')
    connection.send('2', { ttl: 0 })
    const waiting = watched(session.delivered())
    const socket = await open()
    socket.message('a1')
    await settle()
    expect(waiting.done).toBe('yes')
    const other = resuming()
    other.connection.send('1', { ttl: 0 })
    const nothing = watched(other.session.delivered())
    await other.open()
    await settle()
    expect(nothing.done).toBe('yes')
  })

  test('survives the loss of links', async () => {
    const { connection, session, open, lose } = resuming()
    await open()
    connection.send('1')
    const waiting = watched(session.delivered())
    await lose()
    expect(waiting.done).toBeUndefined()
    await open(welcome({ resumed: true, rx: 1 }))
    await settle()
    expect(waiting.done).toBe('yes')
  })

  test('rejects if the session is lost, or the connection ends', async () => {
    const { connection, session, open } = resuming()
    const socket = await open()
    connection.send('1')
    const waiting = watched(session.delivered())
    socket.message(refusal({ reason: 'store' }))
    await settle()
    expect(waiting.done).toMatchObject({
      code: 'ERR_SESSION_LOST',
      message: expect.stringContaining('store') as string,
    })
    const other = resuming()
    other.connection.send('1')
    const ended = watched(other.session.delivered())
    void other.connection.close()
    await settle()
    expect(ended.done).toMatchObject({ code: 'ERR_SESSION_LOST' })
  })

  test('rejects with the reason of its signal, alone', async () => {
    const { connection, session, open } = resuming()
    const socket = await open()
    connection.send('1')
    const abort = new AbortController()
    const aborted = watched(session.delivered({ signal: abort.signal }))
    const other = watched(session.delivered())
    abort.abort('enough')
    await settle()
    expect([aborted.done, other.done]).toEqual(['enough', undefined])
    await expect(session.delivered({ signal: AbortSignal.abort('before') })).rejects.toBe('before')
    await expect(session.delivered({ signal: 1 as never })).rejects.toMatchObject({ code: 'ERR_OPTION' })
    socket.message('a1')
    await settle()
    expect(other.done).toBe('yes')
  })
})

describe('close()', () => {
  test('sends the queue, awaits the acknowledgments, says goodbye once, and then starts the closing handshake', async () => {
    const { connection, session, continuity, open } = resuming({ window: { messages: 1 }, ack: { every: 10 } })
    const socket = await open()
    socket.message('d1:a')
    connection.send('1')
    connection.send('2')
    const closed = connection.close(1000, 'done')
    expect(after(socket)).toEqual(['d1:1'])
    socket.message('a1')
    expect([after(socket), socket.count('close')]).toEqual([['d1:1', 'd2:2'], 0])
    for (const frame of ['a2', 'a2', 'b2']) socket.message(frame)
    expect(socket.actions.slice(-2)).toEqual([
      { type: 'send', data: 'b1' },
      { type: 'close', code: 1000, reason: 'done' },
    ])
    socket.end({ code: 1000 })
    expect(await closed).toMatchObject({ code: 1000, wasClean: true })
    expect([connection.state, session.state, continuity.length]).toEqual(['ended', 'ended', 1])
  })

  test('is limited by closeTimeout, and reports what is unacknowledged', async () => {
    const { connection, session, continuity, open, clock } = resuming()
    const uncertain: unknown[] = []
    connection.on('close', (event) => uncertain.push(event.uncertain))
    const socket = await open()
    for (const text of ['1', '2']) connection.send(text)
    socket.message('a1')
    void connection.close()
    await clock.advance(1_999)
    expect(connection.state).toBe('closing')
    await clock.advance(1)
    expect([connection.state, session.state, uncertain]).toEqual(['ended', 'ended', [{ messages: 1, bytes: 4 }]])
    expect(continuity.at(-1)).toMatchObject({ kind: 'lost', reason: 'closed', delivered: 1, uncertain: ['2'] })
    expect(session.unacknowledged).toEqual({ messages: 0, bytes: 0 })
  })

  test('without a link reports what is unacknowledged at once', async () => {
    const { connection, continuity, open } = resuming()
    const socket = await open()
    connection.send('1')
    socket.end()
    void connection.close()
    expect(continuity.at(-1)).toMatchObject({ kind: 'lost', reason: 'closed', uncertain: ['1'] })
  })

  test('by a listener just as the link opens still sends, hears the acknowledgments, and says goodbye', async () => {
    const { connection, continuity, heard, accept } = resuming()
    connection.send('1')
    connection.on('state', ({ state }) => {
      if (state === 'open') void connection.close()
    })
    const socket = await accept()
    for (const frame of [welcome(), 'd1:a']) socket.message(frame)
    await settle()
    expect([connection.state, after(socket), heard]).toEqual(['closing', ['d1:1'], ['a']])
    socket.message('a1')
    expect(after(socket)).toEqual(['d1:1', 'b1'])
    socket.end({ code: 1000 })
    expect(continuity.map(({ kind }) => kind)).toEqual(['begun'])
  })

  test('is followed by a new session after open()', async () => {
    const { connection, session, open } = resuming()
    const socket = await open()
    const { id } = session
    socket.message('d1:a')
    void connection.close()
    socket.end({ code: 1000 })
    connection.open()
    const next = await open()
    expect(hellos(next)).toMatchObject([{ sid: session.id, gen: 1, rx: 0 }])
    expect([session.id === id, session.state]).toEqual([false, 'attached'])
    expect(hellos(next)[0]).not.toHaveProperty('ep')
  })

  test('says goodbye in each session, and once, even if something else delays the closing handshake', async () => {
    const { connection, open } = resuming()
    for (let round = 0; round < 2; round++) {
      const socket = await open()
      let may = false
      const remove = connection.use({ mayClose: () => may })
      void connection.close()
      socket.message('a0')
      may = true
      socket.message('a0')
      expect(after(socket)).toEqual(['b0'])
      expect(socket.actions.at(-1)?.type).toBe('close')
      socket.end({ code: 1000 })
      remove()
      connection.open()
    }
  })

  test('while the link is lost before the goodbye loses nothing that was acknowledged', async () => {
    const { connection, continuity, open } = resuming()
    const socket = await open()
    connection.send('1')
    void connection.close()
    socket.end()
    expect([connection.state, continuity.at(-1)]).toMatchObject(['ended', { reason: 'closed', uncertain: ['1'] }])
  })
})
