import { describe, expect, test } from 'vitest'
import { faultList, labFaults } from '../../../src/tools/cli/lab/faults.js'
import { help, keyRows, meaningOf } from '../../../src/tools/cli/lab/rows.js'
import { keysIn } from '../../../src/tools/cli/terminal/keyboard.js'
import { plain } from '../../../src/tools/cli/terminal/style.js'
import { paintLine, widthOf } from '../../../src/tools/cli/terminal/text.js'

const text = (...args: Parameters<typeof keyRows>): string =>
  keyRows(...args)
    .map((line) => paintLine(line, plain))
    .join('\n')

test('every key has one meaning', () => {
  const keys = [...faultList.map(({ key }) => key), 'o', 'c', 'n', '?', 'q']
  expect(new Set(keys).size).toBe(keys.length)
  for (const key of keys) expect(meaningOf(key)).toBeDefined()
  for (const fault of faultList) expect(meaningOf(fault.key)).toEqual({ fault })
  expect(meaningOf('B')).toEqual({ fault: labFaults.blackHole })
  expect(meaningOf('x')).toBeUndefined()
})

describe.each([132, 79, 60, 39, 20])('at %i columns', (width) => {
  test.each([undefined, ...faultList])('with $name active, the rows fit and their number stays the same', (fault) => {
    const rows = keyRows(fault, width)
    for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(width)
    expect(rows).toHaveLength(keyRows(undefined, width).length)
  })

  test('the help fits', () => {
    for (const row of help(width)) expect(row.length).toBeLessThanOrEqual(width)
  })
})

test.each([79, 39])('at %i columns every key is shown', (width) => {
  for (const { key } of faultList) expect(text(undefined, width)).toMatch(new RegExp(`\\b${key}\\b`))
  expect(text(undefined, width)).toContain('?')
})

test('the active fault has a star, so that it shows without colors', () => {
  expect(text(labFaults.slow, 79)).toContain('[s]low*')
  expect(text(labFaults.slow, 39)).toContain('s*')
  expect(text(undefined, 79)).not.toContain('*')
})

test('the help names every fault with its effect', () => {
  const all = help(200).join('\n')
  for (const { name, effect } of faultList) {
    expect(all).toContain(name)
    expect(all).toContain(effect)
  }
})

test('arrows, function keys and color sequences are not letters', () => {
  expect(keysIn('b')).toEqual(['b'])
  expect(keysIn('br')).toEqual(['b', 'r'])
  expect(keysIn('\u001b[A\u001bOP\u001b[15~\u001b[1;5Cq\u001b')).toEqual(['q'])
  expect(keysIn('\u0003')).toEqual(['\u0003'])
})
