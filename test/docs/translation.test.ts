// README.zh-CN.md is written by hand; whatever isn't prose has to be the same as in README.md.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './pages.js'

const english = readFileSync(join(root, 'README.md'), 'utf8')
const chinese = readFileSync(join(root, 'README.zh-CN.md'), 'utf8')

const blocks = (text: string): string[] => text.match(/^```.*?^```$/gms) ?? []
const prose = (text: string): string => text.replaceAll(/^```.*?^```$/gms, '')

/** The level of each heading, in order. */
const headings = (text: string): number[] => [...prose(text).matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length)

/** The parts between headings, as text without links' targets. */
const sections = (text: string): string[] =>
  prose(text)
    .replaceAll(/\]\([^)]*\)|(?:src|srcset)="[^"]*"/g, ']')
    .split(/^#+ .*$/m)

const figures = (text: string): string[] => (text.match(/\d+(?:[.,]\d+)*/g) ?? []).toSorted()
const codes = (text: string): string[] => (text.match(/`[^`]+`/g) ?? []).toSorted()

/** Targets of links and pictures, but not the links between the two languages. */
const targets = (text: string): string[] =>
  [...prose(text).matchAll(/\]\(([^)]+)\)|(?:src|srcset)="([^"]+)"/g)]
    .map(([, link, source]) => link ?? source!)
    .filter((target) => !/^README\b/.test(target))

const tables = (text: string): string[][] =>
  (prose(text).match(/(?:^\|.*\n)+/gm) ?? []).map((table) =>
    table
      .trim()
      .split('\n')
      .filter((line) => !/^[|\s:-]+$/.test(line)),
  )
const figuresByCell = (text: string): string[][][] =>
  tables(text).map((table) => table.flatMap((line) => line.split('|').slice(1, -1).map(figures)))

describe('README.zh-CN.md', () => {
  it('and README.md link to each other at the top', () => {
    const top = (text: string): string => text.split('\n').slice(0, 5).join('\n')
    expect(top(english)).toContain('](README.zh-CN.md)')
    expect(top(chinese)).toContain('](README.md)')
  })

  it('has the same headings', () => {
    expect(headings(english).length).toBeGreaterThan(5)
    expect(headings(chinese)).toEqual(headings(english))
  })

  it('has the same code blocks', () => {
    expect(blocks(english).length).toBeGreaterThan(3)
    expect(blocks(chinese)).toEqual(blocks(english))
  })

  it('has the same links and pictures, in the same order', () => {
    expect(targets(english).length).toBeGreaterThan(20)
    expect(targets(chinese)).toEqual(targets(english))
  })

  it('has the same figures in each cell of each table', () => {
    expect(tables(english).length).toBeGreaterThan(3)
    expect(figuresByCell(chinese)).toEqual(figuresByCell(english))
  })

  it('has the same figures and the same code in each section', () => {
    expect(sections(english).flatMap(figures).length).toBeGreaterThan(40)
    expect(sections(chinese).map(figures)).toEqual(sections(english).map(figures))
    expect(sections(chinese).map(codes)).toEqual(sections(english).map(codes))
  })

  it('has the same number of items in each list', () => {
    const items = (text: string): number[] => sections(text).map((part) => (part.match(/^- /gm) ?? []).length)
    expect(items(chinese)).toEqual(items(english))
  })

  it('is written in Chinese', () => {
    for (const [at, part] of sections(chinese).entries()) if (at > 0) expect(part).toMatch(/\p{Script=Han}{4}/u)
  })
})
