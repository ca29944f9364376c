import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answer, counted, outcome, seconds } from '../faults/clients/fault.js'
import { faults } from '../faults/clients/faults.js'
import { peers } from '../faults/clients/peers.js'
import { include, included, parse, render, type Report } from '../faults/clients/report.js'
import { pick } from '../faults/clients/selection.js'
import { describe as describePeer } from '../faults/clients/versions.js'

const report: Report = {
  date: '2026-11-24',
  node: 'v20.20.2',
  columns: [
    { name: 'ours', settings: 'ping after 2 s' },
    { name: 'theirs', settings: '1.0.0; defaults; it has no heartbeat' },
  ],
  rows: [
    { title: 'the link goes half-open', cells: ['detected 2.9 s, open 3.2 s', 'not detected in 45 s'] },
    { title: 'a queue', cells: ['returned `"queued"`; 6 of 6 delivered', '–'] },
  ],
}

const printed = `Made by \`npm run faults\` on 2026-11-24, Node v20.20.2.

| what goes wrong         | ours                                  | theirs               |
| ----------------------- | ------------------------------------- | -------------------- |
| the link goes half-open | detected 2.9 s, open 3.2 s            | not detected in 45 s |
| a queue                 | returned \`"queued"\`; 6 of 6 delivered | –                    |

- **ours**: ping after 2 s.
- **theirs**: 1.0.0; defaults; it has no heartbeat.`

describe('the table of faults', () => {
  it('is formatted as Prettier would', () => {
    expect(render(report)).toBe(printed)
  })

  it('is parsed back to the data it was printed from', () => {
    expect(parse(printed)).toEqual(report)
  })

  it.each([
    ['nothing', ''],
    ['another heading', printed.replace('what goes wrong', 'what went wrong')],
    ['no date', printed.replace('2026-11-24', 'Tuesday')],
    ['a column that is not explained', printed.replace(/\n- \*\*theirs.*/, '')],
    ['a peer under another name', printed.replace('**theirs**', '**others**')],
    ['something behind it', `${printed}\n\nmore`],
  ])('is not recognized with %s', (_, text) => {
    expect(() => parse(text)).toThrow(SyntaxError)
  })

  it("cannot be built from rows that don't match its columns", () => {
    const [row] = report.rows
    expect(() => render({ ...report, rows: [{ ...row!, cells: ['one'] }] })).toThrow(/does not fit/)
    expect(() => render({ ...report, rows: [{ ...row!, cells: ['one', 'a | b'] }] })).toThrow(/does not fit/)
  })

  it('replaces only the text between the marks of a page', () => {
    const page = 'before\n\n<!-- faults -->\n\nold\n\n<!-- /faults -->\n\nafter\n'
    const renewed = include(page, 'new')
    expect(renewed).toBe('before\n\n<!-- faults -->\n\nnew\n\n<!-- /faults -->\n\nafter\n')
    expect(included(renewed)).toBe('new')
  })

  it.each([
    ['without marks', 'nothing'],
    ['whose marks are the wrong way round', '<!-- /faults --> <!-- faults -->'],
    ['marked twice', '<!-- faults --><!-- /faults --><!-- faults --><!-- /faults -->'],
  ])('is not inserted into a page %s', (_, page) => {
    expect(() => include(page, 'new')).toThrow(SyntaxError)
    expect(() => included(page)).toThrow(SyntaxError)
  })
})

describe('the table of faults in docs/failures.md', () => {
  const block = included(readFileSync(join(import.meta.dirname, '../../docs/failures.md'), 'utf8'))

  it("matches the program's output, so --write can replace it", () => {
    expect(render(parse(block))).toBe(block)
  })

  it("has the program's rows, columns, settings and versions", () => {
    const { columns, rows } = parse(block)
    expect(rows.map(({ title }) => title)).toEqual(faults.map(({ title }) => title))
    expect(columns).toEqual(peers.map(describePeer))
  })

  it('has no cell of a failed trial', () => {
    const cells = parse(block).rows.flatMap((row) => row.cells)
    expect(cells.filter((cell) => cell === '' || cell.startsWith('trial failed'))).toEqual([])
  })
})

describe('a cell', () => {
  it('shows seconds to a tenth, and distinguishes singular and plural', () => {
    expect(seconds(2_949)).toBe('2.9 s')
    expect([counted(1, 'dial'), counted(0, 'dial'), counted(10_079, 'dial')]).toEqual([
      '1 dial',
      '0 dials',
      '10,079 dials',
    ])
  })

  it('shows each result of send once', () => {
    const refuse = (): never => {
      throw new Error('no')
    }
    expect(outcome(['sent', 'sent', undefined, false].map((said) => answer(() => said)))).toBe(
      'returned `"sent"` and nothing and `false`',
    )
    expect(outcome([answer(refuse), answer(refuse)])).toBe('threw')
  })
})

describe('the selection of peers and faults', () => {
  const all = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]

  it('is everything if none is named, else the named ones, in table order', () => {
    expect(pick('only', all, undefined)).toEqual(all)
    expect(pick('only', all, 'c, a').map(({ name }) => name)).toEqual(['a', 'c'])
  })

  it('rejects an unknown name', () => {
    expect(() => pick('only', all, 'a,d')).toThrow('--only does not know d')
    expect(() => pick('only', all, '')).toThrow('--only does not know an empty name')
  })

  it('uses names that are distinct and easy to type', () => {
    for (const list of [peers, faults]) {
      const names = list.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
      expect(names.filter((name) => name.includes(','))).toEqual([])
    }
  })
})
