// A session that survives a reload of the page, in one tab.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ResumeOptions } from '../../src/resume/index.js'
import { settle } from '../../src/tools/testing/clock.js'
import { FakeLocks, FakeStorage, stubPage } from './support/page.js'
import { after, hellos, refusal, resuming, welcome } from './support/scripted-server.js'

let storage = new FakeStorage()
beforeEach(() => void (storage = new FakeStorage()))
afterEach(() => void vi.unstubAllGlobals())

const page = (options: ResumeOptions & { outbox?: boolean; in?: FakeStorage } = {}) => {
  const { outbox = false, in: own = storage, ...rest } = options
  return resuming({ persist: { storage: own, key: 'chat', outbox }, ...rest })
}
const resumed = (fields = {}) => welcome({ resumed: true, ...fields })

describe('a reloaded page', () => {
  test('resumes the session: its id, generation, and what was received', async () => {
    const first = page()
    const socket = await first.open()
    for (const frame of ['d1:a', 'd2:b']) socket.message(frame)
    await first.clock.advance(200)
    const next = page()
    expect([next.session.id, next.session.state]).toEqual([first.session.id, 'away'])
    const link = await next.open(resumed({ tail: 3 }))
    expect(hellos(link)).toEqual([{ v: 1, sid: first.session.id, gen: 2, rx: 2, ep: 'e1', x: ['topics'] }])
    link.message('d3:c')
    expect([next.heard, next.session.state]).toEqual([['c'], 'attached'])
    expect(next.continuity).toMatchObject([{ kind: 'kept', replayed: { out: 0, in: 1 }, forgotten: 0 }])
  })

  test('has stored each acknowledgment and generation before the server learns of it', async () => {
    const { open, clock, lose, session } = page({ acknowledge: 'manual', ack: { every: 1 } })
    const socket = await open()
    const stored = () => JSON.parse(storage.entries.get('chat')!) as { received: number; gen: number }
    const seen: unknown[] = []
    const watch = (link: typeof socket) => {
      const send = link.send.bind(link)
      link.send = (data) => {
        seen.push([String(data).slice(0, 2), stored().received, stored().gen])
        send(data)
      }
    }
    watch(socket)
    for (const frame of ['d1:a', 'd2:b']) socket.message(frame)
    session.received(2)
    await clock.advance(20_000)
    expect(seen).toEqual([
      ['a2', 2, 1],
      ['p2', 2, 1],
    ])
    await lose()
    await open(resumed())
    expect(stored().gen).toBe(2)
  })

  test('stores what was received when the page is left', async () => {
    const { hide } = stubPage(new FakeLocks())
    const { open } = page()
    const socket = await open()
    socket.message('d1:a')
    hide()
    expect(JSON.parse(storage.entries.get('chat')!)).toMatchObject({ received: 1 })
  })

  test('without the messages goes on after those that have arrived, and reports how many are lost', async () => {
    const first = page()
    const socket = await first.open()
    for (const text of ['1', '2', '3', '4']) first.connection.send(text)
    socket.message('a1')
    await settle()
    const next = page()
    expect(next.session.unacknowledged.messages).toBeGreaterThanOrEqual(3)
    next.connection.send('new')
    const link = await next.open(resumed({ rx: 1, seen: 2 }))
    expect(after(link)).toEqual(['d3:new'])
    expect(next.continuity).toMatchObject([{ kind: 'kept', forgotten: 2, replayed: { out: 0 } }])
    expect(next.session.unacknowledged.messages).toBe(2)
    link.message('a3')
    expect(next.session.unacknowledged).toEqual({ messages: 0, bytes: 0 })
  })

  test('without the messages loses the session if the server loses them too', async () => {
    const first = page()
    await first.open()
    for (const text of ['1', '2']) first.connection.send(text)
    await settle()
    const next = page()
    await next.open(resumed({ rx: 0, seen: 2 }))
    next.connection.send('3')
    await next.lose()
    // Another node, which has less.
    const link = await next.open(resumed({ rx: 1, seen: 1 }))
    expect(next.continuity.at(-1)).toEqual({
      kind: 'lost',
      reason: 'range',
      lastReceived: 0,
      delivered: 1,
      undelivered: [],
      uncertain: ['3'],
      forgotten: { undelivered: 0, uncertain: 1 },
    })
    expect(after(link)).toEqual(['b0'])
  })

  test('without the messages counts them if the session is lost', async () => {
    const first = page()
    await first.open()
    for (const text of ['1', '2', '3']) first.connection.send(text)
    await settle()
    const next = page()
    const link = await next.accept()
    link.message(refusal({ reason: 'expired', rx: 1, tried: 2 }))
    await settle()
    expect(next.continuity).toMatchObject([
      { kind: 'lost', delivered: 1, uncertain: [], undelivered: [], forgotten: { uncertain: 1, undelivered: 1 } },
    ])
  })

  test('with the messages sends them again, text and bytes', async () => {
    const first = page({ outbox: true })
    const socket = await first.open()
    const bytes = Uint8Array.from({ length: 20_000 }, (_, at) => at % 256)
    for (const data of ['1', '2 \ud800 ü', bytes]) first.connection.send(data)
    socket.message('a1')
    const next = page({ outbox: true })
    expect(next.session.unacknowledged.messages).toBe(2)
    const link = await next.open(resumed({ rx: 1, seen: 1 }))
    const [text, binary] = after(link) as [string, Uint8Array]
    expect([text, binary.length]).toEqual(['d2:2 \ud800 ü', 20_002])
    expect(binary.slice(2)).toEqual(bytes)
    next.connection.send('4')
    link.message('a4')
    await settle()
    expect([...storage.entries.keys()]).toEqual(['chat'])
  })

  test('stores a message before it is sent', async () => {
    const { connection, open } = page({ outbox: true })
    const socket = await open()
    const send = socket.send.bind(socket)
    const stored: unknown[] = []
    socket.send = (data) => {
      stored.push(storage.getItem('chat:1'))
      send(data)
    }
    connection.send('1')
    expect(stored).toEqual(['d1:1'])
  })

  test('that crashed before it stored what the server has seen goes on after that', async () => {
    const first = page()
    await first.open()
    const crashed = storage.copy()
    for (const text of ['1', '2']) first.connection.send(text)
    const next = page({ in: crashed })
    next.connection.send('3')
    const link = await next.open(resumed({ rx: 1, seen: 2 }))
    expect([after(link), next.continuity]).toMatchObject([['d3:3'], [{ kind: 'kept', forgotten: 0 }]])
  })

  test('whose messages were stored in part counts all of them as forgotten', async () => {
    const first = page({ outbox: true })
    await first.open()
    for (const text of ['1', '2', '3']) first.connection.send(text)
    await settle()
    storage.removeItem('chat:2')
    const next = page({ outbox: true })
    const link = await next.open(resumed({ rx: 0, seen: 1 }))
    expect([after(link), next.continuity]).toMatchObject([[], [{ kind: 'kept', forgotten: 2 }]])
    expect(storage.getItem('chat:1')).toBeNull()
  })

  test('ignores a record that it can’t read', () => {
    for (const text of ['', '{', 'null', '[]', '{"v":2}', '{"v":1,"id":1}', '{"v":1,"id":"x","ep":"e","gen":1.5}']) {
      storage.entries.set('chat', text)
      expect(page().session.state).toBe('fresh')
    }
  })

  test('that says how long it was away measures it from what was last stored', async () => {
    const first = page()
    await first.open()
    const next = page()
    await next.clock.advance(700)
    await next.open(resumed())
    expect(next.continuity).toMatchObject([{ kind: 'kept', away: 700 }])
  })
})

describe('the record', () => {
  test('is erased with its session', async () => {
    const { connection, open } = page({ outbox: true })
    const socket = await open()
    connection.send('1')
    expect([...storage.entries.keys()]).toEqual(['chat', 'chat:1'])
    socket.message(refusal({ reason: 'ended' }))
    expect([...storage.entries.keys()]).toEqual([])
    socket.end()
    void connection.close()
    expect(page().session.state).toBe('fresh')
  })

  test('is erased by close()', async () => {
    const { connection, open } = page()
    const socket = await open()
    void connection.close()
    socket.end({ code: 1000 })
    expect([...storage.entries.keys()]).toEqual([])
  })

  test('in a storage that throws is reported once, and the connection works on', async () => {
    const full = new Error('quota')
    const { connection, session, errors, open, clock, lose } = page({ outbox: true })
    const socket = await open()
    connection.send('1')
    storage.onWrite = () => {
      throw full
    }
    connection.send('2')
    socket.message('d1:a')
    await clock.advance(200)
    await lose()
    const next = await open(resumed())
    expect(after(next)).toEqual(['d1:1', 'd2:2'])
    expect(errors).toEqual([['ERR_ENVIRONMENT', full]])
    // An outdated record would be worse than none.
    expect([[...storage.entries.keys()], session.state]).toEqual([[], 'attached'])
  })

  test('in a storage that can’t even be read is reported once there is a connection', async () => {
    const denied = new Error('denied')
    const closed = {
      getItem: () => {
        throw denied
      },
      setItem: () => {},
      removeItem: () => {
        throw denied
      },
    }
    const { errors, open } = resuming({ persist: { storage: closed, key: 'k' } })
    await open()
    expect(errors).toEqual([['ERR_ENVIRONMENT', denied]])
  })
})

describe('a Web Lock', () => {
  test('is held while the connection lives', async () => {
    const locks = new FakeLocks()
    stubPage(locks)
    const { connection, session, open } = page()
    const socket = await open()
    expect([...locks.held]).toEqual([`statewire.session.${session.id}`])
    socket.message(refusal({ reason: 'ended' }))
    socket.end()
    void connection.close()
    await settle()
    expect([...locks.held]).toEqual([])
  })

  test('gives a duplicated tab a session of its own', async () => {
    stubPage(new FakeLocks())
    const first = page({ outbox: true })
    await first.open()
    first.connection.send('1')
    const copied = storage.copy()
    const second = page({ outbox: true, in: copied })
    expect(second.session.id).toBe(first.session.id)
    const link = await second.accept()
    expect(hellos(link)).toEqual([])
    await second.clock.advance(1_000)
    expect(hellos(link)).toMatchObject([{ gen: 1, rx: 0, sid: second.session.id }])
    expect(second.session.id).not.toBe(first.session.id)
    link.message(welcome())
    await settle()
    expect([second.continuity, after(link)]).toEqual([[{ kind: 'begun', id: second.session.id }], []])
    // And its reload has that one.
    expect([page({ in: copied }).session.id, page().session.id]).toEqual([second.session.id, first.session.id])
  })

  test('that the old document releases late is waited for', async () => {
    const locks = new FakeLocks()
    stubPage(locks)
    const first = page()
    await first.open()
    const next = page()
    const link = await next.accept()
    await next.clock.advance(500)
    locks.release(`statewire.session.${first.session.id}`)
    await settle()
    expect(hellos(link)).toMatchObject([{ sid: first.session.id, gen: 2 }])
    expect(next.clock.pending).toBeLessThan(5)
  })

  test('is waited for once, however many attempts there are meanwhile', async () => {
    const locks = new FakeLocks()
    stubPage(locks)
    const first = page()
    await first.open()
    const next = page()
    await next.accept()
    next.connection.reconnect()
    const link = await next.accept()
    locks.release(`statewire.session.${first.session.id}`)
    await settle()
    expect(hellos(link)).toMatchObject([{ sid: first.session.id, gen: 2 }])
  })

  test('is released when the page is left, and taken again by the next link', async () => {
    const locks = new FakeLocks()
    const { hide } = stubPage(locks)
    const { session, open, lose } = page()
    await open()
    hide()
    await settle()
    expect([...locks.held]).toEqual([])
    await lose()
    const link = await open(resumed())
    expect([[...locks.held], hellos(link)]).toMatchObject([[`statewire.session.${session.id}`], [{ gen: 2 }]])
  })

  test('that another tab took meanwhile ends the session, and reports what was unacknowledged', async () => {
    const locks = new FakeLocks()
    const { hide } = stubPage(locks)
    const { session, connection, continuity, open, accept, lose, clock } = page()
    await open()
    connection.send('1')
    hide()
    await settle()
    locks.held.add(`statewire.session.${session.id}`)
    await lose()
    const link = await accept()
    await clock.advance(1_000)
    expect(continuity.at(-1)).toMatchObject({ kind: 'lost', reason: 'superseded', uncertain: ['1'] })
    expect(hellos(link)).toMatchObject([{ sid: session.id, gen: 1 }])
  })

  test('is done without where there are none, or they are forbidden', async () => {
    const forbidden = { request: () => Promise.reject(new DOMException('no', 'SecurityError')) }
    for (const locks of [undefined, forbidden]) {
      stubPage(locks)
      storage = new FakeStorage()
      const { open } = page()
      expect(hellos(await open())).toHaveLength(1)
    }
  })
})
