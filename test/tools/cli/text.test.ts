import { describe, expect, test } from 'vitest'
import { colored, plain } from '../../../src/tools/cli/terminal/style.js'
import { columns, fit, paintLine, truncate, widthOf, wrap } from '../../../src/tools/cli/terminal/text.js'

const line = [{ text: 'backoff', tone: 'bad' }, { text: ': heartbeat timeout' }] as const

describe('truncate', () => {
  test('returns a line that fits unchanged', () => {
    expect(truncate(line, 26)).toBe(line)
  })

  test.each([25, 10, 8, 7, 2, 1, 0])('cuts to %i columns, ending in an ellipsis', (width) => {
    const cut = truncate(line, width)
    expect(widthOf(cut)).toBe(width)
    if (width > 0) expect(paintLine(cut, plain)).toMatch(/…$/)
  })

  test('keeps the tones', () => {
    expect(truncate(line, 8)).toEqual([{ text: 'backoff', tone: 'bad' }, { text: '…' }])
  })
})

test('fit returns the first variant that fits, and otherwise the last one, cut', () => {
  const variants = [[{ text: 'queued 3' }], [{ text: 'q 3' }]]
  expect(fit(variants, 8)).toBe(variants[0])
  expect(fit(variants, 7)).toBe(variants[1])
  expect(paintLine(fit(variants, 2), plain)).toBe('q…')
})

describe('wrap', () => {
  const text = '  12.3 s  lost: heartbeat timeout (4000), 3 messages uncertain'

  test.each([80, 40, 25, 12, 3, 1])('makes rows of at most %i columns, and keeps every word', (width) => {
    const rows = wrap(text, width, 10)
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(width)
    expect(rows.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
  })

  test('breaks at spaces, indents the next rows, and keeps runs of blanks', () => {
    expect(wrap(text, 40, 10)).toEqual(['  12.3 s  lost: heartbeat timeout', '          (4000), 3 messages uncertain'])
  })

  test('makes one row of an empty text', () => {
    expect(wrap('', 40)).toEqual([''])
  })
})

test('colors take no columns, and are reset', () => {
  expect(paintLine(line, colored)).toBe('\u001b[31mbackoff\u001b[39m: heartbeat timeout')
})

test.each([
  ['plain', 5],
  ['漢字', 4],
  ['かな', 4],
  ['한글', 4],
  ['ｶﾅ', 2],
  ['ＡＢ', 4],
  ['e\u0301', 1],
  ['👍🏽', 4],
  ['\u200b', 0],
  ['שלום', 4],
])('%j takes %i columns', (text, width) => {
  expect(columns(text)).toBe(width)
})

describe('wide characters', () => {
  test.each([20, 7, 4, 3, 2, 1])('are cut and wrapped to %i columns', (width) => {
    const wide = [{ text: '漢字 かな 한글 abc' }]
    expect(widthOf(truncate(wide, width))).toBeLessThanOrEqual(width)
    const rows = wrap(wide[0]!.text, width, 2)
    // A character wider than a row gets a row of its own.
    for (const row of rows) expect(columns(row)).toBeLessThanOrEqual(Math.max(width, 3))
    expect(rows.join('').replaceAll(' ', '')).toBe('漢字かな한글abc')
  })
})
