// The README's comparison table is written by hand. Its figures must match the pages that a command generates.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')

const cells = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
const numbers = (text: string): string[] => text.match(/\d+(?:[.,]\d+)*/g) ?? []

/** A table as rows by their first cell, each with its cells by column heading. */
function table(text: string, head: string): Map<string, Record<string, string>> {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith('|') && line.includes(head))
  expect(start, `a table with ${head}`).toBeGreaterThan(-1)
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'))
  const [, ...heads] = cells(lines[start]!)
  return new Map(
    lines.slice(start + 2, end).map((line) => {
      const [name = '', ...rest] = cells(line)
      return [name.replaceAll('*', ''), Object.fromEntries(heads.map((each, at) => [each, rest[at] ?? '']))]
    }),
  )
}

function row(rows: Map<string, Record<string, string>>, like: RegExp): Record<string, string> {
  const found = [...rows].filter(([name]) => like.test(name))
  expect(found.length, String(like)).toBe(1)
  return found[0]![1]
}

/** Not "noticed", which begins the same way. */
const isMissed = (cell: string): boolean => /^(?:not |missed)/.test(cell)

const own = table(read('README.md'), 'partysocket')
const peers = ['statewire', 'partysocket', 'reconnecting-websocket', 'websocket-ts', 'graphql-ws']

describe("the README's figures beside other clients", () => {
  it.each([
    [/half-open link, 45 s/, /goes half-open/],
    [/never answered/, /upgrade is never answered/],
    [/fifty sends/, /fifty sends/],
  ])('%s are those of docs/failures.md', (here, there) => {
    const [said, measured] = [row(own, here), row(table(read('docs/failures.md'), 'websocket-heartbeat-js'), there)]
    for (const peer of peers) {
      for (const figure of numbers(said[peer]!)) expect(numbers(measured[peer]!), peer).toContain(figure)
      expect(isMissed(said[peer]!), peer).toBe(isMissed(measured[peer]!))
    }
  })

  it('of the storm are those of docs/storm.md', () => {
    const said = row(own, /10,000 clients/)
    const storm = read('docs/storm.md')
    const after = table(storm.slice(storm.indexOf('30 s away: 10,000 clients')), 'peak per 100 ms')
    const peak = (like: RegExp): string => row(after, like)['peak per 100 ms']!
    expect(said['statewire']).toBe(peak(/the default/))
    expect(said['partysocket']).toBe(peak(/^partysocket$/))
    expect(said['reconnecting-websocket']).toBe(peak(/^reconnecting-websocket$/))
  })

  it('of size are those of docs/performance.md', () => {
    const said = row(own, /gzipped/)
    const page = read('docs/performance.md')
    const sizes = table(page.slice(page.search(/^\| peer/m)), 'minified and gzipped')
    for (const [peer, name] of [
      ['partysocket', 'partysocket/ws'],
      ['reconnecting-websocket', 'reconnecting-websocket'],
      ['websocket-ts', 'websocket-ts'],
      ['graphql-ws', 'graphql-ws'],
    ] as const) {
      expect(said[peer], peer).toBe(sizes.get(name)?.['minified and gzipped'])
    }
    const bundles = table(page, 'beyond `createConnection`')
    const size = (imported: RegExp): number =>
      Math.round(Number(numbers(row(bundles, imported)['minified and gzipped']!)[0]))
    const [whole, core] = [size(/^`createConnection`$/), size(/^`connect`, `webSocketTransport`, `textHeartbeat`$/)]
    expect(numbers(said['statewire']!).map(Number)).toEqual([whole, core])
    const limit = /\*\*Size\.\*\*[^]*?\n- /.exec(read('README.md'))![0]
    expect(numbers(limit).map(Number)).toEqual([whole, size(/^`ReconnectingWebSocket`$/), core])
  })
})
