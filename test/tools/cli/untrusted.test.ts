import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { harmless, harmlessJson, printable } from '../../../src/tools/cli/terminal/untrusted.js'

/** Every Unicode character, in context. */
const all = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))

const controls = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u
const order = /\p{Bidi_Control}/u
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u

describe('printable text', () => {
  test.each([
    ['a\u001b[2Jb\r\nc\u0007', 'a [2Jb c '],
    ['\u202egnp.exe', '\ufffdgnp.exe'],
    ['a\u2066\u2067\u2068\u2069b', 'a\ufffdb'],
    ['a\u200e\u200f\u061cb', 'a\ufffdb'],
    ['pay\u200b\u200c\u200d\u2060\ufeffpal', 'pay\ufffdpal'],
    ['a\u2028b\u2029c\u0085d', 'a b c d'],
    ['a\u009b2Jb', 'a 2Jb'],
    ['lone \ud800 half', 'lone \ufffd half'],
    ['soft\u00adhyphen', 'soft\ufffdhyphen'],
    ['tag\u{e0041}\u{e0042}', 'tag\ufffd'],
    [`z${'\u0301'.repeat(500)}`, `z${'\u0301'.repeat(6)}\ufffd`],
    ['\u0301x', '\ufffdx'],
    ['漢字 e\u0301 👍🏽 👩‍🚀 ❤️ שלום', '漢字 e\u0301 👍🏽 👩‍🚀 ❤️ שלום'],
  ])('turns %j into %j', (text, row) => {
    expect(printable(text)).toBe(row)
    expect(printable(row)).toBe(row)
  })

  test('contains no control, line end, reordering or invisible characters', () => {
    for (const character of all) {
      const row = printable(`a${character}b`)
      if (controls.test(row) || order.test(row) || invisible.test(row)) expect(JSON.stringify(row)).toBe('')
    }
  })
})

describe('harmless text', () => {
  test('keeps all characters, with hidden ones escaped', () => {
    expect(harmless('\u001b[2J\u202e\r\u200b\ud800\u{e0041}')).toBe('\\x1b[2J\\u202e\\x0d\\u200b\\ud800\\u{e0041}')
    expect(harmless('a\tb\nc')).toBe('a\tb\nc')
    expect(harmless(`z${'\u0301'.repeat(8)}`)).toBe(`z${'\u0301'.repeat(6)}\\u0301\\u0301`)
    for (const character of all) {
      const text = harmless(`a${character}b`)
      if (/[\n\t]/.test(character)) expect(text).toBe(`a${character}b`)
      else if (controls.test(text) || order.test(text) || invisible.test(text)) expect(JSON.stringify(text)).toBe('')
    }
  })

  test.each(['👩‍👩‍👧‍👦', '👩🏽‍🚀', '❤️‍🔥', '1️⃣', '☺︎', 'می‌خواهم', 'क्‍ष', 'ශ්‍රී', '漢字 e\u0301', 'שָׁלוֹם'])(
    '%j is left as it is written',
    (text) => {
      expect(harmless(text)).toBe(text)
    },
  )

  test.each(['a\u200db', 'pay\u200cpal', '👩\u200dx', 'x\ufe0f', '\u200d', 'я\u200dя'])(
    'shows an invisible character that spells nothing: %j',
    (text) => {
      expect(harmless(text)).toContain('\\u')
    },
  )

  test('takes linear time', () => {
    for (const each of ['\u202e', '\u0301', '👩\u200d', '\u001b[', 'م\u200c']) {
      const text = each.repeat(200_000)
      expect(harmless(text).length).toBeGreaterThanOrEqual(text.length)
    }
  })

  test('keeps text without hidden characters', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(harmless(text)).toBe(text)
      }),
    )
  })
})

test('untrusted JSON is safe on a terminal, and is the same JSON value', () => {
  const text = all.join('')
  const json = harmlessJson(JSON.stringify({ text }))
  expect(json.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)).toBe(null)
  expect(JSON.parse(json)).toEqual({ text })
})
