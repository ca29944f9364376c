import { expect, test, vi } from 'vitest'
import type { Core } from '../../../src/core/core.js'
import { GuardedClock } from '../../../src/core/time/guarded-clock.js'
import { systemClock } from '../../../src/core/time/clock.js'
import { Timers, type Clock } from '../../../src/core/time/timers.js'
import { settle, TestClock } from '../../../src/tools/testing/clock.js'

function guarded(clock: Clock): { timers: Timers; reported: unknown[] } {
  const reported: unknown[] = []
  const one = new GuardedClock(clock)
  const fail: Core['fail'] = (code, what, thrown) => {
    expect([code, what]).toEqual(['ERR_ENVIRONMENT', 'the clock'])
    reported.push(thrown)
  }
  const core = { fail, begin: () => true, end: () => {} } as unknown as Core
  one.core = core
  return { timers: new Timers(one, false, core), reported }
}

test('a clock that cannot clear a timer is reported, and the cleared timer does not run', async () => {
  const clock = new TestClock()
  const fault = new Error('clearTimeout')
  clock.clearTimeout = () => {
    throw fault
  }
  const { timers: some, reported } = guarded(clock)
  some.clearTimeout(some.setTimeout(() => expect.unreachable(), 10))
  await clock.advance(100)
  expect(reported).toEqual([fault])
})

test('a clock that fails continues from its last value', () => {
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
  const { timers: some, reported } = guarded(clock)
  expect([some.now(), some.wall()]).toEqual([7_000_000_000, 9_000_000_000_000])
  fails = true
  // The system's clock advances meanwhile, but not by a minute.
  expect(some.now() - 7_000_000_000).toBeGreaterThanOrEqual(0)
  expect(some.now() - 7_000_000_000).toBeLessThan(60_000)
  expect(some.wall() - 9_000_000_000_000).toBeGreaterThanOrEqual(0)
  expect(some.wall() - 9_000_000_000_000).toBeLessThan(60_000)
  expect(new Set(reported.map(String))).toEqual(new Set(['TypeError: clock.now() returned NaN', 'Error: wall']))
})

test('a timer taken over by the system is cleared there', () => {
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
    const { timers: some } = guarded(clock)
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

test('a clock that throws or returns invalid values is reported, and the system clock replaces it', async () => {
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
  const { timers: some, reported } = guarded(broken)
  expect(some.wall()).toBeGreaterThan(1.6e12)
  await new Promise<void>((resolve) => some.setTimeout(resolve, 1))
  some.clearTimeout(some.setTimeout(() => {}, 1_000_000))
  some.clear()
  expect(reported.map(String)).toEqual(
    expect.arrayContaining(['Error: wall', 'Error: setTimeout', 'TypeError: clock.now() returned NaN']),
  )
})

test('a timer taken over by the system lets a Node process exit', () => {
  const unreferenced: string[] = []
  const set = vi.spyOn(systemClock, 'setTimeout')
  try {
    const fails = (): never => {
      throw new Error('setTimeout')
    }
    const one = new GuardedClock({ now: () => 0, wall: () => 0, setTimeout: fails, clearTimeout() {} })
    const handles = [{ unref: () => unreferenced.push('handle') }, {}, undefined].map((handle) => {
      set.mockReturnValueOnce(handle)
      return one.setTimeout(() => {}, 10)
    })
    for (const handle of handles) expect(() => (handle as { unref(): void }).unref()).not.toThrow()
    expect(unreferenced).toEqual(['handle'])
  } finally {
    set.mockRestore()
  }
})

test('a clock whose clearing rejects is reported; any other return value is not', async () => {
  const fault = new Error('clearTimeout')
  const answers: unknown[] = [Promise.reject(fault), Promise.resolve(), true, undefined]
  const clock = new TestClock()
  clock.clearTimeout = () => answers.shift() as undefined
  const { timers: some, reported } = guarded(clock)
  while (answers.length > 0) some.clearTimeout(some.setTimeout(() => {}, 10))
  await settle()
  expect(reported).toEqual([fault])
})

test('a clock that fails before a connection exists is replaced as well', () => {
  const one = new GuardedClock({ now: () => NaN, wall: () => 0, setTimeout: () => 1, clearTimeout() {} })
  expect(Number.isFinite(one.now())).toBe(true)
})
