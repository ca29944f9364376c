import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConnectionError } from '../../../src/core/errors.js'
import {
  backoffDefaults,
  decorrelatedJitter,
  equalJitter,
  fixedBackoff,
  fullJitter,
  sequenceBackoff,
  type Backoff,
} from '../../../src/core/policies/backoff.js'

const attempts = fc.integer({ min: 1, max: 5_000 })
/** [0, 1), with the ends included as often as fast-check likes. */
const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const ranges = fc
  .tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 1e7 }))
  .map(([base, more]) => ({ base, cap: base + more }))
const almostOne = 1 - Number.EPSILON

const wait = (backoff: Backoff, attempt: number, u: number, previous?: number): number =>
  backoff({ attempt, previous, random: () => u })

/** A small generator (mulberry32): the same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function mean(backoff: Backoff, attempt: number): number {
  const random = seeded(7)
  let sum = 0
  for (let i = 0; i < 20_000; i++) sum += backoff({ attempt, previous: undefined, random })
  return sum / 20_000
}

function refusal(act: () => unknown): ConnectionError {
  try {
    act()
  } catch (error) {
    if (error instanceof ConnectionError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('fullJitter', () => {
  it('waits at least its floor and less than floor + min(cap, base · 2ⁿ)', () => {
    fc.assert(
      fc.property(ranges, fc.integer({ min: 0, max: 1e6 }), attempts, uniform, (range, floor, attempt, u) => {
        const delay = wait(fullJitter({ floor, ...range }), attempt, u)
        expect(delay).toBeGreaterThanOrEqual(floor)
        expect(delay).toBeLessThanOrEqual(floor + Math.min(range.cap, range.base * 2 ** (attempt - 1)))
      }),
    )
  })

  it('has a maximum delay that never shrinks from one attempt to the next', () => {
    fc.assert(
      fc.property(ranges, attempts, (range, attempt) => {
        const backoff = fullJitter(range)
        expect(wait(backoff, attempt + 1, almostOne)).toBeGreaterThanOrEqual(wait(backoff, attempt, almostOne))
      }),
    )
  })

  it('waits 250 ms to 1.25 s at first, and 250 ms to 30.25 s in the end', () => {
    const backoff = fullJitter()
    expect(wait(backoff, 1, 0)).toBe(250)
    expect(wait(backoff, 1, almostOne)).toBeCloseTo(1_250)
    expect(wait(backoff, 2, almostOne)).toBeCloseTo(2_250)
    expect(wait(backoff, 5_000, 0)).toBe(250)
    expect(wait(backoff, 5_000, almostOne)).toBeCloseTo(30_250)
  })

  it.each([
    [1, 750],
    [3, 2_250],
    [10, 15_250],
  ])('is evenly distributed: attempt %i waits %i ms on average', (attempt, expected) => {
    expect(Math.abs(mean(fullJitter(), attempt) / expected - 1)).toBeLessThan(0.02)
  })

  it('spreads many clients over the whole range, with no tenth empty or crowded', () => {
    const random = seeded(11)
    const backoff = fullJitter({ floor: 0, base: 1_000, cap: 1_000 })
    const tenths = Array.from({ length: 10 }, () => 0)
    for (let i = 0; i < 10_000; i++) {
      const tenth = Math.floor(backoff({ attempt: 1, previous: undefined, random }) / 100)
      tenths[tenth] = (tenths[tenth] ?? 0) + 1
    }
    for (const share of tenths) expect(Math.abs(share - 1_000)).toBeLessThan(150)
  })
})

describe('equalJitter', () => {
  it('waits at least half of min(cap, base · 2ⁿ) and never more than all of it', () => {
    fc.assert(
      fc.property(ranges, attempts, uniform, (range, attempt, u) => {
        const all = Math.min(range.cap, range.base * 2 ** (attempt - 1))
        const delay = wait(equalJitter(range), attempt, u)
        expect(delay).toBeGreaterThanOrEqual(all / 2)
        expect(delay).toBeLessThanOrEqual(all)
      }),
    )
  })

  it('waits three quarters of it on average', () => {
    expect(Math.abs(mean(equalJitter(), 4) / 6_000 - 1)).toBeLessThan(0.01)
  })
})

describe('decorrelatedJitter', () => {
  it('waits from base to three times the previous delay, and never more than cap', () => {
    fc.assert(
      fc.property(ranges, attempts, uniform, fc.integer({ min: 0, max: 1e8 }), (range, attempt, u, before) => {
        const previous = attempt === 1 ? undefined : before
        const delay = wait(decorrelatedJitter(range), attempt, u, previous)
        expect(delay).toBeGreaterThanOrEqual(range.base)
        expect(delay).toBeLessThanOrEqual(Math.min(range.cap, 3 * Math.max(range.base, previous ?? 0)))
      }),
    )
  })

  it('stays between base and cap when fed its own output', () => {
    fc.assert(
      fc.property(ranges, fc.array(uniform, { minLength: 1, maxLength: 200 }), (range, draws) => {
        const backoff = decorrelatedJitter(range)
        let previous: number | undefined
        for (const [i, u] of draws.entries()) {
          previous = wait(backoff, i + 1, u, previous)
          expect(previous).toBeGreaterThanOrEqual(range.base)
          expect(previous).toBeLessThanOrEqual(range.cap)
        }
      }),
    )
  })

  it('is limited by cap after a wait requested by the server, however long', () => {
    expect(wait(decorrelatedJitter(), 2, 0, Infinity)).toBe(1_000)
    expect(wait(decorrelatedJitter(), 2, almostOne, Infinity)).toBe(30_000)
  })
})

describe('fixedBackoff', () => {
  it('waits the same time for each attempt', () => {
    fc.assert(fc.property(attempts, uniform, (attempt, u) => wait(fixedBackoff(5_000), attempt, u) === 5_000))
  })

  it('uses no random number without jitter', () => {
    const random = (): never => expect.unreachable()
    expect(fixedBackoff(5_000)({ attempt: 1, previous: undefined, random })).toBe(5_000)
  })

  it('deviates by at most its jitter, in both directions', () => {
    const backoff = fixedBackoff(1_000, { jitter: 0.2 })
    expect(wait(backoff, 1, 0)).toBe(800)
    expect(wait(backoff, 1, 0.5)).toBe(1_000)
    expect(wait(backoff, 1, almostOne)).toBeCloseTo(1_200)
    expect(Math.abs(mean(backoff, 1) / 1_000 - 1)).toBeLessThan(0.01)
  })

  it('is never negative, even with the largest jitter', () => {
    fc.assert(fc.property(fc.nat(), uniform, (delay, u) => wait(fixedBackoff(delay, { jitter: 1 }), 1, u) >= 0))
  })
})

describe('sequenceBackoff', () => {
  it('waits its delays in order and repeats the last one', () => {
    const backoff = sequenceBackoff([0, 2_000, 10_000])
    expect([1, 2, 3, 4, 5_000].map((attempt) => wait(backoff, attempt, 0.3))).toEqual([
      0, 2_000, 10_000, 10_000, 10_000,
    ])
  })

  it('deviates by at most its jitter', () => {
    const delays = fc.array(fc.nat(), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(delays, uniform, uniform, attempts, (list, jitter, u, attempt) => {
        const exact = wait(sequenceBackoff(list), attempt, u)
        expect(Math.abs(wait(sequenceBackoff(list, { jitter }), attempt, u) - exact)).toBeLessThanOrEqual(
          exact * jitter + 1e-6,
        )
      }),
    )
  })

  it('keeps its own copy of the list', () => {
    const delays = [1, 2]
    const backoff = sequenceBackoff(delays)
    delays[0] = 99
    expect(wait(backoff, 1, 0)).toBe(1)
  })
})

it('no backoff overflows after 5000 failures, even with the largest numbers', () => {
  const huge = Number.MAX_SAFE_INTEGER
  const all = [
    fullJitter({ floor: huge, base: huge, cap: huge }),
    equalJitter({ base: huge, cap: huge }),
    decorrelatedJitter({ base: huge, cap: huge }),
    fixedBackoff(huge, { jitter: 1 }),
    sequenceBackoff([huge], { jitter: 1 }),
  ]
  for (const backoff of all) {
    for (const u of [0, 0.5, almostOne]) {
      expect(wait(backoff, 5_000, u, huge)).toBeGreaterThanOrEqual(0)
      expect(wait(backoff, 5_000, u, huge)).toBeLessThanOrEqual(2 * huge)
    }
  }
})

it('an undefined option counts as omitted', () => {
  const loose = (value: object) => value as never
  const nothing = loose({ floor: undefined, base: undefined, cap: undefined })
  expect(wait(fullJitter(nothing), 9, 0.5)).toBe(wait(fullJitter(backoffDefaults.fullJitter), 9, 0.5))
})

describe('an invalid value is rejected at once, by name', () => {
  const wrong = (value: unknown) => value as never
  const notADuration = [-1, NaN, Infinity, '5', null, {}, true, 10n]

  it.each<[string, (value: never) => unknown, readonly unknown[]]>([
    ['fullJitter.floor', (floor) => fullJitter({ floor }), notADuration],
    ['fullJitter.base', (base) => fullJitter({ base }), [...notADuration, 0]],
    ['fullJitter.cap', (cap) => fullJitter({ cap }), [...notADuration, 0, 999]],
    ['equalJitter.base', (base) => equalJitter({ base }), [...notADuration, 0]],
    ['equalJitter.cap', (cap) => equalJitter({ cap }), [...notADuration, 0, 999]],
    ['decorrelatedJitter.base', (base) => decorrelatedJitter({ base }), [...notADuration, 0]],
    ['decorrelatedJitter.cap', (cap) => decorrelatedJitter({ cap }), [...notADuration, 0, 999]],
    ['fixedBackoff.delay', (delay) => fixedBackoff(delay), [...notADuration, undefined]],
    ['fixedBackoff.jitter', (jitter) => fixedBackoff(1, { jitter }), [-0.1, 1.1, NaN, '0.5', null]],
    ['sequenceBackoff.delays[1]', (delay) => sequenceBackoff([1, delay]), [...notADuration, undefined]],
    ['sequenceBackoff.delays', (delays) => sequenceBackoff(delays), [[], undefined, 5, 'x', {}]],
    ['sequenceBackoff.jitter', (jitter) => sequenceBackoff([1], { jitter }), [-0.1, 1.1, NaN, '0.5', null]],
    ['fullJitter', (options) => fullJitter(options), [null, 5, [], 'x']],
    ['fullJitter.max', (max) => fullJitter({ max } as never), [5]],
    ['equalJitter.max', (max) => equalJitter({ max } as never), [5]],
    ['decorrelatedJitter.max', (max) => decorrelatedJitter({ max } as never), [5]],
    ['fixedBackoff.floor', (floor) => fixedBackoff(1, { floor } as never), [5]],
    ['sequenceBackoff.floor', (floor) => sequenceBackoff([1], { floor } as never), [5]],
  ])('%s', (name, make, values) => {
    for (const value of values) {
      const error = refusal(() => make(wrong(value)))
      expect(error.code).toBe('ERR_OPTION')
      expect(error.message).toContain(`${name} (`)
    }
  })

  it('for a cap below its base the message includes the base', () => {
    expect(refusal(() => fullJitter({ base: 5_000, cap: 2_000 })).message).toBe(
      'fullJitter.cap (2000) must be at least fullJitter.base (5000)',
    )
  })
})
