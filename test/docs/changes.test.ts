// The table of ten changes in CONTRIBUTING.md, compared with the folders and files it names.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './pages.js'

const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')

interface Change {
  readonly change: string
  readonly folder: string
  readonly toCome: boolean
  /** The existing ones, by their paths. */
  readonly files: readonly string[]
  /** One file may be new and has no name yet. */
  readonly more: number
}

const code = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!)

function changesOf(text: string): Change[] {
  const [, section = ''] = /^### Ten changes\n(.*?)(?=^## )/ms.exec(text) ?? []
  const rows = section.split('\n').filter((line) => line.startsWith('|'))
  return rows.slice(2).map((row) => {
    const [change = '', folder = '', files = ''] = row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    return {
      change,
      folder: code(folder)[0] ?? '',
      toCome: folder.endsWith('(to come)'),
      files: code(files),
      more: files.includes('a new file') ? 1 : 0,
    }
  })
}

const changes = changesOf(page)

describe('the ten changes of CONTRIBUTING.md', () => {
  it('are ten, each once', () => {
    expect(changes).toHaveLength(10)
    expect(new Set(changes.map(({ change }) => change)).size).toBe(10)
  })

  it.each(changes)('$change belongs to one folder, which exists unless it is to come', ({ folder, toCome }) => {
    expect(folder).toMatch(/^src\/(?:[a-z-]+\/)+$/)
    expect(existsSync(join(root, folder))).toBe(!toCome)
  })

  it.each(changes)('$change touches one to three source files, which exist', ({ files, more }) => {
    expect(files.length + more).toBeGreaterThan(0)
    expect(files.length + more).toBeLessThanOrEqual(3)
    expect(files.filter((file) => !/^src\/.+\.ts$/.test(file) || !existsSync(join(root, file)))).toEqual([])
  })

  it.each(changes)('$change touches a file of its folder', ({ folder, files, more }) => {
    expect(more === 1 || files.some((file) => file.startsWith(folder))).toBe(true)
  })

  it('are read from the table: a missing file and a fourth one are seen', () => {
    const planted = page.replace('`src/core/chart-host.ts`', '`src/core/gone.ts`, `src/core/core.ts`')
    const { files } = changesOf(planted).find(({ change }) => change.includes('ping on send'))!
    expect(files).toHaveLength(4)
    expect(files.every((file) => existsSync(join(root, file)))).toBe(false)
  })
})
