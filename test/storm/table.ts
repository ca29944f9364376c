import type { Summary } from './summary.js'

export interface Row extends Summary {
  readonly name: string
}

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })

export const grouped = (value: number): string => whole.format(value)

export function seconds(time: number): string {
  if (time === Infinity) return 'never'
  return `${(time / 1_000).toFixed(time < 9_950 ? 1 : 0)} s`
}

/** Two significant digits, up to whole percents. */
function percent(part: number): string {
  const value = part * 100
  return `${value < 0.995 ? value.toFixed(2) : value < 9.95 ? value.toFixed(1) : value.toFixed(0)} %`
}

/** Markdown as Prettier would format it: the first column left-aligned, figures right-aligned. */
export function markdown(columns: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = columns.map((title, index) => Math.max(title.length, ...body.map((row) => row[index]!.length)))
  const align = (text: string, index: number): string =>
    index === 0 ? text.padEnd(widths[index]!) : text.padStart(widths[index]!)
  const line = (cells: readonly string[]): string => `| ${cells.map(align).join(' | ')} |`
  const rules = widths.map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(columns), line(rules), ...body.map(line)].join('\n')
}

export function table(rows: readonly Row[], clients: number): string {
  return markdown(
    ['policy', 'peak per 100 ms', '% of clients', 'p50', 'p99', 'attempts during the outage'],
    rows.map(({ name, peak, p50, p99, attempts }) => [
      name,
      grouped(peak),
      percent(peak / clients),
      seconds(p50),
      seconds(p99),
      attempts.toFixed(1),
    ]),
  )
}
