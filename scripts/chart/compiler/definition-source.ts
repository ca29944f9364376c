import type { AnyStateMachine } from 'xstate'
import { formatted, heading } from './source-file.js'

/** What an inspector gets of a chart: its configuration, without the functions in it. */
export const definitionOf = ({ config }: AnyStateMachine): object => JSON.parse(JSON.stringify(config)) as object

/** `machines/connection.definition.ts`. */
export function definitionSource(machine: AnyStateMachine): Promise<string> {
  return formatted(`${heading}

/** The configuration of the chart as XState has it, for inspectors of an engine that is not XState. */
export const definition: object = ${JSON.stringify(definitionOf(machine))}
`)
}
