import { describe, expect, test } from 'vitest'
import { after, hellos, resuming, welcome } from './support/scripted-server.js'

describe('a first link', () => {
  test('begins the session: hello, welcome, then the queue', async () => {
    const { connection, session, continuity, open } = resuming()
    expect(connection.send('early')).toBe('queued')
    const socket = await open()
    expect(hellos(socket)).toEqual([{ v: 1, sid: session.id, gen: 1, rx: 0, x: ['topics'] }])
    expect(after(socket)).toEqual(['d1:early'])
    expect(continuity).toEqual([{ kind: 'begun', id: session.id }])
    expect([connection.state, session.state]).toEqual(['open', 'attached'])
  })
})

describe('a further link', () => {
  test('resumes the session: it sends again what the server has not, and receives what it missed', async () => {
    const { connection, session, continuity, heard, open, lose } = resuming()
    const first = await open()
    first.message('d1:a')
    for (const text of ['1', '2', '3']) connection.send(text)
    first.message('a1')
    await lose()
    connection.send('4')
    const second = await open(welcome({ resumed: true, rx: 1, seen: 2, tail: 3 }))
    expect(hellos(second)).toEqual([{ v: 1, sid: session.id, gen: 2, rx: 1, ep: 'e1', x: ['topics'] }])
    expect(after(second)).toEqual(['d3:3', 'd4:4'])
    for (const frame of ['d2:b', 'd3:c']) second.message(frame)
    expect(heard).toEqual(['a', 'b', 'c'])
    expect(continuity.at(-1)).toEqual({ kind: 'kept', away: 100, replayed: { out: 1, in: 2 }, forgotten: 0 })
  })
})
