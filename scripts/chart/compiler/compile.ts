import type { AnyStateMachine } from 'xstate'
import type { CompiledChart, CompiledDelay, CompiledRow } from './compiled.types.js'
import { Names, type Logic } from './names.js'
import { configurations, defaults, States } from './nodes.js'
import { invokingState, refuseUnknown } from './refusals.js'
import { isTimeUp, masksOf, narrowed, transitionsOf, type Transition } from './transitions.js'

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

  const active = configurations(states.root).map((nodes) => states.mask(nodes))

  const entries = new Map<number, string[]>()
  const delays = new Map<number, CompiledDelay>()
  for (const node of list) {
    const actions = names.actions(node, node.entry)
    if (actions.length > 0) entries.set(states.number(node), actions)
    const rows = transitionsOf(node).filter(({ eventType }) => isTimeUp(eventType))
    if (rows.length > 0)
      delays.set(states.number(node), { delay: names.delay(node), rows: narrowed(rows.map(rowOf), active) })
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
  const tags = new Set(list.flatMap((node) => node.tags))
  return {
    names: list.map(({ key }) => key),
    parents: list.map(({ parent }) => (parent === undefined ? -1 : states.number(parent))),
    initial: states.mask(defaults(states.root)),
    tags: new Map([...tags].map((tag) => [tag, states.mask(list.filter((node) => node.tags.includes(tag)))])),
    invoking: states.mask([invoking]),
    input: names.input(invoking),
    entries,
    delays,
    events: new Map([...events].map(([type, rows]) => [type, narrowed(rows, active)])),
    used: [...names.used].toSorted(),
  }
}
