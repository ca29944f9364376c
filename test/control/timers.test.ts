import { describe, expect, test, vi } from 'vitest'
import { systemClock, type Clock } from '../../src/control/clock.js'
import { Timers } from '../../src/control/timers.js'
import { TestClock } from '../../src/testing/clock.js'

function timers(clock: Clock, unref = false): { timers: Timers; reported: unknown[] } {
  const reported: unknown[] = []
  return {
    timers: new Timers(clock, unref, {
      turn: (callback) => callback(),
      fail: (code, what, thrown) => reported.push(code === 'ERR_ENVIRONMENT' && what === 'the clock' ? thrown : what),
    }),
    reported,
  }
}

describe('delays', () => {
  test.each([2 ** 31 - 1, 2 ** 31, 2 ** 33])(
    '%i ms are waited for in full, in pieces a runtime can count (T07)',
    async (delay) => {
      const clock = new TestClock()
      let fired = false
      timers(clock).timers.setTimeout(() => (fired = true), delay)
      await clock.advance(delay - 1)
      expect(fired).toBe(false)
      await clock.advance(1)
      expect(fired).toBe(true)
    },
  )

  test('Infinity never fires, arms nothing, and can be cleared', async () => {
    const clock = new TestClock()
    const { timers: some } = timers(clock)
    const timer = some.setTimeout(() => expect.unreachable(), Infinity)
    await clock.advance(2 ** 40)
    expect(clock.pending).toBe(0)
    expect(some.size).toBe(1)
    some.clearTimeout(timer)
    expect(some.size).toBe(0)
  })

  test('a negative one is as soon as can be', async () => {
    const clock = new TestClock()
    let fired = false
    timers(clock).timers.setTimeout(() => (fired = true), -5)
    await clock.advance(1)
    expect(fired).toBe(true)
  })

  test('a negative one is due now, so that it is not late by what it lacks', () => {
    const clock = new TestClock()
    const { timers: some } = timers(clock)
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
    const { timers: some } = timers(clock)
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
    expect(some.size).toBe(2)
    some.clear()
    expect(some.size).toBe(0)
    expect(cleared).toEqual([2, 3, 4])
  })

  test('one that was cleared does not fire, even if its clock forgets to clear it', async () => {
    const clock = new TestClock()
    const forgetful: Clock = {
      now: () => clock.now(),
      wall: () => clock.wall(),
      setTimeout: (callback, delay) => clock.setTimeout(callback, delay),
      clearTimeout: () => {},
    }
    const { timers: some } = timers(forgetful)
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
    timers(clock).timers.setTimeout(() => (fired = true), 10)
    now = 9.4
    callback()
    expect(fired).toBe(true)
  })
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
  timers(still).timers.setTimeout(() => (fired = true), 500)
  callback()
  expect(fired).toBe(true)
})

test('a callback knows how late it is, and nobody else does (T01)', () => {
  const clock = new TestClock()
  const { timers: some } = timers(clock)
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
  timers(clock, false).timers.setTimeout(() => {}, 1)
  timers(clock, true).timers.setTimeout(() => {}, 2)
  expect(unreferenced).toEqual([2])
})

test('what a clock gives for a handle need not be one that can be unreferenced', () => {
  for (const handle of [undefined, 1, {}]) {
    const clock: Clock = { now: () => 0, wall: () => 0, setTimeout: () => handle, clearTimeout: () => {} }
    expect(() => timers(clock, true).timers.setTimeout(() => {}, 1)).not.toThrow()
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
  const { timers: some } = timers(clock)
  const told: number[] = []
  some.setTimeout(() => told.push(some.late), 2 ** 32)
  now = 2 ** 32 + late
  callback()
  expect(told).toEqual([late])
})

test('a clock that cannot clear is reported, and what was cleared does not run', async () => {
  const clock = new TestClock()
  const fault = new Error('clearTimeout')
  clock.clearTimeout = () => {
    throw fault
  }
  const { timers: some, reported } = timers(clock)
  some.clearTimeout(some.setTimeout(() => expect.unreachable(), 10))
  await clock.advance(100)
  expect(reported).toEqual([fault])
})

test('a callback that throws is late no longer', () => {
  const clock = new TestClock()
  const { timers: some } = timers(clock)
  some.setTimeout(() => {
    throw new Error('callback')
  }, 10)
  clock.block(20)
  expect(() => clock.advanceSync(0)).toThrow('callback')
  expect(some.late).toBe(0)
})

test('a clock that fails goes on from where it was', () => {
  let fails = false
  const clock: Clock = {
    now: () => (fails ? NaN : 7_000_000_000),
    wall: () => {
      if (fails) throw new Error('wall')
      return 9_000_000_000_000
    },
    setTimeout: () => 1,
    clearTimeout: () => {},
  }
  const { timers: some, reported } = timers(clock)
  expect([some.now(), some.wall()]).toEqual([7_000_000_000, 9_000_000_000_000])
  fails = true
  // The system's clock goes on in between, but not by a minute.
  expect(some.now() - 7_000_000_000).toBeGreaterThanOrEqual(0)
  expect(some.now() - 7_000_000_000).toBeLessThan(60_000)
  expect(some.wall() - 9_000_000_000_000).toBeGreaterThanOrEqual(0)
  expect(some.wall() - 9_000_000_000_000).toBeLessThan(60_000)
  expect(new Set(reported.map(String))).toEqual(new Set(['TypeError: clock.now() returned NaN', 'Error: wall']))
})

test('a timer that the system took over is cleared there', () => {
  vi.useFakeTimers()
  try {
    const cleared: unknown[] = []
    const clock: Clock = {
      now: () => 0,
      wall: () => 0,
      setTimeout: () => {
        throw new Error('setTimeout')
      },
      clearTimeout: (handle) => cleared.push(handle),
    }
    const { timers: some } = timers(clock)
    some.clearTimeout(some.setTimeout(() => {}, 10))
    expect(vi.getTimerCount()).toBe(0)
    expect(cleared).toEqual([])
  } finally {
    vi.useRealTimers()
  }
})

test('the system clock is that of the runtime', () => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
  try {
    const fired: string[] = []
    const before = systemClock.now()
    systemClock.setTimeout(() => fired.push('kept'), 50)
    systemClock.clearTimeout(systemClock.setTimeout(() => fired.push('cleared'), 50))
    vi.advanceTimersByTime(50)
    expect(fired).toEqual(['kept'])
    expect(systemClock.now() - before).toBe(50)
    expect(systemClock.wall()).toBe(1_700_000_000_050)
  } finally {
    vi.useRealTimers()
  }
})

test('a clock that throws or tells nonsense is reported, and the system clock takes its place', async () => {
  const broken: Clock = {
    now: () => NaN,
    wall: () => {
      throw new Error('wall')
    },
    setTimeout: () => {
      throw new Error('setTimeout')
    },
    clearTimeout: () => {
      throw new Error('clearTimeout')
    },
  }
  const { timers: some, reported } = timers(broken)
  expect(some.wall()).toBeGreaterThan(1.6e12)
  await new Promise<void>((resolve) => some.setTimeout(resolve, 1))
  some.clearTimeout(some.setTimeout(() => {}, 1_000_000))
  some.clear()
  expect(reported.map(String)).toEqual(
    expect.arrayContaining(['Error: wall', 'Error: setTimeout', 'TypeError: clock.now() returned NaN']),
  )
})
