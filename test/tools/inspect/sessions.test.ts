import { describe, expect, it } from 'vitest'
import { resumable, type ResumeOptions } from '../../../src/resume/index.js'
import { observe, type InspectionMessage, type ObservableSession } from '../../../src/tools/inspect/index.js'
import { sessionWords } from '../../../src/tools/inspect/viewer/session.js'
import { Store } from '../../../src/tools/inspect/viewer/store.js'
import { refusal, resuming, welcome } from '../../resume/support/scripted-server.js'
import { setup } from '../../support/setup.js'
import { sentinel } from './life.js'

/** An observed connection with a session, and the viewer's state of it. */
function watched(options: ResumeOptions = {}) {
  const life = resuming(options)
  const { connection, session, clock } = life
  const messages: InspectionMessage[] = []
  const store = new Store()
  observe(
    connection,
    (message) => {
      messages.push(message)
      store.take({ ...message })
    },
    { clock, session, every: 10 },
  )
  const occurrences = () =>
    messages.flatMap((message) =>
      message.type === '@statewire.occurrence' && message.occurrence.kind === 'continuity' ? [message.occurrence] : [],
    )
  const figures = () => messages.flatMap((message) => (message.type === '@statewire.figures' ? [message.figures] : []))
  const [seen] = store.connections.values()
  const log = (): string[] =>
    seen!.log
      .toArray()
      .filter(({ event }) => event === 'continuity')
      .map(({ detail, grave }) => (grave ? `! ${detail}` : detail))
  return { ...life, messages, occurrences, figures, seen: seen!, log }
}

describe('an observer of a session', () => {
  it('gets its state, what is unacknowledged, and its counters', async () => {
    const { open, connection, clock, transport, figures, seen } = watched()
    expect(figures()[0]?.session).toEqual({
      state: 'fresh',
      unacknowledged: 0,
      unacknowledgedBytes: 0,
      resumed: 0,
      lost: 0,
      replayedOut: 0,
      replayedIn: 0,
      duplicates: 0,
    })
    await open()
    connection.send('a')
    connection.send('b')
    await clock.advance(10)
    expect(seen.session).toMatchObject({ state: 'attached', unacknowledged: 2 })
    expect(seen.session!.unacknowledgedBytes).toBeGreaterThan(0)
    transport.last.end()
    await clock.advance(10)
    expect(sessionWords(seen.session!)).toBe('session away, 2 unacked')
    await clock.advance(90)
    const socket = await open(welcome({ rx: 1, resumed: true, tail: 1 }))
    socket.message('d1:x')
    socket.message('d1:x')
    socket.message('a2')
    await clock.advance(10)
    expect(seen.session).toEqual({
      state: 'attached',
      unacknowledged: 0,
      unacknowledgedBytes: 0,
      resumed: 1,
      lost: 0,
      replayedOut: 1,
      replayedIn: 1,
      duplicates: 1,
    })
    expect(sessionWords(seen.session!)).toBe('session attached')
  })

  it('gets what became of it, as counts', async () => {
    const { open, connection, lose, clock, occurrences, log, figures } = watched()
    await open()
    connection.send('a')
    await lose()
    await open(welcome({ resumed: true, tail: 2 }))
    for (const message of ['b', 'c']) connection.send(message)
    await lose()
    await open(refusal({ reason: 'expired', rx: 1, tried: 2 }), welcome({ ep: 'e2' }))
    await clock.advance(10)
    expect(occurrences()).toEqual([
      { kind: 'continuity', continuity: 'begun' },
      { kind: 'continuity', continuity: 'kept', away: 100, replayedOut: 1, replayedIn: 2 },
      {
        kind: 'continuity',
        continuity: 'lost',
        reason: 'expired',
        topic: false,
        delivered: 1,
        undelivered: 1,
        uncertain: 1,
      },
      { kind: 'continuity', continuity: 'begun' },
    ])
    expect(log()).toEqual([
      'session begun',
      'session kept after 100 ms: 1 message sent again, 2 received late',
      '! session lost: expired, 1 delivered, 1 undelivered, 1 uncertain',
      'session begun',
    ])
    // Counted once, although the closing link may report the same messages.
    expect(figures().at(-1)?.uncertain).toBe(1)
  })

  it('counts what a closed connection leaves uncertain once', async () => {
    const { open, connection, clock, transport, figures, occurrences } = watched()
    await open()
    connection.send('a')
    void connection.close()
    await clock.advance(60_000)
    transport.last.end()
    await clock.advance(10)
    expect(occurrences().at(-1)).toMatchObject({ continuity: 'lost', reason: 'closed', uncertain: 1 })
    expect(figures().at(-1)).toMatchObject({ uncertain: 1, session: { state: 'ended', lost: 1 } })
  })

  it('counts uncertain messages of links without the session', async () => {
    const { accept, connection, clock, lose, figures } = watched({ required: false })
    await accept('')
    connection.send('a')
    await clock.advance(10)
    expect(figures().at(-1)?.session?.state).toBe('plain')
    await lose()
    await clock.advance(10)
    expect(figures().at(-1)?.uncertain).toBe(1)
  })

  it('gets neither its id nor its contents, credentials or topics', async () => {
    const { open, connection, session, clock, lose, messages, occurrences } = watched({ auth: () => sentinel })
    const ids = new Set([session.id])
    await open()
    connection.send(`sent ${sentinel}`)
    await lose()
    const second = await open(welcome({ resumed: true }))
    second.message(`d1:${sentinel}`)
    second.message(`j${JSON.stringify({ id: 1, topic: sentinel, ep: sentinel, off: 0 })}`)
    second.message(`j${JSON.stringify({ id: 1, topic: sentinel, ep: `${sentinel}-2`, off: 9, lost: true })}`)
    await lose()
    await open(refusal({ reason: 'unknown' }), welcome({ ep: sentinel }))
    ids.add(session.id)
    connection.send(`last ${sentinel}`)
    void connection.close()
    await clock.advance(60_000)
    ids.add(session.id)
    expect(new Set(occurrences().map(({ continuity }) => continuity))).toEqual(new Set(['begun', 'kept', 'lost']))
    expect(occurrences().some((each) => each.continuity === 'lost' && each.topic)).toBe(true)
    const text = JSON.stringify(messages)
    for (const secret of [...ids, sentinel]) expect(text).not.toContain(secret)
    expect(ids.size).toBe(3)
  })

  it('gets known words only, whatever an object of the app says', async () => {
    const { connection, clock } = setup()
    const messages: InspectionMessage[] = []
    const session: ObservableSession = {
      state: sentinel as never,
      unacknowledged: { messages: 0, bytes: 0 },
      counters: { resumed: 0, lost: 0, replayedOut: 0, replayedIn: 0, duplicates: 0 },
      on(_, listener) {
        const lost = { kind: 'lost', reason: sentinel as never, lastReceived: 0, delivered: 0 } as const
        const nothing = { undelivered: [], uncertain: [], forgotten: { undelivered: 0, uncertain: 0 } }
        queueMicrotask(() => listener({ ...lost, ...nothing }))
        return () => {}
      },
    }
    observe(connection, (message) => messages.push(message), { clock, session })
    await clock.advance(1_000)
    expect(JSON.stringify(messages)).toContain('continuity')
    expect(JSON.stringify(messages)).not.toContain(sentinel)
  })

  it('leaves no listener behind', async () => {
    const { connection, clock } = setup()
    const session = resumable()
    let listening = 0
    const counted: ObservableSession = Object.assign(Object.create(session) as ObservableSession, {
      on() {
        listening++
        return () => listening--
      },
    })
    const off = observe(connection, () => {}, { clock, session: counted })
    expect(listening).toBe(1)
    off()
    expect(listening).toBe(0)
  })
})

describe('the viewer', () => {
  it('shows no session where there is none', async () => {
    const { connection, clock } = setup()
    const store = new Store()
    observe(connection, (message) => store.take({ ...message }), { clock })
    await clock.advance(1_000)
    expect([...store.connections.values()].map(({ session }) => session)).toEqual([undefined])
  })

  it.each<[string, unknown]>([
    ['no object', 1],
    ['an unknown state', { state: 'constructor' }],
    ['a state that is no text', { state: {} }],
  ])('ignores a session with %s', async (_, session) => {
    const { seen, messages } = watched()
    seen.figures(0, { ...messages.find(({ type }) => type === '@statewire.figures'), session })
    expect(seen.session).toBeUndefined()
  })

  it('shows zero for a counter that is no number', () => {
    const { seen } = watched()
    seen.figures(0, { session: { state: 'away', unacknowledged: '7', resumed: NaN } })
    expect(seen.session).toMatchObject({ state: 'away', unacknowledged: 0, resumed: 0 })
    seen.occurrence(0, { kind: 'continuity', continuity: 'elsewhere' })
    expect(seen.log.toArray().some(({ event }) => event === 'continuity')).toBe(false)
  })
})
