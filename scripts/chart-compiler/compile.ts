import type { AnyStateMachine } from 'xstate'
import { Names, type Logic } from './names.js'
import { ancestors, defaults, States, type Node } from './nodes.js'
import { invokingState, refuseUnknown } from './refusals.js'
import { isTimeUp, masksOf, transitionsOf, type Transition } from './transitions.js'

/** A transition, with its functions by name. */
export interface CompiledRow {
  readonly source: number
  /** `0`: it always holds. */
  readonly guard: string
  readonly scope: number
  readonly entered: number
  /** Each as code: an effect in quotes, the name of a function, or what the context becomes. */
  readonly actions: readonly string[]
}

export interface CompiledDelay {
  readonly delay: string
  readonly rows: readonly CompiledRow[]
}

/** A chart as numbers and names: states are numbers in document order, sets of states are masks. */
export interface CompiledChart {
  readonly names: readonly string[]
  readonly parents: readonly number[]
  readonly parallel: number
  readonly initial: number
  readonly tags: ReadonlyMap<string, number>
  readonly invoking: number
  /** The function that computes the input of the actor. */
  readonly input: string
  readonly entries: ReadonlyMap<number, readonly string[]>
  readonly delays: ReadonlyMap<number, CompiledDelay>
  readonly events: ReadonlyMap<string, readonly CompiledRow[]>
  /** The functions that are named above. */
  readonly used: readonly string[]
}

const tagOf = (node: Node): string | undefined => [node, ...ancestors(node)].flatMap(({ tags }) => tags)[0]

/**
 * Compiles a chart.
 *
 * @throws UnknownToInterpreter for what the interpreter does not implement, with the name of the state.
 */
export function compileChart(machine: AnyStateMachine, logic: Logic): CompiledChart {
  const states = new States(machine)
  refuseUnknown(states)
  const names = new Names(machine, logic)
  const { list } = states
  const rowOf = (transition: Transition): CompiledRow => ({
    source: states.number(transition.source),
    guard: names.guard(transition.source, transition.guard),
    ...masksOf(transition, states),
    actions: names.actions(transition.source, transition.actions),
  })

  const entries = new Map<number, string[]>()
  const delays = new Map<number, CompiledDelay>()
  for (const node of list) {
    const actions = names.actions(node, node.entry)
    if (actions.length > 0) entries.set(states.number(node), actions)
    const rows = transitionsOf(node).filter(({ eventType }) => isTimeUp(eventType))
    if (rows.length > 0) delays.set(states.number(node), { delay: names.delay(node), rows: rows.map(rowOf) })
  }
  const events = new Map<string, CompiledRow[]>()
  // The last state first: what is inside is asked before what is around it.
  for (const transition of list.toReversed().flatMap(transitionsOf)) {
    const { eventType } = transition
    if (isTimeUp(eventType)) continue
    const rows = events.get(eventType) ?? []
    events.set(eventType, [...rows, rowOf(transition)])
  }
  const invoking = invokingState(states)
  const tags = new Set(list.flatMap((node) => tagOf(node) ?? []))
  return {
    names: list.map(({ key }) => key),
    parents: list.map(({ parent }) => (parent === undefined ? -1 : states.number(parent))),
    parallel: states.mask(list.filter(({ type }) => type === 'parallel')),
    initial: states.mask(defaults(states.root)),
    tags: new Map([...tags].map((tag) => [tag, states.mask(list.filter((node) => tagOf(node) === tag))])),
    invoking: states.mask([invoking]),
    input: names.input(invoking),
    entries,
    delays,
    events,
    used: [...names.used].toSorted(),
  }
}
