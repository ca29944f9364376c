import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { ReaderSet, type ReaderOverflow, type InboxSource } from '../../../src/core/features/reader.js'

function source(): {
  readers: ReaderSet<number>
  receive: (...messages: number[]) => void
  listeners: Set<(message: number) => void>
  done: string[]
  unread: number[]
} {
  const listeners = new Set<(message: number) => void>()
  const done: string[] = []
  const unread: number[] = []
  let size = 0
  const from: InboxSource<number> = {
    add: (callback) => (listeners.add(callback), () => listeners.delete(callback)),
    get size() {
      return size
    },
    hold: () => (done.push('pause'), () => void done.push('resume')),
    unread: (message) => unread.push(message),
  }
  const receive = (...messages: number[]): void => {
    for (const message of messages) {
      // A number stands for its size.
      size += message
      for (const listener of listeners) listener(message)
    }
  }
  return { readers: new ReaderSet(from), receive, listeners, done, unread }
}

test('pending reads are served in order, and served messages are not retained', async () => {
  const { readers, receive } = source()
  const reader = readers.create({ limit: 1, bytes: Infinity, overflow: 'pause' })
  const asked = [reader.next(), reader.next()]
  receive(1, 2, 3)
  expect(await Promise.all([...asked, reader.next()])).toEqual([1, 2, 3].map((value) => ({ done: false, value })))
})

test('pending reads are settled at the end', async () => {
  const { readers, listeners } = source()
  const asked = [
    readers.create({ limit: 1, bytes: Infinity, overflow: 'pause' }),
    readers.create({ limit: 1, bytes: Infinity, overflow: 'pause' }),
  ].map((each) => each.next())
  readers.end()
  expect(await Promise.all(asked)).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ])
  expect(listeners.size).toBe(0)
})

test('a pause is requested once, and lifted once at half the limit', async () => {
  const { readers, receive, done } = source()
  const reader = readers.create({ limit: 4, bytes: Infinity, overflow: 'pause' })
  receive(1, 2, 3)
  expect(done).toEqual([])
  receive(4, 5)
  expect(done).toEqual(['pause'])
  for (let read = 0; read < 2; read++) await reader.next()
  expect(done).toEqual(['pause'])
  await reader.next()
  expect(done).toEqual(['pause', 'resume'])
  for (let read = 0; read < 2; read++) await reader.next()
  expect(done).toEqual(['pause', 'resume'])
})

test.each<[ReaderOverflow, number[], number[]]>([
  ['drop-oldest', [1, 2], [3, 4]],
  ['drop-newest', [3, 4], [1, 2]],
])('%s discards messages accordingly and reports each', async (overflow, gone, kept) => {
  const { readers, receive, unread, done } = source()
  const reader = readers.create({ limit: 2, bytes: Infinity, overflow })
  receive(1, 2, 3, 4)
  expect(unread).toEqual(gone)
  reader.end()
  const read: number[] = []
  for await (const message of reader) read.push(message)
  expect(read).toEqual(kept)
  expect(done).toEqual([])
})

test('after a pause 32,768 more messages are retained, and no more', async () => {
  const { readers, receive, unread } = source()
  const reader = readers.create({ limit: 1, bytes: Infinity, overflow: 'pause' })
  for (let message = 0; message < 32_769; message++) receive(message)
  expect(unread).toEqual([])
  receive(32_769)
  expect(unread).toEqual([0])
  expect(await reader.next()).toEqual({ done: false, value: 1 })
})

test('a signal ends its reader, and retains nothing of an ended one', async () => {
  const aborter = new AbortController()
  const { signal } = aborter
  const removed = vi.spyOn(signal, 'removeEventListener')
  const { readers, listeners } = source()
  const left = readers.create({ limit: 1, bytes: Infinity, overflow: 'pause' }, { signal })
  const spy = vi.spyOn(left, 'forgetPause')
  await left.return()
  expect(removed).toHaveBeenCalledExactlyOnceWith('abort', expect.any(Function))
  readers.forgetPauses()
  expect(spy).not.toHaveBeenCalled()
  const waiting = readers.create({ limit: 1, bytes: Infinity, overflow: 'pause' }, { signal }).next()
  aborter.abort()
  expect(await waiting).toEqual({ done: true, value: undefined })
  expect(listeners.size).toBe(0)
})

test.each<[ReaderOverflow, number, string[]]>([
  ['pause', 2, ['pause', 'pause']],
  ['pause', 1, []],
  ['drop-oldest', 2, []],
  ['drop-newest', 2, []],
])('with %s and %i of 2 messages buffered, a new socket and earlier messages cause %j', (overflow, kept, expected) => {
  const { readers, receive, done } = source()
  readers.create({ limit: 2, bytes: Infinity, overflow })
  for (let message = 0; message < kept; message++) receive(message)
  readers.forgetPauses()
  expect(done).toEqual(expected)
})

test('an ended reader pauses no socket, even if it is full', () => {
  const { readers, receive, done } = source()
  const reader = readers.create({ limit: 1, bytes: Infinity, overflow: 'pause' })
  receive(1)
  reader.end()
  expect(done).toEqual(['pause', 'resume'])
  reader.forgetPause()
  expect(done).toEqual(['pause', 'resume'])
})

test('a reader that is left is forgotten', async () => {
  const { readers, receive, listeners, done } = source()
  const reader = readers.create({ limit: 1, bytes: Infinity, overflow: 'pause' })
  receive(1)
  expect(await reader.return()).toEqual({ done: true, value: undefined })
  expect(listeners.size).toBe(0)
  done.length = 0
  readers.forgetPauses()
  expect(done).toEqual([])
})

test('an aborted signal returns a reader that is already done', async () => {
  const { readers, listeners } = source()
  const reader = readers.create({ limit: 1, bytes: Infinity, overflow: 'pause' }, { signal: AbortSignal.abort() })
  expect(listeners.size).toBe(0)
  expect(await reader.next()).toEqual({ done: true, value: undefined })
})

test('the oldest message is discarded if the socket cannot pause', async () => {
  const unread: number[] = []
  let receive = (_message: number): void => {}
  const readers = new ReaderSet<number>({
    size: 0,
    add: (callback) => ((receive = callback), () => {}),
    hold: () => undefined,
    unread: (message) => unread.push(message),
  })
  const reader = readers.create({ limit: 2, bytes: Infinity, overflow: 'pause' })
  for (const message of [1, 2, 3]) receive(message)
  expect(unread).toEqual([1])
  expect(await reader.next()).toEqual({ done: false, value: 2 })
})

test('a reader is also full by bytes, and the message that crosses the limit is retained whole', async () => {
  const { readers, receive, done, unread } = source()
  const reader = readers.create({ limit: 1_000, bytes: 100, overflow: 'pause' })
  receive(60)
  expect(done).toEqual([])
  receive(500)
  expect([done, unread]).toEqual([['pause'], []])
  await reader.next()
  expect(done).toEqual(['pause'])
  await reader.next()
  expect(done).toEqual(['pause', 'resume'])
})

test('a large message displaces as many as its size requires', () => {
  const { readers, receive, unread } = source()
  readers.create({ limit: 10, bytes: 30, overflow: 'drop-oldest' })
  receive(10, 11, 12, 13)
  expect(unread).toEqual([10])
  receive(100)
  expect(unread).toEqual([10, 11])
  receive(1)
  expect(unread).toEqual([10, 11, 12, 13, 100])
})

test('while closing no socket is paused, and the newest message is discarded without room', async () => {
  const { readers, receive, done, unread } = source()
  const reader = readers.create({ limit: 2, bytes: Infinity, overflow: 'pause' })
  receive(1, 2)
  expect(done).toEqual(['pause'])
  readers.finish()
  expect(done).toEqual(['pause', 'resume'])
  // The newest, so that the remaining messages have no gap.
  receive(3, 4)
  expect(unread).toEqual([3, 4])
  expect([await reader.next(), await reader.next()]).toMatchObject([{ value: 1 }, { value: 2 }])
  receive(5)
  expect(await reader.next()).toMatchObject({ value: 5 })
  expect(done).toEqual(['pause', 'resume'])
})

test('a reader with drop-oldest gets the newest messages, even of the last ones', () => {
  const { readers, receive, unread } = source()
  readers.create({ limit: 2, bytes: Infinity, overflow: 'drop-oldest' })
  readers.finish()
  receive(1, 2, 3)
  expect(unread).toEqual([1])
})

test('a socket after a revoked close can be paused again', () => {
  const { readers, receive, done, unread } = source()
  readers.create({ limit: 2, bytes: Infinity, overflow: 'pause' })
  readers.finish()
  readers.forgetPauses()
  receive(1, 2, 3)
  expect([done, unread]).toEqual([['pause'], []])
})

type Step = { do: 'receive'; size: number } | { do: 'read' } | { do: 'reconnect' } | { do: 'finish' }

test('any schedule preserves order and limits, reports every loss, and loses nothing if the socket can be paused', async () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('receive' as const), size: fc.integer({ min: 1, max: 40 }) }) },
    { weight: 6, arbitrary: fc.constant({ do: 'read' as const }) },
    { weight: 2, arbitrary: fc.constant({ do: 'reconnect' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'finish' as const }) },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 80 }),
      fc.record({
        limit: fc.integer({ min: 1, max: 6 }),
        bytes: fc.integer({ min: 1, max: 100 }),
        overflow: fc.constantFrom<ReaderOverflow>('pause', 'pause', 'drop-oldest', 'drop-newest'),
      }),
      fc.boolean(),
      async (steps, bounds, pausable) => {
        const listeners = new Set<(message: number) => void>()
        const world = { size: 0, paused: false, unread: [] as number[] }
        const readers = new ReaderSet<number>({
          add: (callback) => (listeners.add(callback), () => listeners.delete(callback)),
          get size() {
            return world.size
          },
          hold: () => (pausable ? ((world.paused = true), () => void (world.paused = false)) : undefined),
          unread: (message) => world.unread.push(message),
        })
        const reader = readers.create(bounds)
        const sizes: number[] = []
        const reading: Promise<IteratorResult<number, undefined>>[] = []
        // The behavior of a plain list.
        const kept: number[] = []
        const expected: number[] = []
        const lost: number[] = []
        let finishing = false
        let finished = false
        const bytes = (): number => kept.reduce((sum, id) => sum + sizes[id]!, 0)
        const full = (): boolean => kept.length >= bounds.limit || bytes() >= bounds.bytes
        const stops = (): boolean => bounds.overflow === 'pause' && pausable && !finishing
        for (const each of steps) {
          // Also from a paused socket: frames its runtime had already parsed.
          if (each.do === 'receive') {
            const id = sizes.push(each.size) - 1
            const newest = bounds.overflow === 'drop-newest' || (bounds.overflow === 'pause' && finishing)
            if (reading.length > expected.length) expected.push(id)
            else if (full() && newest) lost.push(id)
            else {
              while (full() && !stops()) lost.push(kept.shift()!)
              kept.push(id)
            }
            world.size += each.size
            for (const listener of listeners) listener(id)
          }
          if (each.do === 'read') {
            reading.push(reader.next())
            if (kept.length > 0) expected.push(kept.shift()!)
          }
          if (each.do === 'reconnect') {
            world.paused = finishing = false
            readers.forgetPauses()
          }
          if (each.do === 'finish') {
            finishing = finished = true
            readers.finish()
          }
          if (!stops()) expect(world.paused).toBe(false)
          else if (full()) expect(world.paused).toBe(true)
          else if (kept.length <= bounds.limit / 2 && bytes() <= bounds.bytes / 2) expect(world.paused).toBe(false)
          expect(world.unread).toEqual(lost)
        }
        if (bounds.overflow === 'pause' && pausable && !finished) expect(lost).toEqual([])
        readers.end()
        const read: number[] = []
        for (const each of await Promise.all(reading)) if (!each.done) read.push(each.value)
        for await (const message of reader) read.push(message)
        expect(read).toEqual([...expected, ...kept])
        expect([...read, ...lost].toSorted((a, b) => a - b)).toEqual(sizes.map((_, id) => id))
        expect([world.paused, listeners.size]).toEqual([false, 0])
      },
    ),
    { numRuns: 2_000 },
  )
})
