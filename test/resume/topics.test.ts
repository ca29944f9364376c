import { describe, expect, test } from 'vitest'
import { after, hellos, refusal, resuming, welcome } from './support/scripted-server.js'

const joined = (fields: object): string => `j${JSON.stringify({ id: 1, topic: 'btc', ep: 'e', off: 0, ...fields })}`

describe('a topic', () => {
  test('delivers its messages like any other, without acknowledgments', async () => {
    const { session, heard, open, clock, connection } = resuming({ acknowledge: 'manual' })
    const numbers: number[] = []
    connection.on('message', () => numbers.push(session.number))
    const socket = await open()
    for (const frame of [joined({ off: 7 }), 't1,8:a', 'd1:b', 't1,9:c']) socket.message(frame)
    await clock.advance(1_000)
    expect([heard, numbers, after(socket)]).toEqual([['a', 'b', 'c'], [0, 1, 0], []])
  })

  test('continues on the next link after the last message, under another id', async () => {
    const { session, heard, continuity, open, lose } = resuming()
    const first = await open()
    for (const frame of [joined({}), joined({ id: 2, topic: 'eth', off: 4 }), 't1,1:a', 't2,5:b']) first.message(frame)
    await lose()
    const second = await open(welcome({ resumed: true }))
    expect(hellos(second)).toMatchObject([{ x: ['topics'], topics: { btc: ['e', 1], eth: ['e', 5] } }])
    for (const frame of [joined({ id: 5, off: 1 }), joined({ id: 6, topic: 'eth', off: 4 })]) second.message(frame)
    // The server may start before the client's position.
    for (const frame of ['t5,2:c', 't6,5:b', 't6,6:d', 't5,2:c']) second.message(frame)
    expect(heard).toEqual(['a', 'b', 'c', 'd'])
    expect([session.counters.duplicates, continuity.length]).toEqual([2, 2])
  })

  test.each([
    ['says so', { off: 5, lost: true }],
    ['has another epoch', { ep: 'f', off: 0 }],
    ['continues later', { off: 5 }],
  ])('is lost alone if the server %s', async (_, fields) => {
    const { session, heard, continuity, open, lose, connection } = resuming()
    const first = await open()
    connection.send('1')
    for (const frame of [joined({}), 't1,1:a']) first.message(frame)
    await lose()
    const second = await open(welcome({ resumed: true }))
    second.message(joined(fields))
    expect(continuity.at(-1)).toEqual({
      kind: 'lost',
      reason: 'range',
      topic: 'btc',
      lastReceived: 1,
      delivered: 0,
      undelivered: [],
      uncertain: [],
      forgotten: { undelivered: 0, uncertain: 0 },
    })
    second.message(`t1,${fields.off + 1}:b`)
    expect([heard, session.unacknowledged.messages, session.counters.lost]).toEqual([['a', 'b'], 1, 0])
  })

  test('with a gap breaks the protocol, and so does an unknown id', async () => {
    for (const frame of ['t1,2:x', 't2,1:x', 'l2']) {
      const { connection, heard, open } = resuming()
      const socket = await open()
      socket.message(joined({}))
      socket.message(frame)
      expect([frame, heard, connection.status.loss?.close.code]).toEqual([frame, [], 4400])
    }
  })

  test('has an id on one link only', async () => {
    const { connection, heard, open, lose } = resuming()
    const first = await open()
    first.message(joined({}))
    await lose()
    const second = await open(welcome({ resumed: true }))
    second.message('t1,1:a')
    expect([heard, connection.status.loss?.close.code]).toEqual([[], 4400])
  })

  test('that the server left is forgotten', async () => {
    const { connection, open, lose } = resuming()
    const socket = await open()
    for (const frame of [joined({}), 't1,1:a', 'l1']) socket.message(frame)
    socket.message('t1,2:b')
    expect(connection.status.loss?.close.code).toBe(4400)
    await lose()
    expect(hellos(await open(welcome({ resumed: true })))[0]).not.toHaveProperty('topics')
  })

  test('ends with its session', async () => {
    const { open, lose } = resuming()
    const socket = await open()
    for (const frame of [joined({}), 't1,1:a', refusal({ reason: 'ended' })]) socket.message(frame)
    await lose()
    expect(hellos(await open())[0]).not.toHaveProperty('topics')
  })

  test('is left out of a hello that it would make too long, and then reported as lost', async () => {
    const { connection, continuity, open, lose } = resuming()
    const socket = await open()
    for (let id = 1; id <= 300; id++) socket.message(joined({ id, topic: `a topic ${id}` }))
    await lose()
    const next = await open(welcome({ resumed: true }))
    expect(hellos(next)[0]).not.toHaveProperty('topics')
    next.message(joined({ topic: 'a topic 1', off: 3 }))
    expect([connection.state, continuity.at(-1)]).toMatchObject(['open', { kind: 'lost', topic: 'a topic 1' }])
  })
})
