import { readFileSync } from 'node:fs'

// What the chart's sources say in words. XState keeps the names and forgets the rest, and a function's own text depends on
// who compiled it; so this is read off the files.

const read = (name: string): string => readFileSync(new URL(`../../machines/${name}`, import.meta.url), 'utf8')

const machine = read('connection.machine.ts')
const logic = `${read('connection.logic.ts')}\n`
const types = read('connection.types.ts')

function matchOrThrow(text: string, pattern: RegExp, what: string): string {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) throw new Error(`${what} was not found: has the file changed its shape?`)
  return found
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** The actions that the chart only names: they are done outside. */
export function effectNames(): string[] {
  const body = matchOrThrow(machine, /^  actions: \{\n([\s\S]*?)^  \},$/m, 'the block actions')
  return [...body.matchAll(/^ {4}(\w+): stub,$/gm)].map(([, name = '']) => name)
}

/** Guards, updates and delays, and their code without its types. */
export function functionCodes(): Map<string, string> {
  const functions = logic.matchAll(/^export const (\w+) = \((.*)\): \w+ =>([^;]*?)\n$/gm)
  return new Map(
    [...functions].map(([, name = '', parameters = '', body = '']) => {
      const untyped = parameters.replaceAll(/: (\{[^}]*\}|\w+(<[^>]*>)?)/g, '')
      return [name, oneLine(`(${untyped}) => ${body}`)]
    }),
  )
}

const docPattern = String.raw`\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*`

const clean = (doc: string): string => oneLine(doc.replaceAll(/^\s*\* ?/gm, ' '))

/** The comments of an interface's members. */
export function memberDocs(name: 'ChartHost' | 'ConnectionContext'): Map<string, string> {
  const body = matchOrThrow(types, new RegExp(`interface ${name} \\{\\n([\\s\\S]*?)^\\}`, 'm'), `the interface ${name}`)
  const members = body.matchAll(new RegExp(`${docPattern}(?:readonly )?(\\w+)[(:]`, 'g'))
  return new Map([...members].map(([, doc = '', member = '']) => [member, clean(doc)]))
}

/** The comments of the events. */
export function eventDocs(): Map<string, string> {
  const events = types.matchAll(new RegExp(`${docPattern}\\| \\{ type: '([\\w.]+)'`, 'g'))
  const signals = matchOrThrow(types, /type EnvironmentSignal =\n([\s\S]*?)\n\n/, 'the type EnvironmentSignal')
  const signalDocs = signals.matchAll(new RegExp(`${docPattern}\\| '(\\w+)'`, 'g'))
  return new Map([
    ...[...events].map(([, doc = '', type = '']) => [type, clean(doc)] as const),
    ...[...signalDocs].map(([, doc = '', signal = '']) => [`environment.${signal}`, clean(doc)] as const),
  ])
}
