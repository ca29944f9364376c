import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serverDelay, slowDelay } from '../../../src/core/policies/hints.js'

const hint = (reason: string, retryAfter?: number): number | undefined =>
  serverDelay({ retryAfter, close: { code: 1013, reason, wasClean: true } })

describe('serverDelay', () => {
  it.each([
    ['retry-after=5', 5_000],
    ['retry_after: 1500ms', 1_500],
    ['Retry-After: 2s', 2_000],
    ['RETRY-AFTER = 2 S', 2_000],
    ['retry-after:0.25', 250],
    ['retry-after=1.5s', 1_500],
    ['restarting, retry-after=7', 7_000],
    ['overloaded (retry-after=7)', 7_000],
    ['retry-after=7; maintenance', 7_000],
    ['Back soon. Retry-After: 30.', 30_000],
    ['Retry-After: 30. Sorry', 30_000],
    ['{"retry_after":5}', 5_000],
    ['{"code":1,"retry_after": "5", "why":"x"}', 5_000],
    ['[retry-after=5]', 5_000],
    ['retry-after=5\n', 5_000],
  ])('reads %j as %i ms', (reason, expected) => {
    expect(hint(reason)).toBe(expected)
  })

  it.each([
    [''],
    ['try again later'],
    ['retry after 5'],
    ['retry-after'],
    ['retry-after='],
    ['retry-after=-5'],
    ['retry-after=+5'],
    ['retry-after=5e3'],
    ['retry-after=0x10'],
    ['retry-after=5m'],
    ['retry-after=5 minutes'],
    ['retry-after=5min'],
    ['retry-after=1.2.3'],
    ['retry-after=.5'],
    ['retry-after=soon'],
    ['retry-after=NaN'],
    ['retry-after=Infinity'],
    ['retry-after=5%'],
    ['retry-after==5'],
    ['no-retry-after=5'],
    ['xretry_after=5'],
    ['retryafter=5'],
    ['5'],
  ])('reads %j as no hint', (reason) => {
    expect(hint(reason)).toBeUndefined()
  })

  it('uses the value parsed by the transport', () => {
    expect(hint('', 2_500)).toBe(2_500)
  })

  it('is the longer one of two hints', () => {
    expect(hint('retry-after=5', 2_500)).toBe(5_000)
    expect(hint('retry-after=5', 7_500)).toBe(7_500)
  })

  it('is what the server requested, however long', () => {
    expect(hint('', 3_600_000)).toBe(3_600_000)
    expect(hint('retry-after=86400')).toBe(86_400_000)
    for (const most of [hint('', Infinity), hint(`retry-after=${'9'.repeat(400)}`)]) {
      expect(most).toBe(Number.MAX_SAFE_INTEGER)
    }
  })

  it('is undefined for zero or an invalid value', () => {
    for (const nothing of [0, -1, NaN, -Infinity]) expect(hint('retry-after=0', nothing)).toBeUndefined()
  })

  it('is undefined or a positive safe number for any reason', () => {
    const parts = fc.constantFrom(
      'retry-after',
      'retry_after',
      '=',
      ':',
      ' ',
      '5',
      '.',
      '9'.repeat(50),
      'ms',
      's',
      '"',
      '-',
    )
    const reasons = fc.oneof(
      fc.string(),
      fc.array(parts, { maxLength: 12 }).map((each) => each.join('')),
    )
    fc.assert(
      fc.property(reasons, fc.option(fc.double(), { nil: undefined }), (reason, retryAfter) => {
        const wait = hint(reason, retryAfter)
        expect(wait === undefined || (wait > 0 && wait <= Number.MAX_SAFE_INTEGER)).toBe(true)
      }),
    )
  })
})

describe('slowDelay', () => {
  const almostOne = 1 - Number.EPSILON

  it.each([
    [1, 2_000, 4_000],
    [2, 15_000, 30_000],
    [3, 30_000, 60_000],
    [4, 150_000, 300_000],
    [5_000, 150_000, 300_000],
    [0, 2_000, 4_000],
  ])('for loss %i in a row is between %i and %i ms', (streak, least, most) => {
    expect(slowDelay({ streak, random: () => 0 })).toBe(least)
    expect(slowDelay({ streak, random: () => 0.5 })).toBe((least + most) / 2)
    expect(slowDelay({ streak, random: () => almostOne })).toBeCloseTo(most)
  })

  it('is never below 2 s or above 5 min', () => {
    const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), uniform, (streak, u) => {
        const delay = slowDelay({ streak, random: () => u })
        expect(delay).toBeGreaterThanOrEqual(2_000)
        expect(delay).toBeLessThanOrEqual(300_000)
      }),
    )
  })
})
