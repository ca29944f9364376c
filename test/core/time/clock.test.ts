import { describe, expect, test } from 'vitest'
import { readClock, setTimer, unref } from '../../../src/core/time/clock.js'
import type { Clock } from '../../../src/core/time/timers.js'
import { settle } from '../../../src/tools/testing/clock.js'

const clock = (parts: Partial<Record<keyof Clock, unknown>>): Clock => parts as unknown as Clock

describe('reading a clock', () => {
  test('returns the requested kind of time', () => {
    const both = clock({ now: () => 5, wall: () => -7.5 })
    expect([readClock(both, 'now'), readClock(both, 'wall')]).toEqual([5, -7.5])
  })

  test.each([NaN, Infinity, -Infinity, '5', 5n, undefined, null, {}])('fails on %s', (time) => {
    expect(() => readClock(clock({ now: () => time }), 'now')).toThrow(TypeError)
  })

  test('fails on a promise, whose rejection is handled', async () => {
    const unhandled = await unhandledDuring(() => {
      const late = clock({ now: () => Promise.reject(new Error('late')) })
      expect(() => readClock(late, 'now')).toThrow(TypeError)
    })
    expect(unhandled).toEqual([])
  })
})

describe('setting a timer', () => {
  test('passes callback and delay, and accepts any handle', () => {
    const callback = (): void => {}
    for (const handle of [undefined, 1, { unref() {} }]) {
      const given: unknown[] = []
      const one = clock({ setTimeout: (...all: unknown[]) => (given.push(...all), handle) })
      expect(setTimer(one, callback, 12)).toBe(handle)
      expect(given).toEqual([callback, 12])
    }
  })

  test('fails on a promise, whose rejection is handled', async () => {
    const unhandled = await unhandledDuring(() => {
      const late = clock({ setTimeout: () => Promise.reject(new Error('late')) })
      expect(() => setTimer(late, () => {}, 1)).toThrow(TypeError)
    })
    expect(unhandled).toEqual([])
  })
})

test('a handle is unreferenced if it can be, and otherwise left alone', () => {
  let unreferenced = 0
  unref({ unref: () => unreferenced++ })
  for (const handle of [undefined, null, 1, {}]) expect(() => unref(handle)).not.toThrow()
  expect(unreferenced).toBe(1)
})

async function unhandledDuring(work: () => void): Promise<unknown[]> {
  const unhandled: unknown[] = []
  const note = (thrown: unknown): void => void unhandled.push(thrown)
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', note)
  try {
    work()
    await settle()
    await new Promise((resolve) => setImmediate(resolve))
    return unhandled
  } finally {
    process.off('unhandledRejection', note)
    for (const other of others) process.on('unhandledRejection', other)
  }
}
