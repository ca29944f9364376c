/** The results of one run, as shown in `docs/failures.md`. */
export interface Report {
  /** YYYY-MM-DD. */
  readonly date: string
  /** As in `process.version`. */
  readonly node: string
  readonly columns: readonly { readonly name: string; readonly settings: string }[]
  readonly rows: readonly { readonly title: string; readonly cells: readonly string[] }[]
}

const start = '<!-- faults -->'
const end = '<!-- /faults -->'
const heading = 'what goes wrong'

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** Markdown as Prettier would format it. */
function table(columns: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = columns.map((title, index) => Math.max(title.length, ...body.map((row) => row[index]!.length)))
  const pad = (cells: readonly string[]): string => line(cells.map((text, index) => text.padEnd(widths[index]!)))
  return [pad(columns), line(widths.map((width) => '-'.repeat(width))), ...body.map(pad)].join('\n')
}

export function render({ date, node, columns, rows }: Report): string {
  const broken = rows.find(({ cells }) => cells.length !== columns.length || cells.some((cell) => cell.includes('|')))
  if (broken !== undefined) throw new RangeError(`the row '${broken.title}' does not fit the table`)
  return [
    `Made by \`npm run faults\` on ${date}, Node ${node}.`,
    table(
      [heading, ...columns.map(({ name }) => name)],
      rows.map(({ title, cells }) => [title, ...cells]),
    ),
    columns.map(({ name, settings }) => `- **${name}**: ${settings}.`).join('\n'),
  ].join('\n\n')
}

/** Parses the output of `render`; throws on anything else. */
export function parse(text: string): Report {
  const [made = '', grid = '', list = '', ...more] = text.split('\n\n')
  const [, date, node] = /^Made by `npm run faults` on (\d{4}-\d{2}-\d{2}), Node (v[\d.]+)\.$/.exec(made) ?? []
  const cellsOf = (row: string): string[] =>
    row
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim())
  const [head = '', , ...body] = grid.split('\n')
  const [title, ...names] = cellsOf(head)
  const settings = list.split('\n').map((item) => /^- \*\*(.+?)\*\*: (.+)\.$/.exec(item))
  const matches = names.length === settings.length && names.every((name, index) => settings[index]?.[1] === name)
  if (date === undefined || node === undefined || title !== heading || !matches || more.length > 0)
    throw new SyntaxError('this is not a table of faults')
  return {
    date,
    node,
    columns: settings.map((match) => ({ name: match![1]!, settings: match![2]! })),
    rows: body.map(cellsOf).map(([title, ...cells]) => ({ title: title!, cells })),
  }
}

function around(page: string): [before: string, block: string, after: string] {
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from === -1 || to < from || page.lastIndexOf(start) !== from || page.lastIndexOf(end) !== to)
    throw new SyntaxError(`the page needs ${start} and, after it, ${end}, once each`)
  return [page.slice(0, from + start.length), page.slice(from + start.length, to).trim(), page.slice(to)]
}

/** The text between the marks of a page. */
export const included = (page: string): string => around(page)[1]

/** The page with this text between its marks. */
export function include(page: string, block: string): string {
  const [before, , after] = around(page)
  return `${before}\n\n${block}\n\n${after}`
}
