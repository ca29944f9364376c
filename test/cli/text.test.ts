import { describe, expect, test } from 'vitest'
import { coloured, plain } from '../../src/cli/terminal/style.js'
import { fit, harmless, paintLine, printable, truncate, widthOf, wrap } from '../../src/cli/terminal/text.js'

const line = [{ text: 'backoff', tone: 'bad' }, { text: ': heartbeat timeout' }] as const

describe('truncate', () => {
  test('leaves alone what fits', () => {
    expect(truncate(line, 26)).toBe(line)
  })

  test.each([25, 10, 8, 7, 2, 1, 0])('cuts to %i columns, and says so', (width) => {
    const cut = truncate(line, width)
    expect(widthOf(cut)).toBe(width)
    if (width > 0) expect(paintLine(cut, plain)).toMatch(/…$/)
  })

  test('keeps the tones of what it keeps', () => {
    expect(truncate(line, 8)).toEqual([{ text: 'backoff', tone: 'bad' }, { text: '…' }])
  })
})

test('fit takes the first variant that fits, and cuts the last one if none does', () => {
  const variants = [[{ text: 'queued 3' }], [{ text: 'q 3' }]]
  expect(fit(variants, 8)).toBe(variants[0])
  expect(fit(variants, 7)).toBe(variants[1])
  expect(paintLine(fit(variants, 2), plain)).toBe('q…')
})

describe('wrap', () => {
  const text = '  12.3 s  lost: heartbeat timeout (4000), 3 messages uncertain'

  test.each([80, 40, 25, 12, 3, 1])('makes rows of %i columns at most, and loses no word', (width) => {
    const rows = wrap(text, width, 10)
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(width)
    expect(rows.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
  })

  test('breaks at spaces, indents what follows, and keeps columns of blanks', () => {
    expect(wrap(text, 40, 10)).toEqual(['  12.3 s  lost: heartbeat timeout', '          (4000), 3 messages uncertain'])
  })

  test('makes one row of nothing', () => {
    expect(wrap('', 40)).toEqual([''])
  })
})

test('what would move the cursor is not printed', () => {
  expect(printable('a\u001b[2Jb\r\nc\u0007')).toBe('a [2Jb c ')
})

test('colours do not count as columns, and are closed again', () => {
  expect(paintLine(line, coloured)).toBe('\u001b[31mbackoff\u001b[39m: heartbeat timeout')
})

test('harmless text has nothing that a terminal would obey, and everything else of it', () => {
  const everything = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join('')
  const text = harmless(everything)
  expect(text.match(/[\u0000-\u001f\u007f-\u009f]/g)).toEqual(['\t', '\n'])
  expect(text).not.toMatch(/\p{Bidi_Control}|[\u2028\u2029]/u)
  expect(harmless('\u001b[2J\u202e\r')).toBe('\\x1b[2J\\u202e\\x0d')
  const back = text.replace(/\\(?:x([\da-f]{2})|u([\da-f]{4}))/g, (_, short: string, long: string) =>
    String.fromCharCode(parseInt(short ?? long, 16)),
  )
  expect(back).toBe(everything)
  expect(harmless('漢字 e\u0301 👍🏽')).toBe('漢字 e\u0301 👍🏽')
})
