import fc from 'fast-check'
import { expect, it } from 'vitest'
import { connectDeadline } from '../../../src/core/policies/deadlines.js'

it.each([
  [0, 10_000],
  [1, 10_000],
  [3, 10_000],
  [4, 16_000],
  [5, 30_000],
  [6, 30_000],
  [5_000, 30_000],
])('after %i failures an attempt may take %i ms', (failures, expected) => {
  expect(connectDeadline(failures)).toBe(expected)
})

it('the connect deadline stays within 10 s and 30 s and never shrinks', () => {
  fc.assert(
    fc.property(fc.nat(10_000), (failures) => {
      expect(connectDeadline(failures)).toBeGreaterThanOrEqual(10_000)
      expect(connectDeadline(failures)).toBeLessThanOrEqual(30_000)
      expect(connectDeadline(failures + 1)).toBeGreaterThanOrEqual(connectDeadline(failures))
    }),
  )
})
