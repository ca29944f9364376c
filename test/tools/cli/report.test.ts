import { describe, expect, test } from 'vitest'
import { describeResult, head, summary, type Result } from '../../../src/tools/cli/lab/report.js'
import { plain } from '../../../src/tools/cli/terminal/style.js'

const blackHole: Result = {
  name: 'black hole',
  ok: true,
  noticed: 2_612,
  openAgain: 2_954,
  note: 'heartbeat timeout (4000), promised after 3 s at most; 11 messages uncertain, and said so',
  totals: { out: 15, in: 4, lost: 11 },
  mostQueued: 2,
}
const failed: Result = { ...blackHole, name: 'reset', ok: false, note: 'there was no open link within 10.0 s' }

describe.each([80, 60, 40, 20])('at %i columns', (width) => {
  test('no row is wider', () => {
    for (const row of [...head(width), ...describeResult(blackHole, width, plain)]) {
      expect(row.length).toBeLessThanOrEqual(width)
    }
  })

  test('every number is there', () => {
    const text = describeResult(blackHole, width, plain).join(' ').replaceAll(/\s+/g, ' ')
    for (const each of ['black hole', '2.61 s', '2.95 s', '15', '4', '11', 'promised']) expect(text).toContain(each)
  })
})

test('the columns stand under their titles', () => {
  const [titles = '', row = ''] = [...head(80), ...describeResult(blackHole, 80, plain)]
  for (const [title, cell] of [
    ['noticed', '2.61 s'],
    ['open again', '2.95 s'],
    ['lost', '11'],
  ] as const) {
    const end = titles.indexOf(title) + title.length
    expect(row.slice(0, end).endsWith(cell), title).toBe(true)
  }
})

test('what failed is said in words, not by a colour', () => {
  expect(describeResult(failed, 80, plain)[0]).toMatch(/^FAIL /)
  expect(summary([blackHole, failed], 9, failed.totals, 12_345)).toBe(
    "FAILED after 12.3 s, at 'reset': there was no open link within 10.0 s. 7 of 9 stages were not played.",
  )
  expect(summary([blackHole], 1, blackHole.totals, 3_000)).toBe(
    'All 1 stages passed in 3.0 s: 15 messages out, 4 in, 11 lost on links that died.',
  )
})
