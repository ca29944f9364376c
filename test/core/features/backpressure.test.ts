import { expect, test } from 'vitest'
import { backpressure } from '../../../src/core/features/backpressure.js'
import type { Core } from '../../../src/core/core.js'
import type { Pressure } from '../../../src/core/feature.js'
import type { TestClock } from '../../../src/tools/testing/clock.js'
import type { Socket } from '../../../src/core/transport.js'
import { scripted } from '../support/scripted.js'

/**
 * A socket that is full when `isFull`, called with the time and the number of checks, says so, and that many queued
 * messages.
 */
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
  // Not flushed, so that only the timer does it.
  core.attempt = { ready: true, socket: socket as unknown as Socket } as never
  const { flush } = core
  core.flush = () => {
    asked.push(clock.now())
    return flush.call(core)
  }
  return { core, pressure: core.pressure!, clock, asked, sent: () => sent }
}

test('backpressure is polled, quickly at first and every 20 ms in the end, until nothing is queued', async () => {
  const { pressure, clock, asked } = watched(1, (now) => now < 71)
  pressure.start()
  pressure.start()
  expect(clock.pending).toBe(1)
  await clock.advance(1_000)
  expect(asked).toEqual([1, 3, 7, 15, 31, 51, 71])
  expect(clock.pending).toBe(0)
})

test('backpressure polling can be restarted after it ended or was stopped', async () => {
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

test('a slice that yielded to other tasks continues in the next turn', async () => {
  const { pressure, clock, asked, sent } = watched(3_000, (now, looks) => now < 7 || looks === 5)
  pressure.start()
  await clock.advance(1_000)
  expect(asked).toEqual([1, 3, 7, 7, 7, 8])
  expect(sent()).toBe(3_000)
})
