import { markdown } from '../storm/table.js'
import { versions } from './versions.js'
import type { Suite } from './engines/engine.js'
import type { Verdict } from './harness/protocol.js'

export interface Row {
  readonly engine: string
  readonly version: string
  readonly suite: Suite
  readonly verdicts: readonly Verdict[]
}

/** The parts of a suite, by the first word of their test titles. */
const parts = ['transport', 'connection', 'session', 'drop-in'] as const

function cell(verdicts: readonly Verdict[], part: string): string {
  const own = verdicts.filter(({ title }) => title.startsWith(part))
  if (own.length === 0) return '–'
  const count = (state: Verdict['state']): number => own.filter((each) => each.state === state).length
  const parts = (['passed', 'failed', 'skipped'] as const).map((state) => ({ state, count: count(state) }))
  return parts.flatMap(({ state, count }) => (count === 0 ? [] : [`${count} ${state}`])).join(', ')
}

function over({ engine, suite }: Row): string {
  if (suite === 'standard') return 'its own WebSocket'
  // Bun has one built in, and resolves every import of the package to it.
  if (engine === 'bun') return 'its own ws'
  return `ws ${suite === 'over-ws' ? versions.ws : versions.lowestWs}`
}

/** Markdown: an engine per row, a part of the suite per column. */
export function table(rows: readonly Row[]): string {
  return markdown(
    ['engine', 'version', 'over', 'transport', 'connection', 'session', 'drop-in class'],
    rows.map((row) => [row.engine, row.version, over(row), ...parts.map((part) => cell(row.verdicts, part))]),
  )
}

const [start, end] = ['<!-- test:runtimes -->', '<!-- /test:runtimes -->']

/** The page with this text between its marks. */
export function include(text: string, block: string): string {
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from === -1 || to < from) throw new SyntaxError(`the page needs ${start} and, after it, ${end}`)
  return `${text.slice(0, from + start.length)}\n\n${block}\n\n${text.slice(to)}`
}
