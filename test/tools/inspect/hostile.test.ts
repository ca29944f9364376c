// Messages that no statewire application would send, in the viewer's store.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRecording, writeRecording, Player } from '../../../src/tools/inspect/viewer/recording.js'
import { leavesOf } from '../../../src/tools/inspect/viewer/states.js'
import { isMessage } from '../../../src/tools/inspect/viewer/message.js'
import { Store } from '../../../src/tools/inspect/viewer/store.js'
import { describeStates } from '../../../src/tools/inspect/viewer/strip.js'
import { headline, spokenWords } from '../../../src/tools/inspect/viewer/headline.js'
import { awkwardTexts, awkwardTimes, chart, deepArrays, hostileMessage, nested } from './support/hostile.js'

const now = Date.now()
const live = (): Store => Store.live(() => now)
const open = { live: { open: { heartbeat: 'resting', stability: 'settling' } } }

/** A connection that was introduced and is open. */
function introduce(store: Store, sessionId: string, createdAt: unknown = String(now)): void {
  store.take({ type: '@xstate.actor', sessionId, createdAt, name: sessionId, definition: chart })
  store.take({ type: '@xstate.snapshot', sessionId, createdAt, event: {}, snapshot: { value: open } })
}

/** Everything the page derives from a connection, as text. */
function wordsOf(store: Store): string[] {
  const stretch = { now: store.latest, span: 60_000 }
  return [...store.connections.values()].flatMap((watched) => {
    const { what, why, when } = headline(watched, store.latest)
    const log = watched.log.toArray().flatMap(({ event, move, detail }) => [event, move, detail])
    const words = [what, why, when, watched.name, ...watched.paths, ...leavesOf(watched.paths), ...log]
    return [...words, describeStates(watched, stretch), spokenWords(headline(watched, now))]
  })
}

describe('the viewer', { timeout: 60_000 }, () => {
  it('accepts hostile messages without throwing, and shows only short texts and valid times', () => {
    fc.assert(
      fc.property(fc.array(hostileMessage, { minLength: 10, maxLength: 60 }), (messages) => {
        const store = live()
        for (const each of messages) if (isMessage(each)) store.take(each)
        for (const words of wordsOf(store)) {
          expect(typeof words).toBe('string')
          expect(words).not.toMatch(/native code|\[object /)
          expect(words.length).toBeLessThan(2_500)
        }
        for (const watched of store.connections.values())
          for (const { at } of [...watched.log.toArray(), ...watched.segments.toArray(), ...watched.samples.toArray()])
            expect(Number.isFinite(new Date(at).getTime()) && at <= now + 3_600_000).toBe(true)
        expect(() => writeRecording(messages.filter(isMessage))).not.toThrow()
      }),
      { seed: 13, numRuns: 150 },
    )
  })

  it('plays a hostile recording without throwing', () => {
    fc.assert(
      fc.property(fc.array(hostileMessage, { minLength: 10, maxLength: 40 }), (messages) => {
        const lines = messages.map((message) =>
          JSON.stringify(message, (_, value) => (typeof value === 'bigint' ? 1 : value)),
        )
        const recording = readRecording(lines.join('\n'))
        const player = new Player(recording)
        player.seek(recording.end)
        for (const words of wordsOf(player.store)) expect(words.length).toBeLessThan(2_500)
        expect(recording.end).toBeLessThan(now + 400 * 86_400_000)
        player.seek(recording.start)
      }),
      { seed: 13, numRuns: 150 },
    )
  })

  it.each([101, 20_000])('rejects a message nested %i levels deep', (depth) => {
    expect(isMessage({ type: '@xstate.event', sessionId: 'x', event: nested(depth) })).toBe(false)
    const line = `{"type":"@xstate.event","sessionId":"x","event":${deepArrays(depth)}}`
    expect(readRecording(`${line}\n`)).toMatchObject({ messages: [], unread: 1 })
  })

  it('rejects a circular message, and one that JSON cannot represent', () => {
    const event: Record<string, unknown> = { type: 'x' }
    event['again'] = [event, event, event]
    expect(isMessage({ type: '@xstate.event', sessionId: 'x', event })).toBe(false)
    expect(isMessage({ type: '@xstate.event', sessionId: 'x', event: { count: 1n } })).toBe(false)
  })

  it('rejects a message with an oversized id', () => {
    expect(isMessage({ type: '@xstate.event', sessionId: 'x'.repeat(1_000) })).toBe(false)
  })

  it.each(awkwardTexts)('shows an error, a close, a reason and an event named %j as text', (name) => {
    const store = live()
    introduce(store, 'x:0')
    const about = { sessionId: 'x:0', createdAt: String(now) }
    store.take({ ...about, type: '@statewire.occurrence', occurrence: { kind: 'close', error: name } })
    store.take({ ...about, type: '@statewire.occurrence', occurrence: { kind: 'error', error: name } })
    store.take({
      ...about,
      type: '@xstate.snapshot',
      event: { type: name },
      snapshot: { value: { closed: { backoff: 'scheduled' } }, context: { why: name } },
    })
    for (const words of wordsOf(store)) {
      expect(words).not.toMatch(/native code|\[object /)
      expect(words.length).toBeLessThan(2_500)
    }
    expect(headline(store.connections.get('x:0')!, now).why).toBe('because the link was lost')
  })

  it.each(awkwardTimes)('uses its own clock for a message made at %j', (createdAt) => {
    const store = live()
    introduce(store, 'good')
    introduce(store, 'bad', createdAt)
    expect(store.latest).toBe(now)
    const [segment] = store.connections.get('bad')!.segments.toArray()
    expect(Number.isFinite(new Date(segment!.at).getTime())).toBe(true)
    expect(segment!.at).toBeLessThanOrEqual(now)
  })

  it('ignores impossible times in a recording', () => {
    const at = (createdAt: unknown, sessionId: string): string =>
      JSON.stringify({ type: '@xstate.snapshot', sessionId, createdAt, event: {}, snapshot: { value: open } })
    const lines = [
      at('1700000000000', 'a'),
      ...awkwardTimes.map((time, n) => at(time, `x:${n}`)),
      at('1700000005000', 'b'),
    ]
    const recording = readRecording(lines.join('\n'))
    expect([recording.start, recording.end]).toEqual([1_700_000_000_000, 1_700_000_005_000])
  })

  it('reads no more states than a chart can have', () => {
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`s${index}`, {}]))
    const store = live()
    const about = { type: '@xstate.snapshot', sessionId: 'x', createdAt: String(now), event: {} }
    for (const value of [{ closed: 'idle', ...wide }, { closed: { ...wide, idle: 'x'.repeat(1_000_000) } }, wide]) {
      store.take({ ...about, snapshot: { value } })
    }
    for (const { paths } of store.connections.values()) {
      expect(paths.length).toBeLessThanOrEqual(64)
      for (const path of paths) expect(path.length).toBeLessThan(1_000)
    }
  })
})

describe('the viewer’s memory', () => {
  it('is bounded for hundreds of thousands of actors', { timeout: 120_000 }, () => {
    const store = live()
    for (let index = 0; index < 400_000; index++) {
      const sessionId = `x:${index}`
      const message = { type: '@xstate.actor', sessionId, createdAt: String(now), name: 'n', definition: chart }
      store.take(index % 2 === 0 ? message : { ...message, parentId: 'x' })
    }
    expect(store.connections.size).toBeLessThanOrEqual(20_000)
    // The latest ones are still there.
    expect(store.connections.has('x:399998')).toBe(true)
  })

  it('drops ended connections before those still reported, in linear time', { timeout: 120_000 }, () => {
    const store = live()
    for (let index = 0; index < 100; index++) introduce(store, `kept:${index}`)
    for (let index = 0; index < 100_000; index++) {
      introduce(store, `x:${index}`)
      store.take({ type: '@statewire.gone', sessionId: `x:${index}`, createdAt: String(now) })
    }
    expect(store.connections.size).toBeLessThanOrEqual(5_200)
    for (let index = 0; index < 100; index++) expect(store.connections.get(`kept:${index}`)?.gone).toBe(false)
    // A reported connection is no longer marked as gone.
    introduce(store, 'x:99000')
    expect(store.connections.get('x:99000')?.gone).toBe(false)
  })
})
