import { expect, test } from 'vitest'
import { backpressure } from '../../../src/core/features/backpressure.js'
import type { Core } from '../../../src/core/core.js'
import type { Pressure } from '../../../src/core/feature.js'
import type { TestClock } from '../../../src/tools/testing/clock.js'
import type { Socket } from '../../../src/core/transport.js'
import { scripted } from '../support/scripted.js'

/** With a socket that is full whenever `isFull` says so, which is told the time and how often there was a look, and so many messages that wait. */
function watched(
  messages: number,
  isFull: (now: number, looks: number) => boolean,
): { core: Core; pressure: Pressure; clock: TestClock; asked: number[]; sent(): number } {
  const { core, clock } = scripted({ queue: Infinity, features: [backpressure(1)] })
  const asked: number[] = []
  let sent = 0
  const socket = {
    get bufferedAmount() {
      return isFull(clock.now(), asked.length) ? 1 : 0
    },
    send: () => sent++,
  }
  for (let message = 0; message < messages; message++) core.outgoing.send('x', undefined)
  // Not flushed, so that the timer is what does it.
  core.attempt = { ready: true, socket: socket as unknown as Socket } as never
  const { flush } = core
  core.flush = () => {
    asked.push(clock.now())
    return flush.call(core)
  }
  return { core, pressure: core.pressure!, clock, asked, sent: () => sent }
}

test('it asks again and again, soon at first and every 20 ms in the end, until nothing waits', async () => {
  const { pressure, clock, asked } = watched(1, (now) => now < 71)
  pressure.start()
  pressure.start()
  expect(clock.pending).toBe(1)
  await clock.advance(1_000)
  expect(asked).toEqual([1, 3, 7, 15, 31, 51, 71])
  expect(clock.pending).toBe(0)
})

test('it can be started again after it was done, and after it was stopped', async () => {
  const { pressure, clock, asked } = watched(0, () => false)
  pressure.start()
  await clock.advance(20)
  pressure.start()
  pressure.stop()
  await clock.advance(1_000)
  expect(asked).toEqual([1])
  pressure.start()
  await clock.advance(20)
  expect(asked).toEqual([1, 1_021])
})

test('what was cut off to let others have their turn goes on in the next', async () => {
  const { pressure, clock, asked, sent } = watched(3_000, (now, looks) => now < 7 || looks === 5)
  pressure.start()
  await clock.advance(1_000)
  expect(asked).toEqual([1, 3, 7, 7, 7, 8])
  expect(sent()).toBe(3_000)
})
