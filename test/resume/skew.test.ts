import { describe, expect, test } from 'vitest'
import type { FakeSocket } from '../../src/tools/testing/transport.js'
import { settle } from '../../src/tools/testing/clock.js'
import { after, hellos, resuming, welcome } from './support/scripted-server.js'

// A server of a later version, or with a defect: what the client ignores, and what it doesn't accept.

/** How the client closed a link, first. */
const closedWith = ({ actions }: FakeSocket): unknown => {
  const action = actions.find(({ type }) => type === 'close')
  return action?.type === 'close' ? [action.code, action.reason] : undefined
}

const later = { later: { a: [1, null] }, x: ['of-a-later-version'] }

describe('what a later version adds', () => {
  test('members of a welcome are ignored', async () => {
    const { session, open, connection } = resuming()
    const socket = await open(welcome(later as object))
    connection.send('a')
    expect([session.state, after(socket)]).toEqual(['attached', ['d1:a']])
  })

  test('members of a refusal are ignored', async () => {
    const { continuity, open, lose } = resuming()
    await open()
    await lose()
    await open(`r${JSON.stringify({ reason: 'expired', rx: 0, exact: true, ...later })}`, welcome({ ep: 'e2' }))
    expect(continuity.map((event) => (event.kind === 'lost' ? event.reason : event.kind))).toEqual([
      'begun',
      'expired',
      'begun',
    ])
  })

  test('a reason of a refusal counts as ended, in answer to a hello', async () => {
    const { connection, continuity, session, open, lose } = resuming()
    await open()
    const { id } = session
    for (const text of ['1', '2', '3']) connection.send(text)
    await lose()
    const socket = await open('r{"reason":"of-a-later-version","rx":1,"tried":2}', welcome({ ep: 'e2' }))
    expect(continuity[1]).toMatchObject({
      kind: 'lost',
      reason: 'ended',
      delivered: 1,
      uncertain: ['2'],
      undelivered: ['3'],
    })
    expect(hellos(socket).map(({ sid, gen }) => [sid === id, gen])).toEqual([
      [true, 2],
      [false, 1],
    ])
    expect([session.state, connection.state]).toEqual(['attached', 'open'])
  })

  test('a reason of a refusal counts as ended, in the middle of a link', async () => {
    const { connection, continuity, session, open, lose } = resuming()
    const socket = await open()
    connection.send('1')
    socket.message('r{"reason":"of-a-later-version","rx":0,"exact":true}')
    // Dropped: the session is over.
    socket.message('d1:late')
    await lose()
    expect(continuity[1]).toMatchObject({ kind: 'lost', reason: 'ended', undelivered: ['1'] })
    const next = await open(welcome({ ep: 'e2' }))
    expect(hellos(next)).toMatchObject([{ sid: session.id, gen: 1, rx: 0 }])
    expect(session.counters.lost).toBe(1)
  })

  test('members of an announced topic are ignored', async () => {
    const { heard, open } = resuming()
    const socket = await open()
    socket.message(`j${JSON.stringify({ id: 1, topic: 'btc', ep: 'e', off: 4, ...later })}`)
    socket.message('t1,5:price')
    expect([heard, closedWith(socket)]).toEqual([['price'], undefined])
  })

  test('a frame type is not accepted: the link is closed with 4400, and the next one resumes', async () => {
    const { connection, session, continuity, open, heard, clock } = resuming()
    const first = await open()
    connection.send('1')
    first.message('d1:a')
    first.message('zof a later version')
    expect(closedWith(first)).toEqual([4400, 'invalid frame'])
    await clock.advance(100)
    const second = await open(welcome({ resumed: true, rx: 0, seen: 0, tail: 1 }))
    expect(hellos(second)).toMatchObject([{ gen: 2, rx: 1 }])
    expect([after(second), heard, continuity.at(-1)?.kind, session.counters.lost]).toEqual([['d1:1'], ['a'], 'kept', 0])
  })
})

describe('an answer to the hello that is not accepted', () => {
  test.each([
    ['an echo of the hello', 'h{"v":1,"sid":"q83vEjRWeJCrze8SNFZ4kA","gen":1,"rx":0}'],
    ['a message', 'd1:a'],
    ['an acknowledgment', 'a0'],
    ['text of an app', 'hello'],
    ['JSON of an app', '{"type":"welcome"}'],
    ['nothing', ''],
    ['a welcome without JSON', 'w'],
    ['a welcome without an epoch', 'w{"rx":0,"seen":0,"resumed":false,"ttl":1}'],
    ['a welcome that has seen less than it acknowledges', 'w{"ep":"e","rx":2,"seen":1,"resumed":false,"ttl":1}'],
    ['a refusal without a reason', 'r{}'],
    ['a refusal that has tried less than it handled', 'r{"reason":"expired","rx":2,"tried":1}'],
    ['bytes', Uint8Array.of(0x64, 1, 2).buffer],
  ])('fails the attempt: %s', async (_, answer) => {
    const { accept, connection, session, continuity, heard } = resuming()
    connection.send('waits')
    const socket = await accept()
    socket.message(answer)
    await settle()
    expect([connection.state, session.state]).toEqual(['backoff', 'fresh'])
    expect([after(socket), heard, continuity]).toEqual([[], [], []])
    expect(connection.withdraw()).toEqual(['waits'])
    expect(closedWith(socket)).toEqual([4400, 'invalid frame'])
  })

  test('fails the attempt at its connect timeout if it does not come', async () => {
    const { accept, connection, clock } = resuming({}, { connectTimeout: 3_000 })
    await accept()
    await clock.advance(2_999)
    expect(connection.state).toBe('connecting')
    await clock.advance(1)
    expect(connection.state).toBe('backoff')
  })

  test.each([
    ['more has arrived than was sent', { rx: 1, seen: 9 }],
    ['less is acknowledged than before', { rx: 0, seen: 2 }],
    ['the epoch is another one', { rx: 1, seen: 2, ep: 'other' }],
    ['the session has just begun', { rx: 1, seen: 2, resumed: false }],
  ])('loses the session as rewound if %s', async (_, fields) => {
    const { connection, continuity, open, lose, clock } = resuming()
    const first = await open()
    for (const text of ['1', '2']) connection.send(text)
    first.message('a1')
    await lose()
    const second = await open(welcome({ resumed: true, ...fields }))
    expect(continuity.at(-1)).toMatchObject({ kind: 'lost', reason: 'rewound', delivered: 1, uncertain: ['2'] })
    expect(closedWith(second)).toEqual([4400, 'rewound'])
    await clock.advance(100)
    const third = await open(welcome({ ep: 'e2' }))
    expect(hellos(third)).toMatchObject([{ gen: 1, rx: 0 }])
    expect(connection.state).toBe('open')
  })
})

describe('a message that the server does not take', () => {
  test('ends the connection with 1009, and the session is lost as overflow', async () => {
    const { connection, continuity, open, transport } = resuming()
    await open()
    connection.send('large')
    transport.last.end({ code: 1009, wasClean: true })
    await settle()
    expect(continuity.at(-1)).toMatchObject({ kind: 'lost', reason: 'overflow', uncertain: ['large'] })
    expect(connection.state).toBe('ended')
  })
})
