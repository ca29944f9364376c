import { expect, test } from 'vitest'
import type { Core } from '../../src/core/core.js'
import type { Entry } from '../../src/core/feature.js'
import { CountedQueue } from '../../src/core/queue.js'

const entry = (number: number): Entry => ({ data: String(number), message: number, options: undefined })

function counted(limit: number): { queue: CountedQueue; dropped: unknown[] } {
  const dropped: unknown[] = []
  const drop = ({ message }: Entry, reason: string): void => void dropped.push([message, reason])
  return { queue: new CountedQueue({ outgoing: { drop } } as unknown as Core, limit), dropped }
}

test('the queue returns messages in insertion order, however it is used', () => {
  const { queue } = counted(1_000)
  const model: number[] = []
  for (let step = 0; step < 600; step++) {
    if (step % 3 > 0 && step < 300) {
      expect(queue.push(entry(step))).toBe('queued')
      model.push(step)
    } else if (model.length > 0) {
      queue.shift()
      model.shift()
    }
    expect(queue.size).toBe(model.length)
    expect(queue.peek()?.message).toBe(model[0])
  }
  expect(queue.size).toBe(0)
})

test('an emptied queue accepts messages again and shares none with another', () => {
  const [{ queue }, { queue: other }] = [counted(10), counted(10)]
  queue.push(entry(1))
  expect([other.size, other.peek()]).toEqual([0, undefined])
  queue.shift()
  queue.push(entry(2))
  queue.push(entry(3))
  expect([queue.size, queue.peek()?.message, other.size]).toEqual([2, 2, 0])
})

test('a full queue rejects new messages, keeps its own, and has room again after one leaves', () => {
  const { queue } = counted(2)
  queue.push(entry(1))
  queue.push(entry(2))
  expect(() => queue.push(entry(3))).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }) as Error)
  expect([queue.size, queue.peek()?.message]).toEqual([2, 1])
  queue.shift()
  expect(queue.push(entry(4))).toBe('queued')
})

test('clearing drops each queued message in order, with the reason', () => {
  const { queue, dropped } = counted(10)
  for (const number of [1, 2, 3]) queue.push(entry(number))
  queue.shift()
  queue.clear('ended')
  expect(dropped).toEqual([
    [2, 'ended'],
    [3, 'ended'],
  ])
  expect(queue.size).toBe(0)
})
