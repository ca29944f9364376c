import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fixedBackoff } from '../../../../src/index.js'
import { whenWithoutLink } from '../../../../src/tools/cli/connect/give-up.js'
import { setup } from '../../../support/setup.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function limited(limit: number) {
  const life = setup({ backoff: fixedBackoff(10) })
  let reached = 0
  const stop = whenWithoutLink(life.connection, limit, () => reached++)
  return { ...life, stop, reached: () => reached }
}

test('the time without a link counts from the start', () => {
  const { reached } = limited(5_000)
  vi.advanceTimersByTime(4_999)
  expect(reached()).toBe(0)
  vi.advanceTimersByTime(1)
  expect(reached()).toBe(1)
})

test('an open link stops the timer; a loss restarts it, and failed attempts do not', async () => {
  const { accept, clock, transport, reached } = limited(5_000)
  await accept()
  vi.advanceTimersByTime(60_000)
  transport.last.end({ code: 1006 })
  for (let attempt = 0; attempt < 4; attempt++) {
    vi.advanceTimersByTime(1_000)
    await clock.advance(10)
    transport.last.end({ code: 1006 })
  }
  expect([reached(), transport.sockets.length]).toEqual([0, 5])
  vi.advanceTimersByTime(1_000)
  expect(reached()).toBe(1)
})

test('a stopped timer does nothing', () => {
  const { stop, transport, reached } = limited(5_000)
  stop()
  vi.advanceTimersByTime(10_000)
  expect([reached(), vi.getTimerCount(), transport.sockets.length]).toEqual([0, 0, 0])
})
