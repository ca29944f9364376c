import { describe, expect, test } from 'vitest'
import { describeResult, head, summary, type Result } from '../../../src/tools/cli/lab/tour.js'
import { plain } from '../../../src/tools/cli/terminal/style.js'

const blackHole: Result = {
  name: 'black hole',
  ok: true,
  noticed: 2_612,
  openAgain: 2_954,
  note: 'heartbeat timeout (4000); limit 3 s; 11 messages reported uncertain',
  totals: { sent: 15, echoed: 4, uncertain: 11 },
  mostQueued: 2,
}
const failed: Result = { ...blackHole, name: 'reset', ok: false, note: 'no link opened within 10.0 s' }

describe.each([80, 60, 40, 20])('at %i columns', (width) => {
  test('no row is wider than the terminal', () => {
    for (const row of [...head(width), ...describeResult(blackHole, width, plain)]) {
      expect(row.length).toBeLessThanOrEqual(width)
    }
  })

  test('every number is shown', () => {
    const text = describeResult(blackHole, width, plain).join(' ').replaceAll(/\s+/g, ' ')
    for (const each of ['black hole', '2.61 s', '2.95 s', '15', '4', '11', 'reported']) expect(text).toContain(each)
  })
})

test('the columns are aligned with their titles', () => {
  const [titles = '', row = ''] = [...head(80), ...describeResult(blackHole, 80, plain)]
  for (const [title, cell] of [
    ['detected', '2.61 s'],
    ['open again', '2.95 s'],
    ['uncertain', '11'],
  ] as const) {
    const end = titles.indexOf(title) + title.length
    expect(row.slice(0, end).endsWith(cell), title).toBe(true)
  }
})

test('a failure is shown in words, not only in color', () => {
  expect(describeResult(failed, 80, plain)[0]).toMatch(/^FAIL /)
  expect(summary([blackHole, failed], 9, failed.totals, 12_345)).toBe(
    "FAILED after 12.3 s, at 'reset': no link opened within 10.0 s. 7 of 9 stages were skipped.",
  )
  expect(summary([blackHole], 1, blackHole.totals, 3_000)).toBe(
    'The stage passed in 3.0 s: 15 messages sent, 4 echoed, 11 uncertain.',
  )
})
