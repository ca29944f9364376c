import { expect, test } from 'vitest'
import { Timers } from '../../src/control/clock.js'
import { DrainWatch } from '../../src/control/drain.js'
import { TestClock } from '../../src/testing/clock.js'

function watch(answers: readonly boolean[]): { drain: DrainWatch; clock: TestClock; asked: number[] } {
  const clock = new TestClock()
  const asked: number[] = []
  const timers = new Timers(clock, { unref: false, run: (callback) => callback(), report: () => {} })
  return { drain: new DrainWatch(timers, () => answers[asked.push(clock.now()) - 1] ?? true), clock, asked }
}

test('it asks every 20 ms until nothing waits, and then no more', async () => {
  const { drain, clock, asked } = watch([false, false, true])
  drain.start()
  drain.start()
  expect(clock.pending).toBe(1)
  await clock.advance(1_000)
  expect(asked).toEqual([20, 40, 60])
  expect(clock.pending).toBe(0)
})

test('it can be started again after it was done, and after it was stopped', async () => {
  const { drain, clock, asked } = watch([true])
  drain.start()
  await clock.advance(20)
  drain.start()
  drain.stop()
  await clock.advance(1_000)
  expect(asked).toEqual([20])
  drain.start()
  await clock.advance(20)
  expect(asked).toEqual([20, 1_040])
})
