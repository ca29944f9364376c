// The rules of the client for the begin and the end of a link.
import { describe, expect, test } from 'vitest'
import { Refused } from '../../src/core/errors.js'
import { settle } from '../../src/tools/testing/clock.js'
import { after, hellos, refusal, resuming, welcome } from './support/scripted-server.js'

describe('a first link', () => {
  test('begins the session: hello, welcome, then the queue', async () => {
    const { connection, session, continuity, open } = resuming()
    expect([session.state, connection.send('early')]).toEqual(['fresh', 'queued'])
    const socket = await open()
    expect(socket.target.protocols).toEqual(['resume.v1'])
    expect(hellos(socket)).toEqual([{ v: 1, sid: session.id, gen: 1, rx: 0, tx: 0, x: ['topics'] }])
    expect(after(socket)).toEqual(['d1:early'])
    expect(continuity).toEqual([{ kind: 'begun', id: session.id }])
    expect([connection.state, session.state, connection.protocol]).toEqual(['open', 'attached', ''])
  })

  test('has an id of 128 random bits', () => {
    const ids = Array.from({ length: 100 }, () => resuming({}, { autoOpen: false }).session.id)
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/)
    expect(new Set(ids).size).toBe(100)
  })

  test('reports continuity before the messages that came with the welcome', async () => {
    const log: unknown[] = []
    const { session, connection, accept } = resuming()
    session.on('continuity', ({ kind }) => log.push(kind))
    connection.on('open', () => log.push('open'))
    connection.on('message', (message) => log.push(message))
    const socket = await accept()
    for (const frame of [welcome(), 'd1:a', 'd2:b']) socket.message(frame)
    await settle()
    expect(log).toEqual(['begun', 'open', 'a', 'b'])
  })

  test('follows the app’s prepare, which sees the app’s subprotocol', async () => {
    const seen: string[] = []
    const { connection, accept } = resuming(
      {},
      {
        protocols: ['feed.v2', 'feed.v1'],
        prepare: (link) => {
          seen.push(link.protocol)
          link.send('login')
        },
      },
    )
    const socket = await accept()
    expect(socket.target.protocols).toEqual(['resume.v1.feed.v2', 'resume.v1.feed.v1'])
    expect(String(socket.sent[0])).toBe('login')
    expect(hellos(socket)).toHaveLength(1)
    socket.message(welcome())
    await settle()
    expect([seen, connection.protocol]).toEqual([['feed.v1'], 'feed.v1'])
  })

  test('that answers something else breaks the protocol', async () => {
    for (const answer of ['d1:a', 'a0', 'w{}', 'r{}', 'nonsense', welcome({ rx: 2, seen: 1 })]) {
      const { connection, accept, clock, transport } = resuming()
      const socket = await accept()
      socket.message(answer)
      await settle()
      expect([answer, socket.actions.at(-2)]).toEqual([answer, { type: 'close', code: 4400, reason: 'invalid frame' }])
      expect([connection.state, connection.status.loss?.close.code]).toEqual(['backoff', 4400])
      await clock.advance(100)
      expect(transport.sockets).toHaveLength(2)
    }
  })

  test('without the subprotocol fails, and is tried again', async () => {
    const { connection, accept, clock, transport } = resuming()
    await accept('')
    expect([connection.state, connection.status.loss?.error?.code]).toEqual(['backoff', 'ERR_PREPARE'])
    expect(connection.status.loss?.error?.message).toContain('resume.v1')
    await clock.advance(100)
    expect(transport.sockets).toHaveLength(2)
  })
})

describe('a further link', () => {
  test('resumes the session: what the server has not is sent again, what the client missed is received', async () => {
    const { connection, session, continuity, heard, open, lose } = resuming()
    const first = await open()
    first.message('d1:a')
    for (const text of ['1', '2', '3']) connection.send(text)
    first.message('a1')
    await lose()
    expect(session.state).toBe('away')
    connection.send('4')
    const second = await open(welcome({ resumed: true, rx: 1, seen: 2, tail: 3 }))
    expect(hellos(second)).toEqual([{ v: 1, sid: session.id, gen: 2, rx: 1, tx: 3, ep: 'e1', x: ['topics'] }])
    expect(after(second)).toEqual(['d3:3', 'd4:4'])
    // Message 2 has arrived, but may be needed again.
    expect(session.unacknowledged.messages).toBe(3)
    for (const frame of ['d2:b', 'd3:c']) second.message(frame)
    expect(heard).toEqual(['a', 'b', 'c'])
    expect(continuity.at(-1)).toEqual({ kind: 'kept', away: 100, replayed: { out: 1, in: 2 }, forgotten: 0 })
    expect(session.counters).toEqual({ resumed: 1, lost: 0, replayedOut: 1, replayedIn: 2, duplicates: 0 })
  })

  test('sends again what an earlier welcome had seen and the next one has not', async () => {
    const { connection, open, lose } = resuming()
    await open()
    for (const text of ['1', '2']) connection.send(text)
    await lose()
    expect(after(await open(welcome({ resumed: true, seen: 2 })))).toEqual([])
    await lose()
    expect(after(await open(welcome({ resumed: true, seen: 0 })))).toEqual(['d1:1', 'd2:2'])
  })

  test('says hello with a higher generation each time, also if the welcome was lost', async () => {
    const { open, accept, lose } = resuming()
    await accept()
    await lose()
    expect(hellos(await accept())).toMatchObject([{ gen: 2 }])
    await lose()
    expect(hellos(await open())).toMatchObject([{ gen: 3 }])
    await lose()
    expect(hellos(await accept())).toMatchObject([{ gen: 4, ep: 'e1' }])
  })

  test('keeps the session on reconnect()', async () => {
    const { connection, session, open, transport } = resuming()
    await open()
    const { id } = session
    connection.send('1')
    connection.reconnect()
    const next = await open(welcome({ resumed: true }))
    expect([session.id, transport.sockets.length, after(next)]).toEqual([id, 2, ['d1:1']])
  })
})

describe('a welcome that contradicts the client', () => {
  const cases = {
    'has seen more than was sent': { resumed: true, rx: 1, seen: 3 },
    'forgets what was acknowledged': { resumed: true, rx: 0, seen: 2 },
    'has another epoch': { resumed: true, rx: 1, seen: 2, ep: 'e2' },
    'begins a session that had begun': { resumed: false, rx: 1, seen: 2 },
  }
  test.each(Object.entries(cases))('%s: the session is lost', async (_, fields) => {
    const { connection, session, continuity, open, lose, clock } = resuming()
    const first = await open()
    const { id } = session
    for (const text of ['1', '2']) connection.send(text)
    first.message('a1')
    await lose()
    const second = await open(welcome(fields))
    expect(continuity.at(-1)).toEqual({
      kind: 'lost',
      reason: 'rewound',
      lastReceived: 0,
      delivered: 1,
      undelivered: [],
      uncertain: ['2'],
      forgotten: { undelivered: 0, uncertain: 0 },
    })
    // The server has the session, so it is told that it is over.
    expect(after(second)).toEqual(['b0'])
    expect(connection.status.loss?.close).toEqual({ code: 4400, reason: 'rewound', wasClean: false })
    await clock.advance(100)
    const third = await open()
    expect(hellos(third)).toMatchObject([{ gen: 1, rx: 0 }])
    expect(session.id).not.toBe(id)
    expect([hellos(third)[0]!.sid, hellos(third)[0]!.ep]).toEqual([session.id, undefined])
  })
})

describe('a refusal', () => {
  const unacknowledged = async () => {
    const rig = resuming()
    const first = await rig.open()
    first.message('d1:a')
    for (const text of ['1', '2', '3', '4']) rig.connection.send(text)
    first.message('a1')
    await rig.lose()
    return rig
  }

  test.each([
    ['exactly', { rx: 2, exact: true }, { delivered: 2, uncertain: [], undelivered: ['3', '4'] }],
    ['up to what was tried', { rx: 1, tried: 3 }, { delivered: 1, uncertain: ['2', '3'], undelivered: ['4'] }],
    ['without what was tried', { rx: 3 }, { delivered: 3, uncertain: ['4'], undelivered: [] }],
    ['without anything', {}, { delivered: 1, uncertain: ['2', '3', '4'], undelivered: [] }],
    [
      'less than it acknowledged',
      { rx: 0, exact: true },
      { delivered: 1, uncertain: [], undelivered: ['2', '3', '4'] },
    ],
    ['more than was sent', { rx: 9, exact: true }, { delivered: 4, uncertain: [], undelivered: [] }],
  ] as const)('that says %s sorts the messages', async (_, fields, lists) => {
    const { continuity, accept } = await unacknowledged()
    const socket = await accept()
    socket.message(refusal({ reason: 'expired', ...fields }))
    await settle()
    expect(continuity.at(-1)).toEqual({
      kind: 'lost',
      reason: 'expired',
      lastReceived: 1,
      forgotten: { undelivered: 0, uncertain: 0 },
      ...lists,
    })
  })

  test('is followed by a new session on the same link', async () => {
    const { session, continuity, connection, open, transport } = await unacknowledged()
    const { id } = session
    connection.send('5')
    const socket = await open(refusal({ reason: 'unknown' }), welcome({ ep: 'e2' }))
    expect(hellos(socket)).toMatchObject([
      { sid: id, gen: 2, rx: 1, ep: 'e1' },
      { sid: session.id, gen: 1, rx: 0 },
    ])
    expect(hellos(socket)[1]).not.toHaveProperty('ep')
    expect(session.id).not.toBe(id)
    expect(after(socket)).toEqual(['d1:5'])
    expect(continuity.map(({ kind }) => kind)).toEqual(['begun', 'lost', 'begun'])
    expect([transport.sockets.length, connection.state, session.counters.lost]).toEqual([2, 'open', 1])
  })

  test.each([
    ['superseded', 4409],
    ['forbidden', 4403],
  ] as const)('%s ends the connection', async (reason, code) => {
    const { connection, session, continuity, accept } = await unacknowledged()
    const uncertain: unknown[] = []
    connection.on('close', (event) => uncertain.push([event.code, event.willRetry, event.uncertain.messages]))
    const socket = await accept()
    socket.message(refusal({ reason }))
    await settle()
    expect(continuity.at(-1)).toMatchObject({ kind: 'lost', reason, uncertain: ['2', '3', '4'] })
    expect([connection.state, session.state, uncertain]).toEqual(['ended', 'ended', [[code, false, 3]]])
    expect(connection.status.loss?.error?.code).toBe('ERR_SESSION_LOST')
    expect(hellos(socket)).toHaveLength(1)
  })

  test('in the middle of a link ends the session: what still arrives is dropped, what is sent waits', async () => {
    const { connection, session, continuity, heard, open, clock } = resuming()
    const socket = await open()
    const { id } = session
    socket.message('d1:a')
    connection.send('1')
    socket.message(refusal({ reason: 'ended', rx: 0, tried: 1 }))
    socket.message('d2:late')
    socket.message('a1')
    expect(connection.send('2')).toBe('queued')
    expect([heard, after(socket)]).toEqual([['a'], ['d1:1']])
    expect(continuity.at(-1)).toMatchObject({ reason: 'ended', lastReceived: 1, uncertain: ['1'], undelivered: [] })
    expect(connection.state).toBe('open')
    socket.end({ code: 1011 })
    await clock.advance(100)
    const next = await open()
    expect(hellos(next)).toMatchObject([{ sid: session.id, gen: 1, rx: 0 }])
    expect([session.id === id, after(next)]).toEqual([false, ['d1:2']])
  })

  test('in the middle of a link with a final reason ends the connection at once', async () => {
    const { connection, open, continuity } = resuming()
    const socket = await open()
    socket.message(refusal({ reason: 'superseded' }))
    expect([connection.state, connection.status.loss?.close.code]).toEqual(['ended', 4409])
    expect(continuity.at(-1)).toMatchObject({ kind: 'lost', reason: 'superseded' })
  })
})

describe('a close code', () => {
  test.each([
    [4409, 'superseded'],
    [4403, 'forbidden'],
  ] as const)('%i ends the connection, whose session is lost', async (code, reason) => {
    const { connection, continuity, open } = resuming()
    const closes: unknown[] = []
    connection.on('close', (event) => closes.push([event.code, event.willRetry, event.uncertain.messages]))
    const socket = await open()
    connection.send('1')
    socket.end({ code })
    expect(continuity.at(-1)).toMatchObject({ kind: 'lost', reason, uncertain: ['1'] })
    expect([connection.state, closes]).toEqual(['ended', [[code, false, 1]]])
  })

  test.each([4400, 4408, 1006, 1011, 1012, 1013])('%i keeps the session', async (code) => {
    const { connection, session, open, clock } = resuming()
    const closes: unknown[] = []
    connection.on('close', (event) => closes.push(event.uncertain))
    const socket = await open()
    const { id } = session
    connection.send('1')
    socket.end({ code })
    expect([connection.state, closes]).toEqual(['backoff', [{ messages: 0, bytes: 0 }]])
    await clock.advance(300_000)
    const next = await open(welcome({ resumed: true }))
    expect([session.id, after(next)]).toEqual([id, ['d1:1']])
  })

  test('1012 waits as long as the server asks', async () => {
    const { open, clock, transport } = resuming()
    const socket = await open()
    socket.end({ code: 1012, reason: 'drain, retry-after=5000ms' })
    await clock.advance(5_000)
    expect(transport.sockets).toHaveLength(1)
    await clock.advance(100)
    expect(transport.sockets).toHaveLength(2)
  })

  test('1009 ends the connection, and an app that retries gets a session without the message', async () => {
    const { connection, continuity, open } = resuming()
    const socket = await open()
    connection.send('huge')
    socket.end({ code: 1009 })
    expect([connection.state, continuity.at(-1)]).toMatchObject([
      'ended',
      { kind: 'lost', reason: 'overflow', uncertain: ['huge'] },
    ])
    const stubborn = resuming({}, { retry: () => true })
    const first = await stubborn.open()
    stubborn.connection.send('huge')
    first.end({ code: 1009 })
    await stubborn.clock.advance(100)
    expect(after(await stubborn.open())).toEqual([])
  })
})

describe('auth', () => {
  test('is asked for each hello, with the attempt and its signal', async () => {
    const asked: unknown[] = []
    const { open, accept, lose } = resuming({
      auth: async ({ attempt, signal }) => {
        asked.push([attempt, signal.aborted])
        return Promise.resolve(`token ${asked.length}`)
      },
    })
    expect(hellos(await open())).toMatchObject([{ auth: 'token 1' }])
    await lose()
    const socket = await accept()
    socket.message(refusal({ reason: 'expired' }))
    await settle()
    expect(hellos(socket)).toMatchObject([{ auth: 'token 2' }, { auth: 'token 3' }])
    expect(asked).toEqual([
      [1, false],
      [2, false],
      [2, false],
    ])
  })

  test('is asked once more after 4401, then the connection ends', async () => {
    let asked = 0
    const { connection, accept, clock } = resuming({ auth: () => ++asked })
    const first = await accept()
    first.end({ code: 4401 })
    expect(connection.state).toBe('backoff')
    await clock.advance(100)
    const second = await accept()
    expect(hellos(second)).toMatchObject([{ auth: 2 }])
    second.end({ code: 4401 })
    expect([connection.state, asked]).toEqual(['ended', 2])
  })

  test('may be refused again after a welcome', async () => {
    const { connection, accept, open, clock } = resuming({ auth: () => 1 })
    for (let round = 0; round < 3; round++) {
      const refused = await accept()
      refused.end({ code: 4401 })
      await clock.advance(100)
      const socket = await open(welcome({ resumed: round > 0 }))
      socket.end()
      await clock.advance(100)
    }
    expect(connection.state).toBe('connecting')
  })

  test('that is not there can’t be refreshed, so 4401 ends the connection at once', async () => {
    const { connection, accept } = resuming()
    const socket = await accept()
    socket.end({ code: 4401 })
    expect(connection.state).toBe('ended')
  })

  test('refused while messages are unacknowledged reports them', async () => {
    const { connection, continuity, open, accept, lose, clock } = resuming({ auth: () => 1 })
    await open()
    connection.send('1')
    await lose()
    for (let round = 0; round < 2; round++) {
      const socket = await accept()
      socket.end({ code: 4401 })
      await clock.advance(100)
    }
    expect([connection.state, continuity.at(-1)]).toMatchObject([
      'ended',
      { kind: 'lost', reason: 'closed', uncertain: ['1'] },
    ])
  })

  test('that throws, rejects, or returns what JSON can’t express fails the attempt', async () => {
    const boom = new Error('boom')
    const bads = [
      () => {
        throw boom
      },
      () => Promise.reject(boom),
      () => 1n,
    ]
    for (const auth of bads) {
      const { connection, accept, clock, transport } = resuming({ auth })
      await accept()
      const { error } = connection.status.loss!
      expect([connection.state, error?.code]).toEqual(['backoff', 'ERR_PREPARE'])
      expect(error?.message).toContain('auth')
      await clock.advance(100)
      expect(transport.sockets).toHaveLength(2)
    }
  })

  test('that throws a Refused ends the connection', async () => {
    const { connection, accept } = resuming({
      auth: () => {
        throw new Refused('no account')
      },
    })
    await accept()
    expect([connection.state, connection.status.loss?.error?.code]).toEqual(['ended', 'ERR_REFUSED'])
  })

  test('that makes the hello longer than 4,096 bytes fails the attempt, and is not in the message', async () => {
    const { connection, accept } = resuming({ auth: () => 'ü'.repeat(2_100) })
    const socket = await accept()
    const { error } = connection.status.loss!
    expect([socket.sent, error?.code]).toEqual([[], 'ERR_PREPARE'])
    expect(error?.message).toMatch(/4\d\d\d bytes.*4096.*auth/)
    expect(error?.message).not.toContain('üü')
    const fits = resuming({ auth: () => 'x'.repeat(3_950) })
    expect(hellos(await fits.accept())).toHaveLength(1)
  })

  test('that takes longer than the attempt sends nothing on a later link', async () => {
    const resolves: ((value: string) => void)[] = []
    const { connection, accept } = resuming({ auth: () => new Promise((resolve) => resolves.push(resolve)) })
    const first = await accept()
    connection.reconnect()
    const second = await accept()
    resolves[0]!('late')
    await settle()
    expect([first.sent, second.sent]).toEqual([[], []])
    resolves[1]!('good')
    await settle()
    expect(hellos(second)).toMatchObject([{ auth: 'good', gen: 1 }])
  })
})
