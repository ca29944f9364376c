import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeCloseCode } from '../../src/index.js'
import { root } from './pages.js'

const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')

/** The rows of a section's table, without its head. */
function rowsUnder(heading: string): string[][] {
  const [, section] = new RegExp(`^##+ ${heading}\n(.*?)(?=^##|$(?![^]))`, 'ms').exec(page) ?? []
  if (section === undefined) throw new Error(`the page has no section ${heading}`)
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

describe('the page of errors and close codes', () => {
  it('has each error code once, and no other', () => {
    const [, union = ''] =
      /^export type ErrorCode =\n(.*?)\n\n/ms.exec(readFileSync(join(root, 'src/errors.ts'), 'utf8')) ?? []
    const codes = [...union.matchAll(/'(ERR_\w+)'/g)].map(([, code]) => code!)
    expect(codes.length).toBeGreaterThan(15)
    const sections = ['Thrown where you call', 'The reason of a loss', 'Reported']
    const told = sections.flatMap(rowsUnder).map(([code = '']) => code.replaceAll('`', ''))
    expect(told.toSorted()).toEqual(codes.toSorted())
  })

  it('says of each close code what the library says', () => {
    const rows = rowsUnder('Close codes')
    expect(rows.length).toBeGreaterThan(15)
    const yes = (is: boolean): string => (is ? 'yes' : 'no')
    for (const [codes = '', name, sendable, closable, retry] of rows) {
      for (const code of codes.split(' to ').map(Number)) {
        const known = describeCloseCode(code)
        // 3000 has a name of its own in the range of libraries.
        const named = codes.includes(' to ') && code === 3000 ? 'Library or Framework' : known.name
        expect([code, name, sendable, closable, retry]).toEqual([
          code,
          named,
          yes(known.sendable),
          yes(known.closable),
          known.retry,
        ])
      }
    }
  })

  it('leaves out no close code that has a name', () => {
    const told = new Set(rowsUnder('Close codes').map(([code]) => code))
    const named = Array.from({ length: 4_000 }, (_, at) => at + 1_000).filter(
      (code) =>
        !['Reserved', 'Reserved for the Protocol', 'Library or Framework', 'Private Use'].includes(
          describeCloseCode(code).name,
        ),
    )
    expect(named.filter((code) => !told.has(String(code)))).toEqual([])
  })
})
