import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeCloseCode } from '../../src/index.js'
import { explain as short } from '../../src/core/sentences/short.js'
import { root } from './pages.js'
import { sentences } from './sentences.js'

const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')
const [, union = ''] =
  /^export type ErrorCode =\n(.*?)\n\n/ms.exec(readFileSync(join(root, 'src/core/errors.ts'), 'utf8')) ?? []
const codes = [...union.matchAll(/'(ERR_\w+)'/g)].map(([, code]) => code!)

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
  it('has each error code once and no other', () => {
    expect(codes.length).toBeGreaterThan(15)
    const sections = ['Thrown where you call', 'The reason of a loss', 'Reported']
    const told = sections.flatMap(rowsUnder).map(([code = '']) => code)
    const links = codes.map((code) => `[\`${code}\`](#${code})`)
    expect(told.toSorted()).toEqual(links.toSorted())
  })

  it('has an anchor for each code, with a heading under it', () => {
    expect(codes.filter((code) => !page.includes(`<a id="${code}"></a>\n\n### \`${code}\`\n`))).toEqual([])
  })

  it("lists under each code the library's messages, short and in full, and no other", () => {
    const topics = new Set(sentences.map(({ topic }) => topic))
    // The last ones are exceptions, which have no code.
    expect([...topics].toSorted()).toEqual([...codes, 'WebSocket'].toSorted())
    for (const topic of topics) {
      const [, section = ''] = new RegExp(`<a id="${topic}"></a>\n(.*?)(?=<a id=|$(?![^]))`, 'ms').exec(page) ?? []
      const [, heading = ''] = /^### (.*)$/m.exec(section) ?? []
      const expected = sentences.filter((each) => each.topic === topic)
      expect([topic, ...rowsUnder(heading)]).toEqual([
        topic,
        ...expected.map((each) => [`\`${each.short}\``, each.text]),
      ])
    }
  })

  it('is linked from the short messages, at the anchor of their code', () => {
    const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      repository: { url: string }
    }
    const home = repository.url.replace(/^git\+|\.git$/g, '')
    for (const { topic, key } of sentences) {
      const message = short(topic as 'ERR_OPTION', key as 'not-a-string', ['heartbeat.ping', 'a function'])
      expect(message).toBe(`${key} (heartbeat.ping, a function): ${home}/blob/main/docs/errors.md#${topic}`)
      expect(page).toContain(`<a id="${topic}"></a>`)
    }
  })

  it('describes each close code as the library does', () => {
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

  it('lists every named close code', () => {
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
