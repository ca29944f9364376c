import { ancestors, defaults, isInside, nameOf, type Node, type States } from './nodes.js'
import { isTimeUp, transitionsOf, type Transition } from './transitions.js'

// What the interpreter does not implement is refused here, so that a chart that compiles behaves as it does in XState.

/** Masks are small integers, with room to spare for shifts. */
const mostStates = 30

export class UnknownToInterpreter extends Error {
  override readonly name = 'UnknownToInterpreter'

  constructor(where: string, what: string) {
    super(`The chart cannot be compiled: ${where} ${what}, which the interpreter does not implement`)
  }
}

/** @throws UnknownToInterpreter */
export function refuse(node: Node, what: string): never {
  throw new UnknownToInterpreter(nameOf(node), what)
}

const isBuiltIn = (action: unknown, type: string): boolean => (action as { type?: string }).type === type

/** XState makes entry and exit actions of each delay. */
export const isOfDelay = (action: unknown): boolean =>
  isBuiltIn(action, 'xstate.raise') || isBuiltIn(action, 'xstate.cancel')

function refuseState(node: Node): void {
  if (node.type === 'history' || node.type === 'final') refuse(node, `is a ${node.type} state`)
  if (node.always !== undefined && node.always.length > 0) refuse(node, 'has eventless transitions (always)')
  if (node.exit.some((action) => !isOfDelay(action))) refuse(node, 'has exit actions')
  if (node.initial !== undefined && node.initial.actions.length > 0)
    refuse(node, 'has actions on its initial transition')
  if (node.tags.length > 1) refuse(node, 'has several tags')
  if (node.tags.length > 0 && ancestors(node).some(({ tags }) => tags.length > 0)) {
    refuse(node, 'has a tag inside a state that has one')
  }
  if (new Set(node.after.map(({ delay }) => delay)).size > 1) refuse(node, 'has several delays')
  if (node.after.some(({ delay }) => typeof delay !== 'string')) refuse(node, 'has a delay without a name')
  if (node.output !== undefined) refuse(node, 'has an output')
  for (const [type] of node.transitions) {
    if (type.includes('*')) refuse(node, `answers ${type}, a wildcard`)
    if (type.startsWith('xstate.') && !isTimeUp(type)) refuse(node, `answers ${type}, an event of XState`)
  }
}

function refuseInitial(root: Node): void {
  for (const node of defaults(root)) {
    if (node.entry.some((action) => !isOfDelay(action))) refuse(node, 'has entry actions and is active from the start')
    if (node.after.length > 0) refuse(node, 'has a delay and is active from the start')
    if (node.invoke.length > 0) refuse(node, 'invokes an actor and is active from the start')
  }
}

/** The state that invokes the actor. */
export function invokingState(states: States): Node {
  const [node, ...others] = states.list.filter(({ invoke }) => invoke.length > 0)
  if (node === undefined) refuse(states.root, 'invokes no actor anywhere inside')
  for (const other of others) refuse(other, `invokes an actor as well as ${nameOf(node)}`)
  const [invoked, ...more] = node.invoke
  if (more.length > 0) refuse(node, 'invokes several actors')
  const { src } = invoked as { src?: unknown }
  // XState makes a name for what has none.
  if (typeof src !== 'string' || src.startsWith('xstate.')) refuse(node, 'invokes an actor without a name')
  // A timer of it would be set before the actor starts, and the interpreter sets timers last.
  for (const around of [node, ...ancestors(node)]) {
    if (around.after.length > 0) refuse(around, 'has a delay and is, or is around, the state that invokes the actor')
  }
  return node
}

function refuseTransition({ source, target = [], domain, eventType }: Transition): void {
  if (target.length > 1) refuse(source, `has several targets at ${eventType}`)
  if (target.length === 0) return
  if (domain === undefined) refuse(source, `leaves the root at ${eventType}`)
  if (domain.type === 'parallel') refuse(source, `begins a region anew, or goes from one to another, at ${eventType}`)
}

/** Two regions that answer one event would both have to be asked. */
function refuseRivals(transitions: readonly Transition[]): void {
  for (const one of transitions) {
    for (const other of transitions) {
      if (one.eventType !== other.eventType || one.source === other.source) continue
      if (isInside(one.source, other.source) || isInside(other.source, one.source)) continue
      const meeting = ancestors(one.source).find((node) => isInside(other.source, node))
      if (meeting?.type === 'parallel') refuse(meeting, `has two regions that answer ${one.eventType}`)
    }
  }
}

/** @throws UnknownToInterpreter, which names the state. */
export function refuseUnknown(states: States): void {
  const { root } = states
  if (states.list.length > mostStates) refuse(root, `has ${states.list.length} states in it, more than ${mostStates}`)
  for (const node of states.list) refuseState(node)
  for (const node of states.list) {
    if (node.parent?.type === 'parallel' && node.type === 'atomic') refuse(node, 'is a region without states')
  }
  refuseInitial(root)
  invokingState(states)
  const transitions = states.list.flatMap(transitionsOf)
  for (const transition of transitions) refuseTransition(transition)
  refuseRivals(transitions)
}
