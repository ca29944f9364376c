import { expect, test } from 'vitest'
import { Timers } from '../../src/control/timers.js'
import { DrainWatch } from '../../src/control/drain.js'
import type { Flushed } from '../../src/data/outbound.js'
import { TestClock } from '../../src/testing/clock.js'

function watch(answers: readonly Flushed[]): { drain: DrainWatch; clock: TestClock; asked: number[] } {
  const clock = new TestClock()
  const asked: number[] = []
  const timers = new Timers(clock, false, { turn: (callback) => callback(), fail: () => {} })
  return { drain: new DrainWatch(timers, () => answers[asked.push(clock.now()) - 1] ?? 'done'), clock, asked }
}

test('it asks again and again, soon at first and every 20 ms in the end, until nothing waits', async () => {
  const { drain, clock, asked } = watch([...Array.from({ length: 6 }, () => 'full' as const), 'done'])
  drain.start()
  drain.start()
  expect(clock.pending).toBe(1)
  await clock.advance(1_000)
  expect(asked).toEqual([1, 3, 7, 15, 31, 51, 71])
  expect(clock.pending).toBe(0)
})

test('it can be started again after it was done, and after it was stopped', async () => {
  const { drain, clock, asked } = watch(['done'])
  drain.start()
  await clock.advance(20)
  drain.start()
  drain.stop()
  await clock.advance(1_000)
  expect(asked).toEqual([1])
  drain.start()
  await clock.advance(20)
  expect(asked).toEqual([1, 1_021])
})

test('what was cut off to let others have their turn goes on in the next', async () => {
  const { drain, clock, asked } = watch(['full', 'full', 'more', 'more', 'full', 'done'])
  drain.start()
  await clock.advance(1_000)
  expect(asked).toEqual([1, 3, 7, 7, 7, 8])
})
