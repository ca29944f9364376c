import { wrap, type Paint } from '../terminal/text.js'
import { seconds } from '../status/ending.js'
import type { Totals } from './traffic.js'
import type { Outcome } from './stages.js'

/** What the tour saw at one stop. */
export interface Result extends Outcome {
  readonly name: string
  readonly ok: boolean
  /** Messages of this stage alone. */
  readonly totals: Totals
  readonly mostQueued: number
}

interface Column {
  readonly title: string
  readonly width: number
  readonly of: (result: Result) => string
}

const nothing = '-'

const time = (ms: number | undefined): string => (ms === undefined ? nothing : seconds(ms, 2))

const columns: readonly Column[] = [
  { title: 'noticed', width: 9, of: ({ noticed }) => time(noticed) },
  { title: 'open again', width: 12, of: ({ openAgain }) => time(openAgain) },
  { title: 'out', width: 6, of: ({ totals }) => String(totals.out) },
  { title: 'in', width: 6, of: ({ totals }) => String(totals.in) },
  { title: 'queued', width: 8, of: ({ mostQueued }) => String(mostQueued) },
  { title: 'lost', width: 6, of: ({ totals }) => String(totals.lost) },
]

const nameWidth = 12
const verdictWidth = 6
const tableWidth = columns.reduce((sum, { width }) => sum + width, verdictWidth + nameWidth)

const row = (cells: (column: Column) => string): string =>
  columns.map((column) => cells(column).padStart(column.width)).join('')

/** What stands above the results; nothing where they have no room to be a table. */
export function head(width: number): string[] {
  if (width < tableWidth) return []
  return [''.padEnd(verdictWidth + nameWidth) + row(({ title }) => title)]
}

/** One result: a row of the table and a note; on a narrow terminal, a few short rows. */
export function describeResult(result: Result, width: number, paint: Paint): string[] {
  const { name, ok, note } = result
  const verdict = paint((ok ? 'ok' : 'FAIL').padEnd(verdictWidth), ok ? 'good' : 'bad')
  const indented = (text: string): string[] => wrap(' '.repeat(verdictWidth) + text, width, verdictWidth)
  const notes = indented(note).map((each) => paint(each, ok ? 'faint' : 'bad'))
  if (width >= tableWidth) return [verdict + name.padEnd(nameWidth) + row(({ of }) => of(result)), ...notes]
  // The times, if there are any, and the messages.
  const cells = [columns.slice(0, 2), columns.slice(2)].flatMap((group) => {
    const told = group.filter(({ of }) => of(result) !== nothing).map(({ title, of }) => `${title} ${of(result)}`)
    return told.length === 0 ? [] : indented(told.join(' '))
  })
  return [verdict + name.slice(0, Math.max(0, width - verdictWidth)), ...cells, ...notes]
}

/** The tour in one sentence or two. `total`: how many stages there are. `took` in milliseconds. */
export function summary(results: readonly Result[], total: number, totals: Totals, took: number): string {
  const failed = results.find(({ ok }) => !ok)
  const left = total - results.length
  if (failed !== undefined) {
    const rest = left === 0 ? '' : ` ${left} of ${total} stages were not played.`
    return `FAILED after ${seconds(took)}, at '${failed.name}': ${failed.note}.${rest}`
  }
  const { out, in: back, lost } = totals
  return `All ${total} stages passed in ${seconds(took)}: ${out} messages out, ${back} in, ${lost} lost on links that died.`
}
