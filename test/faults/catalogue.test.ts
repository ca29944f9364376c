// Every failure of the catalogue has a test with its id in the title, or a line in docs/failures.md that explains why
// not.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** How many failures each group has. */
const groups = { N: 18, H: 14, C: 11, P: 6, T: 10, S: 5, D: 8, A: 7 } as const
const catalogue = Object.entries(groups).flatMap(([group, count]) =>
  Array.from({ length: count }, (_, n) => `${group}${String(n + 1).padStart(2, '0')}`),
)
const id = /\b[NHCPTSDA]\d\d\b/g

/** The ids in titles: at the end, in parentheses; or at the beginning, where a table has a title column. */
function idsInTitles(source: string): string[] {
  const code = source.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
  const strings = code.matchAll(/(['"`])((?:(?!\1)[^\\\n]|\\.)*\([^()\n]*\b[NHCPTSDA]\d\d\b[^()\n]*\)(?:: %s)?)\1/g)
  const atTheEnd = [...strings].flatMap(([, , text = '']) => text.slice(text.lastIndexOf('(')).match(id) ?? [])
  const atTheBeginning = [...code.matchAll(/\btitle: ['"`]([NHCPTSDA]\d\d) /g)].map(([, each = '']) => each)
  return [...atTheEnd, ...atTheBeginning]
}

/** The first column of the table under this heading. */
function idsInTable(page: string): string[] {
  const section = page.split(/^## /m).find((each) => each.startsWith('Not reproduced here'))
  const rows = section?.matchAll(/^\| ([^|]+) \|/gm) ?? []
  return [...rows].flatMap(([, cell = '']) => cell.match(id) ?? [])
}

const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.test.ts'),
)
const reproduced = new Set(files.flatMap((file) => idsInTitles(readFileSync(join(root, 'test', file), 'utf8'))))
const page = readFileSync(join(root, 'docs/failures.md'), 'utf8')
const excused = new Set(idsInTable(page))

describe('the catalogue of failures', () => {
  test('spans many files and has lost no entry', () => {
    expect(files.length).toBeGreaterThan(20)
    expect(reproduced.size).toBeGreaterThan(40)
    expect(catalogue).toHaveLength(79)
  })

  test.each(catalogue)('%s has a test, or the page names its substitute', (each) => {
    expect(reproduced.has(each) || excused.has(each)).toBe(true)
  })

  test('is complete: no title or table uses an unknown id', () => {
    expect([...reproduced, ...excused].filter((each) => !catalogue.includes(each))).toEqual([])
  })

  test('is documented: every id is on the page', () => {
    const told = new Set(page.match(id))
    expect(catalogue.filter((each) => !told.has(each))).toEqual([])
  })

  test('counts ids only in titles, not in comments or other text', () => {
    const source = [
      '// reproduces it (N01)',
      "test('a link (N02)', run)",
      "test('N03 is mentioned', run)",
      "test.each(a)('%s (N04, C01)', run)",
      'test(`${path} (${path}, C02)`, run)',
      "test.each<Bite>(b)('a throw (A02): %s', run)",
    ].join('\n')
    expect(idsInTitles(source)).toEqual(['N02', 'N04', 'C01', 'C02', 'A02'])
    expect(
      idsInTable(
        '## Not reproduced here\n\n| id | why |\n|-|-|\n| T10, T08 | no phone (N01) |\n\n## Next\n\n| N02 | |',
      ),
    ).toEqual(['T10', 'T08'])
  })
})
