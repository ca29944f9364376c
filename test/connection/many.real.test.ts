// Operations whose cost per item is independent of their number. Each is compared with itself: ten times as many items
// may take ten times as long; a list that is scanned or copied per item would take a hundred times.
import { describe, expect, test } from 'vitest'
import { createConnection } from '../../src/create-connection.js'
import type { Connection, ConnectionOptions } from '../../src/core/connection.types.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'

const few = 3_000
const many = 30_000

interface Setup {
  readonly connection: Connection
  readonly transport: FakeTransport
}

function create(options: ConnectionOptions = {}): Setup {
  const transport = new FakeTransport()
  return {
    connection: createConnection('ws://server.test/', { transport, clock: new TestClock(), ...options }),
    transport,
  }
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

/** Runs an operation the given number of times in its own environment. */
type Work = (count: number) => Promise<void>

const open = async ({ transport }: Setup): Promise<void> => {
  await settle()
  transport.last.accept()
  await settle()
}

const works: readonly (readonly [string, Work])[] = [
  [
    'listeners are added, called and removed, first come first gone',
    async (count) => {
      const { connection, transport } = create()
      let heard = 0
      const offs = times(count, () => connection.on('message', () => heard++))
      await settle()
      transport.last.accept()
      await settle()
      transport.last.message('x')
      expect(heard).toBe(count)
      for (const off of offs) off()
      transport.last.message('x')
      expect(heard).toBe(count)
      void connection.close()
    },
  ],
  [
    'listeners are removed, last come first gone',
    (count) => {
      const { connection } = create()
      for (const off of times(count, () => connection.on('state', () => {})).toReversed()) off()
      void connection.close()
      return Promise.resolve()
    },
  ],
  [
    'listeners for once are called',
    async (count) => {
      const each = create()
      let heard = 0
      times(count, () => each.connection.on('message', () => heard++, { once: true }))
      await open(each)
      for (let message = 0; message < 2; message++) each.transport.last.message('x')
      expect(heard).toBe(count)
      void each.connection.close()
    },
  ],
  [
    'listeners with one signal are added and removed by it',
    (count) => {
      const { connection } = create()
      const { signal, abort } = controller()
      times(count, () => connection.on('message', () => {}, { signal }))
      abort()
      void connection.close()
      return Promise.resolve()
    },
  ],
  [
    'listeners with a signal are removed one by one',
    (count) => {
      const { connection } = create()
      const { signal } = controller()
      for (const off of times(count, () => connection.on('message', () => {}, { signal }))) off()
      void connection.close()
      return Promise.resolve()
    },
  ],
  [
    'subscribers come and go',
    (count) => {
      const { connection } = create()
      for (const off of times(count, () => connection.subscribe(() => {}))) off()
      void connection.close()
      return Promise.resolve()
    },
  ],
  [
    'readers come, read and go',
    async (count) => {
      const each = create()
      await open(each)
      const readers = times(count, () => each.connection.messages())
      const read = readers.map((reader) => reader.next())
      each.transport.last.message('x')
      expect((await read.at(-1))?.value).toBe('x')
      for (const reader of readers) void reader.return?.()
      void each.connection.close()
    },
  ],
  [
    'readers with one signal are ended by it',
    async (count) => {
      const { connection } = create()
      const { signal, abort } = controller()
      const read = times(count, () => connection.messages({ signal }).next())
      abort()
      expect((await read.at(-1))?.done).toBe(true)
      void connection.close()
    },
  ],
  [
    'readers are ended by the end',
    async (count) => {
      const { connection } = create()
      const read = times(count, () => connection.messages().next())
      void connection.close()
      expect((await read.at(-1))?.done).toBe(true)
    },
  ],
  [
    'calls wait until it is open',
    async (count) => {
      const each = create()
      const opened = Promise.all(times(count, () => each.connection.opened()))
      await open(each)
      await opened
      void each.connection.close()
    },
  ],
  [
    'calls wait until it is drained',
    async (count) => {
      const each = create()
      each.connection.send('x')
      const drained = Promise.all(times(count, () => each.connection.drained()))
      await open(each)
      await drained
      void each.connection.close()
    },
  ],
  [
    'calls wait until it has ended',
    async (count) => {
      const { connection } = create()
      const ended = Promise.all(times(count, () => connection.ended()))
      const closed = Promise.all(times(count, () => connection.close()))
      await Promise.all([ended, closed])
    },
  ],
  [
    'calls that wait are given up by one signal',
    async (count) => {
      const { connection } = create()
      const { signal, abort } = controller()
      const waits = times(count, () => connection.opened({ signal }))
      abort()
      expect((await Promise.allSettled(waits)).every(({ status }) => status === 'rejected')).toBe(true)
      void connection.close()
    },
  ],
  [
    'calls that wait are given up one by one, each by its signal',
    async (count) => {
      const { connection } = create()
      // Each creates an exception with a stack, so a tenth of the items is enough.
      const controllers = times(count / 10, () => controller())
      const waits = controllers.map(({ signal }) => connection.ended({ signal }))
      for (const { abort } of controllers) abort()
      expect((await Promise.allSettled(waits)).every(({ status }) => status === 'rejected')).toBe(true)
      void connection.close()
    },
  ],
  [
    'connections follow one signal',
    async (count) => {
      const { signal, abort } = controller()
      const transport = new FakeTransport()
      const clock = new TestClock()
      // Each creates an actor, so a tenth of the items is enough.
      const connections = times(count / 10, () =>
        createConnection('ws://server.test/', { transport, clock, signal, autoOpen: false }),
      )
      abort()
      await settle()
      expect(connections.every(({ state }) => state === 'ended')).toBe(true)
    },
  ],
  [
    'inspectors come and go',
    (count) => {
      const { connection } = create()
      for (const off of times(count / 10, () => connection.inspect(() => {}))) off()
      void connection.close()
      return Promise.resolve()
    },
  ],
  [
    'listeners of drop-in sockets share one signal',
    (count) => {
      const { signal, abort } = controller()
      const transport = new FakeTransport()
      const clock = new TestClock()
      const sockets = times(count / 30, () => new ReconnectingWebSocket('ws://server.test/', [], { transport, clock }))
      for (const socket of sockets) {
        for (const type of ['open', 'message', 'close']) socket.addEventListener(type, () => {}, { signal })
      }
      abort()
      for (const socket of sockets) socket.close()
      return Promise.resolve()
    },
  ],
]

function controller(): { signal: AbortSignal; abort: () => void } {
  const made = new AbortController()
  return { signal: made.signal, abort: () => made.abort() }
}

/** Milliseconds of CPU time, the minimum of several rounds, since other load only adds to it. */
async function timeOf(work: Work, count: number): Promise<number> {
  let best = Infinity
  for (let round = 0; round < 3; round++) {
    const began = process.cpuUsage()
    await work(count)
    best = Math.min(best, process.cpuUsage(began).user / 1_000)
  }
  return best
}

describe('the time per item does not grow with the number of items', () => {
  // One pass is enough: quadratic time never passes.
  test.each(works)('%s', { timeout: 300_000, retry: 4 }, async (_, work) => {
    await work(few)
    const [one, ten] = [await timeOf(work, few), await timeOf(work, many)]
    // Linear time gives ten, quadratic a hundred. The extra millisecond covers timer resolution and garbage collection.
    expect(ten / (one + 1)).toBeLessThan(45)
  })
})

test('a message too large for the queue is refused without measuring all of it', () => {
  const { connection } = create({ autoOpen: false, queue: { bytes: 1_000 } })
  const text = 'é'.repeat(60_000_000)
  const spent = (work: () => unknown): number => {
    const before = process.cpuUsage()
    for (let round = 0; round < 5; round++) work()
    return process.cpuUsage(before).user
  }
  // The first makes the string flat.
  const refuse = (): void => expect(() => connection.send(text)).toThrow('can never fit')
  refuse()
  const passes = spent(() => new TextEncoder().encode(text))
  expect(spent(refuse)).toBeLessThan(passes / 5)
})
