import { UsageError } from '../command.js'
import { contentOf } from './files.js'

/** RFC 9110 §5.1: a token, a colon, a single-line value. */
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n\0]*?)[ \t]*$/

/** Headers set by the handshake, in lower case, and what to do instead. */
const owned: ReadonlyMap<string, string> = new Map([
  ['connection', 'leave it out'],
  ['upgrade', 'leave it out'],
  ['sec-websocket-key', 'leave it out'],
  ['sec-websocket-version', 'leave it out'],
  ['sec-websocket-extensions', 'leave it out'],
  ['sec-websocket-protocol', 'use --protocol'],
])

const linesIn = (file: string): string[] =>
  contentOf('header', file)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')

/**
 * Parses `Name: value`, or the lines of `@file`, which other users of the machine cannot see. Throws a `UsageError`
 * that never contains a value.
 */
export function headersOf(given: readonly string[]): Record<string, string> {
  const headers: [name: string, value: string][] = []
  const seen = new Set<string>()
  for (const line of given.flatMap((each) => (each.startsWith('@') ? linesIn(each.slice(1)) : [each]))) {
    const [, name, value] = headerLine.exec(line) ?? []
    if (name === undefined || value === undefined) {
      throw new UsageError(`--header (of ${line.length} characters) must be 'Name: value', or @FILE with such lines`)
    }
    const key = name.toLowerCase()
    const remedy = owned.get(key)
    if (remedy !== undefined) throw new UsageError(`--header ${name} is set by the handshake; ${remedy}`)
    if (seen.has(key)) throw new UsageError(`--header ${name} is given twice; join both values in one`)
    seen.add(key)
    headers.push([name, value])
  }
  // `fromEntries` also creates own properties for names such as `__proto__`.
  return Object.fromEntries(headers)
}
