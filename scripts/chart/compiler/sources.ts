import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import type { AnyStateMachine } from 'xstate'
import type { CompiledChart, CompiledRow } from './compiled.types.js'

/** The first line of what is generated. */
const heading =
  '// Generated from connection.machine.ts by `npm run chart`; a test fails when it is stale. Change the chart, not this.'

const anyFile = fileURLToPath(new URL('../../../machines/any.ts', import.meta.url))

/** Code as the formatter leaves it. */
async function formatted(code: string): Promise<string> {
  return format(code, { ...(await resolveConfig(anyFile)), parser: 'typescript' })
}

/** What an inspector gets of a chart: its configuration, without the functions in it. */
export const definitionOf = ({ config }: AnyStateMachine): object => JSON.parse(JSON.stringify(config)) as object

/** `machines/connection.definition.ts`. */
export function definitionSource(machine: AnyStateMachine): Promise<string> {
  return formatted(`${heading}

/** The configuration of the chart as XState has it, for inspectors of an engine that is not XState. */
export const definition: object = ${JSON.stringify(definitionOf(machine))}
`)
}

const rowSource = ({ source, guard, scope, entered, actions }: CompiledRow): string =>
  `[${[source, guard, scope, entered, ...actions].join(', ')}]`

const rowsSource = (rows: readonly CompiledRow[]): string => `[${rows.map(rowSource).join(', ')}]`

const membersSource = <K, V>(map: ReadonlyMap<K, V>, source: (value: V) => string): string =>
  `{${[...map].map(([key, value]) => `${JSON.stringify(key)}: ${source(value)}`).join(', ')}}`

/** `machines/connection.table.ts`. */
export function tableSource(chart: CompiledChart): Promise<string> {
  const { names, parents, initial, tags, invoking, input, entries, delays, events, used } = chart
  return formatted(`${heading}
import { ${used.join(', ')} } from './connection.logic.js'
import type { Delays, Entries, Events, Tags } from './table.types.js'

/** The names of the states in document order. The place of a state is its number, and its bit in a mask. */
export const names = '${names.join(' ')}'

/** The number of the state around each. */
export const parents = [${parents.join(', ')}] as const

/** The states that are active at first. */
export const initial = ${initial}

export const tags: Tags = ${membersSource(tags, String)}

/** The actor lives as long as this state. */
export const invoking = ${invoking}

/** What the actor is started with. */
export { ${input} as input }

export const entries: Entries = ${membersSource(entries, (actions) => `[${actions.join(', ')}]`)}

export const delays: Delays = ${membersSource(delays, ({ delay, rows }) => `[${delay}, ${rowsSource(rows)}]`)}

export const events: Events = ${membersSource(events, rowsSource)}
`)
}
