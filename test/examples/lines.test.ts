import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folder, inBrowsers, servers } from './support/examples.js'

const limit = 60
const onServers = ['exactly-once', 'python-server', 'servers']

/**
 * Counted per file: the page and Vite's settings count as well, with comments and blank lines; compiler settings do
 * not.
 */
function linesOf(example: string): Record<string, number> {
  const files = readdirSync(join(folder, example), { withFileTypes: true, recursive: true }).filter(
    (entry) => entry.isFile() && !/[/\\]dist([/\\]|$)/.test(entry.parentPath) && entry.name !== 'tsconfig.json',
  )
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'utf8').split('\n').length - 1]),
  )
}

describe('an example’s own code', () => {
  test.each([...inBrowsers, 'extension', 'node'])(`has fewer than ${limit} lines: %s`, (example) => {
    const lines = linesOf(example)
    const total = Object.values(lines).reduce((sum, each) => sum + each, 0)
    // The count is not empty.
    expect(total).toBeGreaterThan(20)
    expect(total, JSON.stringify(lines)).toBeLessThan(limit)
  })

  test('has fewer than 300 lines if it is a server in another language', () => {
    const { 'README.md': _, ...code } = linesOf('python-server')
    expect(Object.keys(code).toSorted()).toEqual(['server.py', 'wire.py'])
    expect(Object.values(code).reduce((sum, each) => sum + each, 0)).toBeLessThan(300)
  })

  // Each server is a file of its own.
  test.each(servers)('has fewer than 15 lines beside %s', (server) => {
    expect(linesOf('servers')[`${server}.ts`]).toBeGreaterThan(8)
    expect(linesOf('servers')[`${server}.ts`]).toBeLessThan(15)
  })

  test('covers every folder except the shared one, and those of servers, whose subject is not a connection', () => {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map(({ name }) => name).filter((name) => name !== 'node_modules')).toEqual(
      [...inBrowsers, ...onServers, 'extension', 'node', 'shared', 'support'].toSorted(),
    )
  })

  test('is not hidden: the shared code is small and knows nothing of their connections', () => {
    const shared = readdirSync(join(folder, 'shared'))
    expect(shared).toEqual(['env.d.ts', 'words.ts'])
    expect(Object.values(linesOf('shared')).reduce((sum, each) => sum + each, 0)).toBeLessThan(40)
    expect(readFileSync(join(folder, 'shared/words.ts'), 'utf8')).not.toContain('createConnection')
  })
})
