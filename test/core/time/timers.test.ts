import { describe, expect, test, vi } from 'vitest'
import type { Core } from '../../../src/core/core.js'
import { plainClock, Timers, type Clock } from '../../../src/core/time/timers.js'
import { TestClock } from '../../../src/tools/testing/clock.js'

/** A core has turns, which do not matter here. */
const core = { begin: () => true, end: () => {} } as unknown as Core

const timers = (clock: Clock, unref = false): Timers => new Timers(clock, unref, core)

describe('a delay', () => {
  test.each([2 ** 31 - 1, 2 ** 31, 2 ** 33])(
    'of %i ms is waited for in full, in steps a runtime can count (T07)',
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

  test('of Infinity never fires, sets no timer, and can be cleared', async () => {
    const clock = new TestClock()
    const some = timers(clock)
    const timer = some.setTimeout(() => expect.unreachable(), Infinity)
    await clock.advance(2 ** 40)
    expect(clock.pending).toBe(0)
    expect(() => some.clearTimeout(timer)).not.toThrow()
  })

  test('below zero fires as soon as possible', async () => {
    const clock = new TestClock()
    let fired = false
    timers(clock).setTimeout(() => (fired = true), -5)
    await clock.advance(1)
    expect(fired).toBe(true)
  })

  test('below zero is due now, so its deficit does not count as late', () => {
    const clock = new TestClock()
    const some = timers(clock)
    const late: number[] = []
    some.setTimeout(() => late.push(some.late), -500)
    clock.advanceSync(1)
    expect(late).toEqual([0])
  })

  test('is removed once by clearing, which is harmless after it fired or if it was never set', () => {
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

  test('can be cleared or fire without affecting the others', () => {
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

  test('does not fire once cleared, even if its clock fails to clear it', async () => {
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

  test('counts as on time if the runtime is early by less than a millisecond', () => {
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

test('timers are the runtime’s if there is no clock', () => {
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

test('timers fire even if a test advances them without the clock', () => {
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

test('a callback, and no other code, knows how late it is (T01)', () => {
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

test('a timer handle need not support unref', () => {
  for (const handle of [undefined, 1, {}]) {
    const clock: Clock = { now: () => 0, wall: () => 0, setTimeout: () => handle, clearTimeout: () => {} }
    expect(() => timers(clock, true).setTimeout(() => {}, 1)).not.toThrow()
  }
})

test.each([0, 1, 60_000])('a long wait that ends %i ms before its next step ends now', (late) => {
  let now = 0
  let callback = (): void => {}
  const clock: Clock = {
    now: () => now,
    wall: () => now,
    setTimeout: (given) => ((callback = given), 1),
    clearTimeout: () => {},
  }
  const some = timers(clock)
  const delays: number[] = []
  some.setTimeout(() => delays.push(some.late), 2 ** 32)
  now = 2 ** 32 + late
  callback()
  expect(delays).toEqual([late])
})

test('a callback that throws is no longer late', () => {
  const clock = new TestClock()
  const some = timers(clock)
  some.setTimeout(() => {
    throw new Error('callback')
  }, 10)
  clock.block(20)
  expect(() => clock.advanceSync(0)).toThrow('callback')
  expect(some.late).toBe(0)
})

test('each callback is a turn, which ends even if it throws', () => {
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
