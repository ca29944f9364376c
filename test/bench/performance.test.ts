import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cases, describeCase } from '../../bench/messages/cases.js'
import { around, made } from '../../bench/shared/page.js'
import { ratios, showSpread, spread } from '../../bench/shared/statistics.js'

const page = readFileSync(join(import.meta.dirname, '../../docs/performance.md'), 'utf8')

describe('the cases of messages', () => {
  it('vary each dimension by itself, or each with every other', () => {
    for (const direction of ['receive', 'send'] as const) {
      const some = cases(direction, false)
      const all = cases(direction, true)
      for (const key of ['size', 'kind', 'burst', 'deflate'] as const) {
        const values = new Set(some.map((each) => each[key]))
        expect(values).toEqual(new Set(all.map((each) => each[key])))
        expect(values.size).toBeGreaterThan(1)
      }
      const names = all.map(describeCase)
      expect(new Set(names).size).toBe(names.length)
      expect(names).toEqual(expect.arrayContaining(some.map(describeCase)))
    }
  })

  it('are whole bursts, and none of more than 8 MiB', () => {
    for (const { count, burst, size } of cases('send', true)) {
      expect(count % burst).toBe(0)
      expect(count).toBeGreaterThan(0)
      expect(burst * size).toBeLessThanOrEqual(8 << 20)
    }
  })
})

describe('a ratio', () => {
  it('is of the same round, whatever the machine did in it', () => {
    expect(ratios([2, 40, 6], [1, 20, 3])).toEqual({ low: 2, middle: 2, high: 2 })
  })

  it('is told with the half of all around it', () => {
    expect(showSpread(spread([5, 1, 4, 2, 3, 6, 7, 8]))).toBe('4.00 (2.00–6.00)')
  })
})

describe('the page of performance', () => {
  const section = (name: string): string => around(page, name)[1]

  it.each(['messages', 'connections', 'bundle'])('has what %s last printed, and by which command', (name) => {
    const block = section(name)
    const [, date, node] = / on (\d{4}-\d\d-\d\d), Node (v[\d.]+)\./.exec(block) ?? []
    expect(block.startsWith(made(`npm run bench:${name}`, date!, node!))).toBe(true)
    const tables = block.split('\n\n').filter((each) => each.startsWith('|'))
    expect(tables.length).toBeGreaterThan(0)
    for (const table of tables) {
      const widths = table.split('\n').map((line) => line.length)
      expect(new Set(widths).size, 'as our formatter leaves it').toBe(1)
    }
  })

  it('tells of every case that is measured', () => {
    const told = section('messages')
    for (const direction of ['receive', 'send'] as const)
      for (const each of cases(direction, false)) expect(told).toContain(`| ${describeCase(each)} `)
  })

  it('is not written where there is no place for it', () => {
    expect(() => around('nothing', 'messages')).toThrow(SyntaxError)
    const twice = '<!-- bench:x --><!-- /bench:x --><!-- bench:x -->'
    expect(() => around(twice, 'x')).toThrow(SyntaxError)
  })
})
