import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lossKind, retryByDefault } from '../../../src/core/policies/retry.js'

function loss({
  code = 1006,
  status,
  fatal = false,
  streak = 1,
}: Partial<Record<'code' | 'status' | 'streak', number>> & { fatal?: boolean }) {
  return { close: { code, reason: '', wasClean: false }, error: undefined, status, attempt: 1, fatal, streak }
}

describe('retryByDefault', () => {
  it('ends on a fatal loss, whatever else is known', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), fc.option(fc.integer({ min: 100, max: 599 })), (code, status) => {
        expect(retryByDefault(loss({ code, ...(status === null ? {} : { status }), fatal: true }))).toBe(false)
      }),
    )
  })

  it.each([401, 403])('retries status %i once, with another provider call', (status) => {
    expect([1, 2, 3].map((streak) => retryByDefault(loss({ status, streak })))).toEqual([true, false, false])
  })

  it('ends on status 404 at the third in a row', () => {
    expect([1, 2, 3, 4].map((streak) => retryByDefault(loss({ status: 404, streak })))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it.each([410, 426])('ends on status %i', (status) => {
    expect(retryByDefault(loss({ status }))).toBe(false)
  })

  it.each([200, 302, 400, 407, 408, 429, 500, 502, 503, 504])('retries status %i, however often', (status) => {
    expect(retryByDefault(loss({ status }))).toBe(true)
    expect(retryByDefault(loss({ status, streak: 1_000 }))).toBe(true)
    // The runtime's text adds nothing to the server's.
    expect(retryByDefault(loss({ status, code: 1002 }))).toBe(true)
  })

  it.each([1002, 1003, 1007, 1009, 1010])('ends on close code %i', (code) => {
    expect(retryByDefault(loss({ code }))).toBe(false)
  })

  it('ends on close code 1008 at the third in a row', () => {
    expect([1, 2, 3, 4].map((streak) => retryByDefault(loss({ code: 1008, streak })))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it('retries every other close code, even 1000 and 1001 from the server, however often', () => {
    for (let code = 0; code <= 5_001; code++) {
      if ([1002, 1003, 1007, 1008, 1009, 1010].includes(code)) continue
      expect(retryByDefault(loss({ code, streak: 1_000 }))).toBe(true)
    }
  })
})

describe('lossKind', () => {
  it('is the same for 401 and 403', () => {
    expect(lossKind(loss({ status: 401 }))).toBe(lossKind(loss({ status: 403 })))
    expect(lossKind(loss({ status: 401 }))).not.toBe(lossKind(loss({ status: 404 })))
  })

  it('is separate for every other status', () => {
    expect(lossKind(loss({ status: 503 }))).toBe(lossKind(loss({ status: 503 })))
    expect(lossKind(loss({ status: 503 }))).not.toBe(lossKind(loss({ status: 500 })))
  })

  it('is separate for each close code', () => {
    expect(lossKind(loss({ code: 1008 }))).toBe(lossKind(loss({ code: 1008 })))
    expect(lossKind(loss({ code: 1008 }))).not.toBe(lossKind(loss({ code: 1006 })))
  })

  it('of a refused upgrade is never that of a close code', () => {
    expect(lossKind(loss({ status: 503, code: 1006 }))).not.toBe(lossKind(loss({ code: 1006 })))
    expect(lossKind(loss({ status: 503 }))).not.toBe(lossKind(loss({ code: 503 })))
  })
})
