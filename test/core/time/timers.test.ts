import { describe, expect, test, vi } from 'vitest'
import type { Core } from '../../../src/core/core.js'
import { plainClock, Timers, type Clock } from '../../../src/core/time/timers.js'
import { TestClock } from '../../../src/tools/testing/clock.js'

/** A core has turns, which do not matter here. */
const core = { begin: () => true, end: () => {} } as unknown as Core

const timers = (clock: Clock, unref = false): Timers => new Timers(clock, unref, core)

describe('delays', () => {
  test.each([2 ** 31 - 1, 2 ** 31, 2 ** 33])(
    '%i ms are waited for in full, in pieces a runtime can count (T07)',
    async (delay) => {
      const clock = new TestClock()
      let fired = false
      timers(clock).setTimeout(() => (fired = true), delay)
      await clock.advance(delay - 1)
      expect(fired).toBe(false)
      await clock.advance(1)
      expect(fired).toBe(true)
    },
  )

  test('Infinity never fires, arms nothing, and can be cleared', async () => {
    const clock = new TestClock()
    const some = timers(clock)
    const timer = some.setTimeout(() => expect.unreachable(), Infinity)
    await clock.advance(2 ** 40)
    expect(clock.pending).toBe(0)
    expect(() => some.clearTimeout(timer)).not.toThrow()
  })

  test('a negative one is as soon as can be', async () => {
    const clock = new TestClock()
    let fired = false
    timers(clock).setTimeout(() => (fired = true), -5)
    await clock.advance(1)
    expect(fired).toBe(true)
  })

  test('a negative one is due now, so that it is not late by what it lacks', () => {
    const clock = new TestClock()
    const some = timers(clock)
    const late: number[] = []
    some.setTimeout(() => late.push(some.late), -500)
    clock.advanceSync(1)
    expect(late).toEqual([0])
  })

  test('clearing takes each out, once, and what has fired or was never armed is no trouble', () => {
    const cleared: unknown[] = []
    let callback = (): void => {}
    let armed = 0
    const clock: Clock = {
      now: () => 0,
      wall: () => 0,
      setTimeout: (given) => ((callback = given), ++armed),
      clearTimeout: (handle) => cleared.push(handle),
    }
    const some = timers(clock)
    const fired = some.setTimeout(() => {}, 10)
    callback()
    some.clearTimeout(fired)
    some.clearTimeout(undefined)
    some.clearTimeout(some.setTimeout(() => {}, Infinity))
    expect(cleared).toEqual([])
    const timer = some.setTimeout(() => {}, 10)
    some.clearTimeout(timer)
    some.clearTimeout(timer)
    some.setTimeout(() => {}, 10)
    some.setTimeout(() => {}, 10)
    some.clear()
    some.clear()
    expect(cleared).toEqual([2, 3, 4])
  })

  test('clearing or firing one leaves the others to be cleared with the rest', () => {
    const cleared: unknown[] = []
    const callbacks: (() => void)[] = []
    const clock: Clock = {
      now: () => 0,
      wall: () => 0,
      setTimeout: (given) => callbacks.push(given),
      clearTimeout: (handle) => cleared.push(handle),
    }
    const some = timers(clock)
    const [one] = [10, 20, 30, 40].map((delay) => some.setTimeout(() => {}, delay))
    some.clearTimeout(one)
    callbacks[1]!()
    some.clear()
    expect(cleared).toEqual([1, 3, 4])
  })

  test('one that was cleared does not fire, even if its clock forgets to clear it', async () => {
    const clock = new TestClock()
    const forgetful: Clock = {
      now: () => clock.now(),
      wall: () => clock.wall(),
      setTimeout: (callback, delay) => clock.setTimeout(callback, delay),
      clearTimeout: () => {},
    }
    const some = timers(forgetful)
    some.clearTimeout(some.setTimeout(() => expect.unreachable(), 10))
    await clock.advance(100)
  })

  test('a runtime that is early by less than a millisecond is on time', () => {
    let callback = (): void => {}
    let now = 0
    const clock: Clock = {
      now: () => now,
      wall: () => now,
      setTimeout: (given) => ((callback = given), 1),
      clearTimeout: () => {},
    }
    let fired = false
    timers(clock).setTimeout(() => (fired = true), 10)
    now = 9.4
    callback()
    expect(fired).toBe(true)
  })
})

test('without a clock they are the runtime’s', () => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
  try {
    const some = new Timers(undefined, false, core)
    const fired: string[] = []
    const before = some.now()
    some.setTimeout(() => fired.push('kept'), 50)
    some.clearTimeout(some.setTimeout(() => fired.push('cleared'), 50))
    plainClock.clearTimeout(plainClock.setTimeout(() => fired.push('cleared'), 50))
    plainClock.setTimeout(() => fired.push('plain'), 50)
    vi.advanceTimersByTime(49)
    expect(fired).toEqual([])
    vi.advanceTimersByTime(1)
    expect(fired).toEqual(['kept', 'plain'])
    expect([some.now() - before, some.wall()]).toEqual([50, 1_700_000_000_050])
  } finally {
    vi.useRealTimers()
  }
})

test('where a test moves timers and leaves the clock alone, they fire all the same', () => {
  let callback = (): void => {}
  const still: Clock = {
    now: () => 0,
    wall: () => 0,
    setTimeout: (given) => ((callback = given), 1),
    clearTimeout: () => {},
  }
  let fired = false
  timers(still).setTimeout(() => (fired = true), 500)
  callback()
  expect(fired).toBe(true)
})

test('a callback knows how late it is, and nobody else does (T01)', () => {
  const clock = new TestClock()
  const some = timers(clock)
  const late: number[] = []
  some.setTimeout(() => late.push(some.late), 1_000)
  clock.block(4_000)
  clock.advanceSync(0)
  expect(late).toEqual([3_000])
  expect(some.late).toBe(0)
})

test('unref lets a Node process exit', () => {
  const unreferenced: number[] = []
  const clock: Clock = {
    now: () => 0,
    wall: () => 0,
    setTimeout: (_callback, delay) => ({ unref: () => unreferenced.push(delay) }),
    clearTimeout: () => {},
  }
  timers(clock, false).setTimeout(() => {}, 1)
  timers(clock, true).setTimeout(() => {}, 2)
  expect(unreferenced).toEqual([2])
})

test('what a clock gives for a handle need not be one that can be unreferenced', () => {
  for (const handle of [undefined, 1, {}]) {
    const clock: Clock = { now: () => 0, wall: () => 0, setTimeout: () => handle, clearTimeout: () => {} }
    expect(() => timers(clock, true).setTimeout(() => {}, 1)).not.toThrow()
  }
})

test.each([0, 1, 60_000])('a long wait that is over %i ms before its next piece is over now', (late) => {
  let now = 0
  let callback = (): void => {}
  const clock: Clock = {
    now: () => now,
    wall: () => now,
    setTimeout: (given) => ((callback = given), 1),
    clearTimeout: () => {},
  }
  const some = timers(clock)
  const told: number[] = []
  some.setTimeout(() => told.push(some.late), 2 ** 32)
  now = 2 ** 32 + late
  callback()
  expect(told).toEqual([late])
})

test('a callback that throws is late no longer', () => {
  const clock = new TestClock()
  const some = timers(clock)
  some.setTimeout(() => {
    throw new Error('callback')
  }, 10)
  clock.block(20)
  expect(() => clock.advanceSync(0)).toThrow('callback')
  expect(some.late).toBe(0)
})

test('each callback is a turn, which ends also when it throws', () => {
  const clock = new TestClock()
  const turns: unknown[] = []
  const some = new Timers(clock, false, {
    begin: () => turns.push('begin') > 0,
    end: (outermost: boolean) => turns.push(['end', outermost]),
  } as unknown as Core)
  some.setTimeout(() => turns.push('callback'), 10)
  some.setTimeout(() => {
    throw new Error('callback')
  }, 20)
  clock.advanceSync(10)
  expect(turns.splice(0)).toEqual(['begin', 'callback', ['end', true]])
  expect(() => clock.advanceSync(10)).toThrow('callback')
  expect(turns).toEqual(['begin', ['end', true]])
})
