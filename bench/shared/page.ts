import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const page = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))

/** Returns the text before, inside and after the marks of a section. */
export function around(text: string, section: string): [before: string, block: string, after: string] {
  const [start, end] = [`<!-- bench:${section} -->`, `<!-- /bench:${section} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from === -1 || to < from || text.lastIndexOf(start) !== from || text.lastIndexOf(end) !== to)
    throw new SyntaxError(`the page needs ${start} and, after it, ${end}, once each`)
  return [text.slice(0, from + start.length), text.slice(from + start.length, to).trim(), text.slice(to)]
}

/** The first line of a section: the command, the date, and the Node version. */
export function made(command: string, date: string, node: string): string {
  return `Made by \`${command}\` on ${date}, Node ${node}.`
}

/** Writes the output into the performance page. */
export function write(section: string, block: string): void {
  const [before, , after] = around(readFileSync(page, 'utf8'), section)
  writeFileSync(page, `${before}\n\n${block}\n\n${after}`)
}

export const today = (): string => new Date().toISOString().slice(0, 10)
