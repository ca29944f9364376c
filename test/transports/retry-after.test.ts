import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRetryAfter } from '../../src/transports/ws/retry-after.js'

describe('parseRetryAfter', () => {
  const now = Date.UTC(2025, 0, 15, 12, 0, 0)

  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['007', 7_000],
    ['Wed, 15 Jan 2025 12:00:30 GMT', 30_000],
    ['Wednesday, 15-Jan-25 12:00:30 GMT', 30_000],
    ['Wed Jan 15 12:00:30 2025', 30_000],
    ['Sat Feb  1 12:00:00 2025', 17 * 86_400_000],
    ['Wed, 15 Jan 2025 11:59:59 GMT', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    ['Sun Nov  6 08:49:37 1994', 0],
  ])('parses %j as %i ms', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected)
  })

  it.each([
    [''],
    ['soon'],
    ['-5'],
    ['+5'],
    ['1.5'],
    ['5s'],
    ['1e3'],
    ['0x10'],
    ['5 5'],
    ['Infinity'],
    ['NaN'],
    ['2025-01-15T12:00:30Z'],
    ['15 Jan 2025 12:00:30 GMT'],
    ['Wed, 15 Jan 2025 12:00:30 UTC'],
    ['Wed, 15 Jan 2025 12:00:30'],
    ['Wed, 15 Foo 2025 12:00:30 GMT'],
    ['Wed, 30 Feb 2025 12:00:30 GMT'],
    ['Wed, 00 Jan 2025 12:00:30 GMT'],
    ['Wed, 15 Jan 2025 24:00:30 GMT'],
    ['Wed, 15 Jan 2025 12:60:30 GMT'],
    ['Wed, 15 Jan 2025 12:00:61 GMT'],
    ['banana 5'],
  ])('ignores the invalid value %j', (header) => {
    expect(parseRetryAfter(header, now)).toBeUndefined()
  })

  it('parses every date format a server may send', () => {
    const instants = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) / 1_000 }).map((seconds) => seconds * 1_000)
    fc.assert(
      fc.property(instants, (instant) => {
        expect(parseRetryAfter(new Date(instant).toUTCString(), 0)).toBe(instant)
      }),
      { numRuns: 2_000 },
    )
  })

  it('handles leap days and leap seconds', () => {
    expect(parseRetryAfter('Thu, 29 Feb 2024 00:00:00 GMT', 0)).toBe(Date.UTC(2024, 1, 29))
    expect(parseRetryAfter('Tue, 29 Feb 2000 00:00:00 GMT', 0)).toBe(Date.UTC(2000, 1, 29))
    expect(parseRetryAfter('Mon, 29 Feb 2100 00:00:00 GMT', 0)).toBeUndefined()
    expect(parseRetryAfter('Sat, 31 Dec 2016 23:59:60 GMT', 0)).toBe(Date.UTC(2017, 0, 1))
  })

  it('treats a two-digit year more than 50 years ahead as past', () => {
    expect(parseRetryAfter('Friday, 15-Jan-75 12:00:00 GMT', now)).toBe(Date.UTC(2075, 0, 15, 12) - now)
    expect(parseRetryAfter('Thursday, 15-Jan-76 12:00:00 GMT', now)).toBe(0)
  })

  it('returns a safe integer, however many digits', () => {
    expect(parseRetryAfter('9'.repeat(400), now)).toBe(Number.MAX_SAFE_INTEGER)
  })
})
