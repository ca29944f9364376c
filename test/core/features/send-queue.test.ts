import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  SendQueue,
  type QueueDrop,
  type QueueEntry,
  type QueueOverflow,
} from '../../../src/core/features/send-queue.js'

const entry = (id: number, bytes: number, expires = Infinity, key?: string): QueueEntry<number> => ({
  data: `${id}`,
  message: id,
  bytes,
  expires,
  key,
})

type Step =
  | { do: 'push'; bytes: number; ttl: number | undefined; key: string | undefined }
  | { do: 'shift' }
  | { do: 'pass'; time: number }
  | { do: 'clear' }
  | { do: 'takeAll' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      bytes: fc.nat(40),
      ttl: fc.option(fc.nat(50), { nil: undefined }),
      key: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'shift' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), time: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'clear' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'takeAll' as const }) },
)

test('any schedule preserves order and limits, settles each message exactly once, and keeps correct sizes', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.record({ messages: fc.nat(6), bytes: fc.nat(100) }),
      fc.constantFrom<QueueOverflow>('reject', 'drop-oldest', 'drop-newest'),
      (steps, bounds, overflow) => {
        let now = 0
        const dropped: [number, QueueDrop][] = []
        // Sent or withdrawn: out of the queue, in order.
        const sent: number[] = []
        const accepted = new Map<number, { bytes: number; expires: number }>()
        const queue = new SendQueue<number>(
          { ...bounds, overflow },
          { now: () => now, dropped: (message, reason) => dropped.push([message, reason]) },
        )
        let next = 0
        for (const each of steps) {
          if (each.do === 'pass') now += each.time
          if (each.do === 'clear') queue.clear('ended')
          if (each.do === 'takeAll') {
            const taken = queue.takeAll()
            for (const id of taken) expect(accepted.get(id)!.expires).toBeGreaterThan(now)
            sent.push(...taken)
            expect([queue.size, queue.bytes, queue.peek()]).toEqual([0, 0, undefined])
          }
          if (each.do === 'shift') {
            const first = queue.peek()
            if (first) {
              expect(first.expires).toBeGreaterThan(now)
              queue.shift()
              sent.push(first.message)
            }
          }
          if (each.do === 'push') {
            const id = next++
            const expires = each.ttl === undefined ? Infinity : now + each.ttl
            try {
              queue.push(entry(id, each.bytes, expires, each.key))
              accepted.set(id, { bytes: each.bytes, expires })
            } catch (error) {
              expect(overflow).toBe('reject')
              expect(error).toMatchObject({ code: 'ERR_QUEUE_FULL' })
            }
          }
          expect(queue.size).toBeLessThanOrEqual(bounds.messages)
          expect(queue.bytes).toBeLessThanOrEqual(bounds.bytes)
        }
        const waiting = [...accepted.keys()].filter(
          (id) => !sent.includes(id) && !dropped.some(([each]) => each === id),
        )
        expect(queue.size).toBe(waiting.length)
        expect(queue.bytes).toBe(waiting.reduce((sum, id) => sum + accepted.get(id)!.bytes, 0))
        expect(sent).toEqual([...sent].sort((a, b) => a - b))
        const settled = [...sent, ...dropped.map(([id]) => id)]
        expect(new Set(settled).size).toBe(settled.length)
        for (const [id, reason] of dropped)
          if (reason === 'expired') expect(accepted.get(id)!.expires).toBeLessThanOrEqual(now)
      },
    ),
    { numRuns: 3_000 },
  )
})

describe('the send queue', () => {
  const make = (bounds: {
    messages: number
    bytes: number
    overflow: QueueOverflow
  }): {
    queue: SendQueue<number>
    dropped: [number, QueueDrop][]
    time: { now: number; reads: number }
    drain: () => number[]
  } => {
    const dropped: [number, QueueDrop][] = []
    const time = { now: 0, reads: 0 }
    const queue = new SendQueue<number>(bounds, {
      now: () => (time.reads++, time.now),
      dropped: (message, reason) => dropped.push([message, reason]),
    })
    const drain = (): number[] => {
      const sent: number[] = []
      for (let first = queue.peek(); first; first = queue.peek()) {
        sent.push(first.message)
        queue.shift()
      }
      return sent
    }
    return { queue, dropped, time, drain }
  }

  test.each<[string, number, number, [number, QueueDrop][]]>([
    ['messages', 3, 100, [[1, 'overflow']]],
    [
      'bytes',
      10,
      12,
      [
        [1, 'overflow'],
        [2, 'overflow'],
      ],
    ],
  ])('discards the oldest messages until there is room, and no more: %s', (_, messages, bytes, expected) => {
    const { queue, dropped, drain } = make({ messages, bytes, overflow: 'drop-oldest' })
    for (const id of [1, 2, 3]) queue.push(entry(id, 4))
    expect(queue.push(entry(4, 6))).toBe('queued')
    expect(dropped).toEqual(expected)
    expect(drain()).toEqual([1, 2, 3, 4].slice(expected.length))
  })

  test('does not count a message about to be replaced among the oldest to discard', () => {
    const { queue, dropped, drain } = make({ messages: 10, bytes: 10, overflow: 'drop-oldest' })
    queue.push(entry(1, 4, Infinity, 'k'))
    queue.push(entry(2, 4))
    queue.push(entry(3, 7, Infinity, 'k'))
    expect(dropped).toEqual([
      [2, 'overflow'],
      [1, 'replaced'],
    ])
    expect(drain()).toEqual([3])
  })

  test('has room for a message of exactly the free size', () => {
    const { queue } = make({ messages: 2, bytes: 10, overflow: 'reject' })
    expect(queue.push(entry(1, 4))).toBe('queued')
    expect(queue.push(entry(2, 6))).toBe('queued')
    expect([queue.size, queue.bytes]).toEqual([2, 10])
  })

  test('drops an expired message when its room is needed, wherever it is, and not before', () => {
    const { queue, dropped, time, drain } = make({ messages: 3, bytes: 100, overflow: 'reject' })
    queue.push(entry(1, 1))
    queue.push(entry(2, 1, 10))
    time.now = 10
    queue.push(entry(3, 1, 11))
    expect(dropped).toEqual([])
    queue.push(entry(4, 1))
    expect(dropped).toEqual([[2, 'expired']])
    expect(() => queue.push(entry(5, 1))).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))
    expect(drain()).toEqual([1, 3, 4])
  })

  test('skips an expired message at its turn', () => {
    const { queue, dropped, time, drain } = make({ messages: 9, bytes: 100, overflow: 'reject' })
    for (const id of [1, 2, 3]) queue.push(entry(id, 1, id * 10))
    time.now = 20
    expect(drain()).toEqual([3])
    expect(dropped).toEqual([
      [1, 'expired'],
      [2, 'expired'],
    ])
    expect([queue.size, queue.bytes]).toEqual([0, 0])
  })

  test('works as new after clearing and knows no keys', () => {
    const { queue, dropped, drain } = make({ messages: 2, bytes: 2, overflow: 'reject' })
    for (const id of [1, 2]) queue.push(entry(id, 1, Infinity, `${id}`))
    queue.clear('ended')
    expect(dropped).toEqual([
      [1, 'ended'],
      [2, 'ended'],
    ])
    expect([queue.size, queue.bytes, queue.peek()]).toEqual([0, 0, undefined])
    for (const id of [3, 4]) queue.push(entry(id, 1, Infinity, `${id - 2}`))
    expect(dropped).toHaveLength(2)
    expect(drain()).toEqual([3, 4])
  })

  test('does not read the clock for messages without ttl', () => {
    const { queue, time, drain } = make({ messages: 2, bytes: 100, overflow: 'drop-oldest' })
    for (const id of [1, 2, 3]) queue.push(entry(id, 1))
    expect([drain(), time.reads]).toEqual([[2, 3], 0])
    queue.push(entry(4, 1, 50))
    expect([drain(), time.reads]).toEqual([[4], 1])
    for (const id of [5, 6, 7]) queue.push(entry(id, 1))
    expect([drain(), time.reads]).toEqual([[6, 7], 1])
  })

  test('discards the newest message and retains the others', () => {
    const { queue, dropped, drain } = make({ messages: 2, bytes: 100, overflow: 'drop-newest' })
    expect([1, 2, 3].map((id) => queue.push(entry(id, 1)))).toEqual(['queued', 'queued', 'dropped'])
    expect(dropped).toEqual([[3, 'overflow']])
    expect(drain()).toEqual([1, 2])
  })

  test('discards all others for a message as large as the whole queue', () => {
    const { queue, dropped, drain } = make({ messages: 9, bytes: 10, overflow: 'drop-oldest' })
    queue.push(entry(1, 4))
    expect(queue.push(entry(2, 10))).toBe('queued')
    expect(dropped).toEqual([[1, 'overflow']])
    expect(drain()).toEqual([2])
  })

  test('does not replace a sent message', () => {
    const { queue, dropped, drain } = make({ messages: 9, bytes: 100, overflow: 'reject' })
    queue.push(entry(1, 1, Infinity, 'k'))
    expect(drain()).toEqual([1])
    queue.push(entry(2, 1, Infinity, 'k'))
    expect(dropped).toEqual([])
    expect(drain()).toEqual([2])
  })

  test('drops a message larger than the whole queue, not the others', () => {
    const { queue, dropped } = make({ messages: 10, bytes: 10, overflow: 'drop-oldest' })
    queue.push(entry(1, 5))
    expect(queue.push(entry(2, 11))).toBe('dropped')
    expect(dropped).toEqual([[2, 'overflow']])
    expect(queue.size).toBe(1)
  })

  test('gives a message the room of the one it replaces', () => {
    const { queue, dropped } = make({ messages: 1, bytes: 10, overflow: 'reject' })
    queue.push(entry(1, 10, Infinity, 'k'))
    expect(queue.push(entry(2, 10, Infinity, 'k'))).toBe('queued')
    expect(dropped).toEqual([[1, 'replaced']])
  })

  test('keeps the old message if its replacement does not fit', () => {
    const { queue, dropped } = make({ messages: 5, bytes: 10, overflow: 'reject' })
    queue.push(entry(1, 4, Infinity, 'k'))
    queue.push(entry(2, 4))
    expect(() => queue.push(entry(3, 7, Infinity, 'k'))).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))
    expect(dropped).toEqual([])
    expect(queue.peek()?.message).toBe(1)
  })

  test.each(['key', 'drop-oldest'] as const)('with %s leaves no holes after a long outage', (policy) => {
    const { queue } = make({ messages: 100, bytes: Infinity, overflow: 'drop-oldest' })
    const visited = { slots: 0 }
    for (let id = 0; id < 50_000; id++) queue.push(entry(id, 1, Infinity, policy === 'key' ? 'same' : undefined))
    // The rest is found at once: there are only entries between the first and the last.
    while (queue.peek()) {
      queue.shift()
      visited.slots++
    }
    expect(visited.slots).toBe(policy === 'key' ? 1 : 100)
  })

  test('passes many thousands of messages without growing', () => {
    const { queue } = make({ messages: Infinity, bytes: Infinity, overflow: 'reject' })
    const out: number[] = []
    for (let id = 0; id < 20_000; id++) {
      queue.push(entry(id, 1))
      if (id % 2 === 1) {
        out.push(queue.peek()!.message)
        queue.shift()
      }
    }
    while (queue.peek()) {
      out.push(queue.peek()!.message)
      queue.shift()
    }
    expect(out).toEqual(Array.from({ length: 20_000 }, (_, id) => id))
    expect(queue.bytes).toBe(0)
  })
})
