import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folder, inBrowsers, root } from './support/examples.js'

const recipes = ['frameworks', 'react', 'vue', 'svelte', 'solid', 'angular', 'delivery', 'server']
const pages = recipes.map((name) => readFileSync(join(root, `docs/${name}.md`), 'utf8')).join('\n')
const readme = readFileSync(join(folder, 'README.md'), 'utf8')

/** Without its original indentation. */
function flush(code: string): string {
  const lines = code.trimEnd().split('\n')
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length)
  const least = Math.min(...indents)
  return lines.map((line) => line.slice(least)).join('\n')
}

/** Whether those lines are contiguous in the text, at any indentation. */
function holds(text: string, snippet: string): boolean {
  const lines = text.trimEnd().split('\n')
  const { length } = snippet.split('\n')
  return lines.some((_, at) => flush(lines.slice(at, at + length).join('\n')) === snippet)
}

/** Blocks that name a file. The others are compiled with those of all pages. */
const snippets = [...pages.matchAll(/^```(\S+) ([^\n]+)\n(.*?)^```$/gms)].map(
  ([, language = '', file = '', code = '']) => ({ language, file, code: flush(code) }),
)

describe('the code that recipes quote', () => {
  test('comes from every example except the one without a framework', () => {
    const quoted = new Set(snippets.map(({ file }) => file.split('/')[1]))
    const onServers = ['exactly-once', 'servers']
    expect(quoted).toEqual(
      new Set([...inBrowsers.filter((name) => name !== 'vanilla'), ...onServers, 'extension', 'node']),
    )
  })

  test.each(snippets)('is present in $file: $code', ({ file, code }) => {
    expect(holds(readFileSync(join(root, file), 'utf8'), code)).toBe(true)
  })

  test('is reported if missing', () => {
    expect(holds('a\n  b\n    c\nd', 'b\n  c')).toBe(true)
    expect(holds('a\n  b\n    c\nd', 'b\n  e')).toBe(false)
    expect(holds('a\n  b\n    c\nd', 'a\nc')).toBe(false)
  })
})

describe('examples/README.md', () => {
  test('names every command and no other', () => {
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const named = [...readme.matchAll(/npm run ([\w-]+) --prefix examples/g)].map(([, name]) => name)
    expect(new Set(named)).toEqual(new Set(Object.keys(scripts).filter((name) => name !== 'library')))
  })

  test('has a row for every example, with working links', () => {
    const folders = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'index.html')))
    for (const name of [...folders, 'extension', 'node'])
      expect(readme).toContain(`| \`npm run ${name} --prefix examples\``)
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link)
    expect(links.length).toBeGreaterThan(10)
    expect(links.filter((link) => !existsSync(join(dirname(join(folder, 'README.md')), link)))).toEqual([])
  })
})
