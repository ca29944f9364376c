// The viewer's state and texts, without the page.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { protocolPing, type ConnectionOptions } from '../../../src/index.js'
import { observe } from '../../../src/tools/inspect/index.js'
import { Latest, Ring } from '../../../src/tools/inspect/viewer/bounded.js'
import { isMessage } from '../../../src/tools/inspect/viewer/message.js'
import { Player, readRecording, writeRecording } from '../../../src/tools/inspect/viewer/recording.js'
import { activePaths, eventName, move, phaseOf } from '../../../src/tools/inspect/viewer/states.js'
import { Store } from '../../../src/tools/inspect/viewer/store.js'
import { ratesOf, roundUp } from '../../../src/tools/inspect/viewer/plots.js'
import type { Sample, Watched } from '../../../src/tools/inspect/viewer/watched.js'
import { headline, spokenWords } from '../../../src/tools/inspect/viewer/headline.js'
import { configurations } from '../../../machines/picture/model.js'
import { setup, type Setup } from '../../support/setup.js'
import { settle } from '../../../src/tools/testing/browser.js'
import type { SendData, MessageData } from '../../../src/core/transport.js'

type Fields = Parameters<Store['take']>[0]

interface Looked extends Setup<MessageData, SendData> {
  readonly store: Store
  readonly messages: Fields[]
  readonly watched: Watched
  says(): string
}

/** A connection, and the viewer's state of it. `only`: without statewire's own messages. */
function look(options: ConnectionOptions = {}, only = false): Looked {
  const life = setup({ heartbeat: protocolPing({ interval: 8_000, timeout: 3_000 }), ...options })
  const store = new Store()
  const messages: Fields[] = []
  observe(
    life.connection,
    (message) => {
      if (only && message.type.startsWith('@statewire.')) return
      messages.push({ ...message })
      store.take({ ...message })
    },
    { clock: life.clock, name: 'feed' },
  )
  const [watched] = store.connections.values()
  const says = (): string => {
    const { what, when, why } = headline(watched!, life.clock.wall())
    return [what, when, why].filter((part) => part !== '').join(' | ')
  }
  return { ...life, store, messages, watched: watched!, says }
}

describe('the headline', () => {
  it('says what the connection is doing and why, in every state', async () => {
    const { connection, clock, environment, transport, accept, says } = look({ autoOpen: false })
    expect(says()).toBe('Idle | not opened yet')
    connection.open()
    expect(says()).toBe('Connecting | 0 ms | attempt 1, getting the URL')
    await settle()
    await clock.advance(1_200)
    expect(says()).toBe('Connecting | 1.2 s | attempt 1, waiting for the handshake')
    const socket = await accept()
    expect(says()).toBe('Open | for 0 ms | not stable yet')
    await clock.advance(4_000)
    expect(says()).toBe('Open | 0 ms so far | ping reply pending')
    await clock.advance(21)
    socket.pong()
    for (let ping = 0; ping < 2; ping++) {
      await clock.advance(4_000)
      await clock.advance(30)
      socket.pong()
    }
    expect(says()).toBe('Open | for 12 s, last round trip 30 ms | the link is stable')
    await clock.advance(7_050)
    expect(connection.state).toBe('backoff')
    expect(says()).toMatch(
      /^Backing off \| attempt 2 in \d+ ms \| because no reply to a ping came within 3\.0 s \(4000\)$/,
    )
    environment.emit('offline')
    expect(says()).toMatch(/^Suspended \| attempt 2 in 1 min \| there is no network; it still tries again$/)
    environment.emit('online')
    await clock.advance(1_000)
    transport.last.refuse({ status: 503, retryAfter: 7_000 })
    expect(says()).toBe(
      'Backing off | attempt 3 in 8.3 s, as the server asked | because the server refused the handshake with HTTP 503',
    )
    await clock.advance(8_250)
    await accept()
    void connection.close(1000, 'not told')
    expect(says()).toBe('Closing | 0 ms | close frame sent, reply pending')
    transport.last.end({ code: 1000 })
    expect(says()).toBe('Ended | the app closed it (1000)')
  })

  it.each<[string, (life: Looked) => unknown, RegExp]>([
    [
      'a broken link',
      ({ transport }) => transport.last.end({ code: 1006 }),
      /because the link closed without a close frame \(1006\)$/,
    ],
    [
      'a close code',
      ({ transport }) => transport.last.end({ code: 1012 }),
      /because it was closed with 1012 Service Restart$/,
    ],
    [
      'a retry decision against reconnecting',
      ({ transport }) => transport.last.end({ code: 1002 }),
      /^Ended \| no reconnect, because it was closed with 1002 Protocol Error$/,
    ],
    ['reconnect()', ({ connection }) => connection.reconnect(), /^Connecting .* because the app called reconnect\(\)$/],
  ])('explains %s', async (_, act, words) => {
    const life = look()
    await life.accept()
    act(life)
    expect(life.says()).toMatch(words)
    void life.connection.close()
  })

  it('explains a loss from the chart alone', async () => {
    const { accept, clock, connection, watched, says } = look({}, true)
    const socket = await accept()
    await clock.advance(4_000)
    await clock.advance(30)
    socket.pong()
    expect([watched.trips.last?.rtt, watched.tripsTold, watched.samples.length]).toEqual([30, false, 0])
    await clock.advance(7_050)
    expect(says()).toMatch(
      /^Backing off \| attempt 2 in \d+ ms \| because no reply to a ping came within 3\.0 s \(4000\)$/,
    )
    void connection.close()
  })

  it('contains no running times when spoken', async () => {
    const { clock, watched } = look({ autoOpen: false })
    const said = spokenWords(headline(watched, clock.wall()))
    expect(spokenWords(headline(watched, clock.wall() + 12_345))).toBe(said)
  })
})

describe('an observed connection', () => {
  it('has a phase in every state of the chart', () => {
    expect(configurations.length).toBeGreaterThan(15)
    for (const { leaves } of configurations) {
      const paths = leaves.flatMap(({ path }) => path.map((_, depth) => path.slice(0, depth + 1).join('.')))
      expect(phaseOf(paths), paths.join(' ')).toBeDefined()
    }
  })

  it('keeps its open time while pings are pending', async () => {
    const { accept, clock, watched } = look()
    const socket = await accept()
    const since = watched.openSince
    for (let ping = 0; ping < 3; ping++) {
      await clock.advance(4_000)
      socket.pong()
    }
    expect(watched.openSince).toBe(since)
    expect(watched.segments.toArray().map(({ phase }) => phase)).toEqual(
      ['connecting', ...['open', 'doubted', 'open', 'doubted', 'open', 'doubted', 'open']].slice(
        -watched.segments.length,
      ),
    )
  })

  it('is unchanged by repeated messages', async () => {
    const { accept, messages, store, watched } = look()
    await accept()
    const steps = watched.steps.added
    for (const message of messages.slice(0, 2)) store.take(message)
    expect([store.connections.size, watched.steps.added]).toEqual([1, steps])
  })

  it('is still shown when it is no longer observed', () => {
    const { store, watched } = look({ autoOpen: false })
    store.take({ type: '@statewire.gone', sessionId: watched.id })
    expect([watched.gone, store.connections.size]).toEqual([true, 1])
  })

  it('uses bounded memory', { timeout: 60_000 }, () => {
    const { connection, watched } = look({ autoOpen: false })
    for (let at = 0; at < 3_000; at++) {
      connection.open()
      void connection.close()
    }
    expect([watched.log.length, watched.segments.length]).toEqual([400, 2_000])
    void connection.close()
  })
})

describe('the store', () => {
  it('forgets the oldest connections that are no longer observed, above a limit', () => {
    const { store, messages, watched } = look({ autoOpen: false })
    for (let at = 0; at < 5_500; at++) {
      const about = { sessionId: `y:${at}`, rootId: `y:${at}` }
      for (const message of messages.slice(0, 2)) store.take({ ...message, ...about })
      if (at % 2 === 0) store.take({ type: '@statewire.gone', ...about })
    }
    expect(store.connections.size).toBeLessThanOrEqual(5_251)
    expect(store.connections.has('y:0')).toBe(false)
    expect(store.connections.has('y:1')).toBe(true)
    expect(store.connections.get(watched.id)?.gone).toBe(false)
  })

  it('accepts any message without throwing', () => {
    const known = [
      '@xstate.actor',
      '@xstate.event',
      '@xstate.snapshot',
      '@statewire.figures',
      '@statewire.occurrence',
      '@statewire.gone',
    ]
    const value = fc.oneof(
      fc.anything(),
      fc.constant({ live: { open: { heartbeat: 'waiting', stability: 'settling' } } }),
      fc.constant({ closed: { backoff: 'scheduled' } }),
    )
    const message = fc.record({
      type: fc.constantFrom(...known),
      sessionId: fc.constantFrom('x:0', 'x:1'),
      createdAt: fc.oneof(fc.string(), fc.integer().map(String), fc.anything()),
      event: fc.oneof(
        fc.anything(),
        fc.record({ type: fc.constantFrom('socket.closed', 'socket.alive', 'OPEN'), code: fc.anything() }),
      ),
      snapshot: fc.oneof(fc.anything(), fc.record({ value, context: fc.anything() })),
      figures: fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom('sent', 'received', 'retryAt'), fc.anything())),
      occurrence: fc.oneof(
        fc.anything(),
        fc.record({
          kind: fc.constantFrom('open', 'close', 'backoff', 'heartbeat', 'dropped', 'error'),
          code: fc.anything(),
          rtt: fc.anything(),
          delay: fc.anything(),
          error: fc.anything(),
          attempt: fc.anything(),
          messages: fc.anything(),
          status: fc.anything(),
          retryAt: fc.anything(),
        }),
      ),
      name: fc.anything(),
      definition: fc.oneof(
        fc.anything(),
        fc.json(),
        fc.constant('{"id":"connection","states":{"closed":{},"live":{}}}'),
      ),
      parentId: fc.oneof(fc.constant(undefined), fc.anything()),
    })
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
        const store = new Store()
        for (const each of messages) if (isMessage(each)) store.take(each)
        for (const watched of store.connections.values()) expect(typeof headline(watched, 1e12).why).toBe('string')
      }),
    )
  })

  it.each([undefined, null, 4, 'x', [], {}, { type: 'x' }, { type: 4, sessionId: 'x' }])(
    'rejects %j as a message',
    (data) => {
      expect(isMessage(data)).toBe(false)
    },
  )

  it('counts the actors of other charts without showing them', () => {
    const store = new Store()
    store.take({
      type: '@xstate.actor',
      sessionId: 'y:0',
      name: 'toggle',
      definition: '{"id":"toggle","states":{"on":{}}}',
    })
    store.take({ type: '@xstate.snapshot', sessionId: 'y:0', event: {}, snapshot: { value: 'on' } })
    expect([store.foreign, store.connections.size]).toEqual([1, 0])
  })

  it('shows a connection without its @xstate.actor message', () => {
    const { messages } = look({ autoOpen: false })
    const store = new Store()
    for (const message of messages.slice(1)) store.take(message)
    expect([...store.connections.values()].map(({ phase }) => phase)).toEqual(['idle'])
  })

  it('counts connections by phase', async () => {
    const { accept, store } = look()
    await accept()
    expect(store.census().get('open')).toBe(1)
  })
})

describe('a recording', () => {
  async function recorded(): Promise<string> {
    const { accept, clock, connection, messages } = look({ autoOpen: false })
    await clock.advance(1_000)
    connection.open()
    await accept()
    await clock.advance(2_000)
    void connection.close()
    await clock.advance(3_000)
    return writeRecording(messages)
  }
  const phaseIn = ({ store }: Player): string | undefined => [...store.connections.values()][0]?.phase

  it('is JSON Lines, and reading returns what was written', async () => {
    const text = await recorded()
    const { messages, unread } = readRecording(text)
    expect([writeRecording(messages), unread]).toEqual([text, 0])
  })

  it('skips and counts lines without a message', async () => {
    const text = await recorded()
    const { messages, unread } = readRecording(`{"a":1}\n\nnot JSON\n${text}[]\n`)
    expect([messages.length, unread]).toEqual([text.trim().split('\n').length, 3])
  })

  it('is sorted by time', async () => {
    const text = await recorded()
    const lines = text.trim().split('\n')
    const { messages } = readRecording([...lines.slice(5), ...lines.slice(0, 5)].join('\n'))
    const times = messages.map(({ createdAt }) => Number(createdAt))
    expect(times).toEqual([...times].sort((one, other) => one - other))
  })

  it('plays at any speed, stops at the end, and seeks back', async () => {
    const player = new Player(readRecording(await recorded()))
    expect(phaseIn(player)).toBe('idle')
    player.advance(5_000)
    expect(phaseIn(player)).toBe('idle')
    player.playing = true
    player.speed = 4
    player.advance(500)
    expect(phaseIn(player)).toBe('open')
    player.advance(60_000)
    expect([phaseIn(player), player.playing, player.atEnd]).toEqual(['ended', false, true])
    player.seek(player.recording.start)
    expect(phaseIn(player)).toBe('idle')
  })
})

describe('the viewer’s helpers', () => {
  it('Latest keeps only the newest names', () => {
    const names = new Latest(3)
    for (const name of ['a', 'b', 'a', 'c', 'd']) names.add(name)
    expect(['a', 'b', 'c', 'd'].filter((name) => names.has(name))).toEqual(['b', 'c', 'd'])
    expect(names.size).toBe(3)
  })

  it('Ring keeps the newest items in order, and finds where a time span starts', () => {
    const ring = new Ring<number>(10)
    for (let at = 0; at < 1_000; at++) ring.push(at)
    expect(ring.toArray()).toEqual([990, 991, 992, 993, 994, 995, 996, 997, 998, 999])
    expect([ring.length, ring.added, ring.last]).toEqual([10, 1_000, 999])
    expect(ring.from((item) => item >= 998)).toEqual({ before: 997, items: [998, 999] })
    expect(ring.from(() => true)).toEqual({ before: undefined, items: ring.toArray() })
    expect(ring.from(() => false)).toEqual({ before: 999, items: [] })
  })

  it('a transition is described in short', () => {
    const resting = activePaths({ live: { open: { heartbeat: 'resting', stability: 'settling' } } })
    const waiting = activePaths({ live: { open: { heartbeat: 'waiting', stability: 'settling' } } })
    expect(move(resting, waiting)).toBe('resting → waiting')
    expect(move(resting, activePaths({ closed: 'deciding' }))).toBe('open → deciding')
    expect(move(resting, resting)).toBe('')
    expect(eventName('xstate.after.checkInterval.connection.live.open.heartbeat.resting')).toBe('after checkInterval')
  })

  it('rates are computed between samples, and a gap counts as zero', () => {
    const sample = (at: number, received: number): Sample => ({
      at,
      received,
      sent: 0,
      queued: 0,
      queuedBytes: 0,
      bufferedAmount: 0,
      unread: 0,
      dropped: 0,
      uncertain: 0,
      attempt: 1,
    })
    const rates = ratesOf([sample(0, 0), sample(250, 10), sample(5_000, 20)], 10_000)
    expect(rates.map(({ at, incoming }) => [at, incoming])).toEqual([
      [250, 40],
      [500, 0],
      [4_750, 0],
      [5_000, 40],
      [5_250, 0],
      [10_000, 0],
    ])
  })

  it.each([
    [0, 1],
    [1, 1],
    [1.1, 2],
    [3, 5],
    [51, 100],
    [0.03, 0.05],
  ])('a scale for %d ends at %d', (value, top) => {
    expect(roundUp(value)).toBeCloseTo(top)
  })
})
