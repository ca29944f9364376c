import { describe, expect, test, vi } from 'vitest'
import type { Clock } from '../../../src/core/time/timers.js'
import { offWake, onWake as listen } from '../../../src/core/environment/wake.js'
import { TestClock } from '../../../src/tools/testing/clock.js'

/** A clock that only runs on request. */
const quiet = (parts: Partial<Clock>): Clock => ({
  now: () => 0,
  wall: () => 0,
  setTimeout: () => 1,
  clearTimeout: () => {},
  ...parts,
})

function onWake(clock: Clock, woke: () => void, clockFailed: (thrown: unknown) => void = () => {}): () => void {
  const listener = { woke, clockFailed }
  listen(clock, listener)
  return () => offWake(clock, listener)
}

describe('the wake detector', () => {
  test('uses one ticker for all connections on a clock and stops it with the last of them', async () => {
    const clock = new TestClock()
    const woke: string[] = []
    const stops = ['a', 'b'].map((name) => onWake(clock, () => woke.push(name)))
    expect(clock.pending).toBe(1)
    clock.block(60_000)
    await clock.advance(0)
    expect(woke).toEqual(['a', 'b'])
    stops[0]!()
    stops[0]!()
    expect(clock.pending).toBe(1)
    stops[1]!()
    expect(clock.pending).toBe(0)
  })

  test('reports no gap for a tick that is a little late', async () => {
    const clock = new TestClock()
    const stop = onWake(clock, () => expect.unreachable())
    await clock.advance(60_000)
    clock.block(9_000)
    await clock.advance(60_000)
    stop()
  })

  test('reports a gap when a tick is a whole tick late', async () => {
    const clock = new TestClock()
    let woke = 0
    const stop = onWake(clock, () => woke++)
    clock.block(10_000)
    await clock.advance(0)
    expect(woke).toBe(0)
    clock.block(10_001)
    await clock.advance(0)
    expect(woke).toBe(1)
    stop()
  })

  test('does not keep a process alive', () => {
    let unreferenced = 0
    const clock = quiet({ setTimeout: () => ({ unref: () => unreferenced++ }) })
    onWake(clock, () => {})()
    expect(unreferenced).toBe(1)
  })

  test('accepts any timer handle of a clock', () => {
    for (const handle of [undefined, 1, {}]) {
      expect(() => onWake(quiet({ setTimeout: () => handle }), () => {})()).not.toThrow()
    }
  })

  test('ignores a tick of a clock that fails to clear it', () => {
    let look = (): void => {}
    let armed = 0
    const clock = quiet({ setTimeout: (callback) => ((look = callback), ++armed) })
    onWake(clock, () => expect.unreachable())()
    look()
    expect(armed).toBe(1)
  })

  test('starts again after the last connection has stopped', async () => {
    const clock = new TestClock()
    onWake(clock, () => expect.unreachable())()
    let woke = 0
    const stop = onWake(clock, () => woke++)
    clock.block(60_000)
    await clock.advance(0)
    expect(woke).toBe(1)
    stop()
    expect(clock.pending).toBe(0)
  })

  test('reports a clock that throws and sees no gap; the next check works as usual', () => {
    let time: number | Error = 0
    let look = (): void => {}
    const read = (): number => {
      if (time instanceof Error) throw time
      return time
    }
    const clock = quiet({ now: read, wall: read, setTimeout: (callback) => ((look = callback), 1) })
    const reported: unknown[] = []
    let woke = 0
    const stop = onWake(
      clock,
      () => woke++,
      (thrown) => reported.push(thrown),
    )
    const fault = (time = new Error('now'))
    look()
    time = 60_000
    look()
    expect([woke, reported]).toEqual([0, [fault, fault]])
    time = 120_000
    look()
    expect(woke).toBe(1)
    stop()
  })

  test('uses the system timer, and clears it there, if a clock cannot set the ticker', () => {
    vi.useFakeTimers()
    try {
      const fault = new Error('setTimeout')
      const cleared: unknown[] = []
      const reported: unknown[] = []
      const clock = quiet({
        setTimeout: () => {
          throw fault
        },
        clearTimeout: (handle) => cleared.push(handle),
      })
      const stop = onWake(
        clock,
        () => {},
        (thrown) => reported.push(thrown),
      )
      expect(vi.getTimerCount()).toBe(1)
      vi.advanceTimersByTime(5_000)
      expect(vi.getTimerCount()).toBe(1)
      expect(reported).toEqual([fault, fault])
      stop()
      expect(vi.getTimerCount()).toBe(0)
      expect(cleared).toEqual([])
    } finally {
      vi.useRealTimers()
    }
  })

  test('reports a gap in either clock (T05)', async () => {
    const clock = new TestClock()
    let woke = 0
    const stop = onWake(clock, () => woke++)
    clock.sleep(60_000)
    await clock.advance(5_000)
    clock.block(60_000)
    await clock.advance(0)
    expect(woke).toBe(2)
    stop()
  })
})
