import type { AnyStateNode } from 'xstate'
import { connectionMachine } from '../connection.machine.js'
import type { ConnectionEvent } from '../connection.types.js'

// What the documents of the chart are made of. Everything is read off the chart itself, by walking its state nodes.

export type Node = AnyStateNode

/** One way an event can go in a state. No target: taken, and nothing changes. */
export interface Branch {
  readonly source: Node
  /** `undefined`: always. */
  readonly guard: string | undefined
  readonly target: Node | undefined
  readonly actions: readonly string[]
  readonly reenter: boolean
}

/** Where the chart can rest: the atomic states that are active together. */
export interface Configuration {
  readonly name: string
  readonly leaves: readonly Node[]
}

/** A `Record`, so that an event that is added to the type and forgotten here does not compile. */
const eventSet: Record<ConnectionEvent['type'], true> = {
  OPEN: true,
  CLOSE: true,
  RECONNECT: true,
  HEALTHY: true,
  'socket.resolved': true,
  'socket.opened': true,
  'socket.prepared': true,
  'socket.alive': true,
  'socket.resumed': true,
  'socket.closed': true,
  'policy.retry': true,
  'policy.stop': true,
  'environment.online': true,
  'environment.offline': true,
  'environment.visible': true,
  'environment.hidden': true,
  'environment.freeze': true,
  'environment.resume': true,
  'environment.woke': true,
  'environment.bfcached': true,
  'environment.restored': true,
}

export const eventTypes = Object.keys(eventSet) as ConnectionEvent['type'][]

export const root: Node = connectionMachine.root

export const children = (node: Node): Node[] => Object.values(node.states)

/** A node and everything in it, from the outside in. */
export function descend(node: Node): Node[] {
  return [node, ...children(node).flatMap(descend)]
}

export const allNodes = descend(root)

export function isWithin(node: Node, ancestor: Node): boolean {
  return node === ancestor || (node.parent !== undefined && isWithin(node.parent, ancestor))
}

export const initialOf = (node: Node): Node | undefined => node.initial.target?.[0] as Node | undefined

/** Where one arrives who goes to `node`; a parallel state is named as a whole. */
export function arrival(node: Node): Node {
  return node.type === 'compound' ? arrival(initialOf(node)!) : node
}

const nameOf = (reference: unknown): string =>
  typeof reference === 'string' ? reference : ((reference as { type?: string }).type ?? '(inline)')

/** `because` says why; what it says belongs to its name. */
function actionName(action: unknown): string {
  const why = (action as { params?: { why?: string } }).params?.why
  return why === undefined ? nameOf(action) : `${nameOf(action)} ${why}`
}

/** Timers are set on entry; that is what `after` means, and not worth a word. */
const isNamed = (action: unknown): boolean => typeof action !== 'function'

export const entryActions = (node: Node): string[] => node.entry.filter(isNamed).map(actionName)

/** What a node itself says to an event, in the order in which it is asked. */
export function ownBranches(node: Node, eventType: string): Branch[] {
  return (node.transitions.get(eventType) ?? []).map(({ guard, target, actions, reenter }) => ({
    source: node,
    guard: guard === undefined ? undefined : nameOf(guard),
    target: target?.[0] as Node | undefined,
    actions: actions.map(actionName),
    reenter,
  }))
}

const isDecided = (branches: readonly Branch[]): boolean => branches.some(({ guard }) => guard === undefined)

/** What `configuration` says to an event: the innermost state first, until one takes it for certain. */
export function branchesOf({ leaves }: Configuration, eventType: string): Branch[] {
  const ask = (node: Node): Branch[] => {
    const inner = children(node).filter((child) => leaves.some((leaf) => isWithin(leaf, child)))
    const answers = inner.map(ask).filter((answer) => answer.length > 0)
    if (answers.length > 1) throw new Error(`two regions of ${node.id} answer ${eventType}: the table cannot show that`)
    const answer = answers[0] ?? []
    return isDecided(answer) ? answer : [...answer, ...ownBranches(node, eventType)]
  }
  const known = new Set<string | undefined>()
  // A guard that has said no is not asked again further out.
  return ask(root).filter(({ guard }) => !known.has(guard) && known.add(guard))
}

function combine(node: Node): Node[][] {
  if (node.type === 'compound') return children(node).flatMap(combine)
  if (node.type !== 'parallel') return [[node]]
  return children(node).reduce<Node[][]>(
    (sofar, region) => sofar.flatMap((leaves) => combine(region).map((more) => [...leaves, ...more])),
    [[]],
  )
}

/** `backoff.scheduled`, `open (resting, settling)`: as short as it can be without a doubt. */
function configurationName(leaves: readonly Node[]): string {
  const [leaf] = leaves
  if (leaf === undefined) throw new Error('a configuration has leaves')
  if (leaves.length === 1) return leaf.path.slice(1).join('.')
  const shared = leaf.path.findIndex((key, depth) => leaves.some(({ path }) => path[depth] !== key))
  return `${leaf.path.slice(1, shared).join('.')} (${leaves.map(({ key }) => key).join(', ')})`
}

export const configurations: readonly Configuration[] = combine(root).map((leaves) => ({
  leaves,
  name: configurationName(leaves),
}))

const setup = connectionMachine.implementations

/** The delays that are declared, in their order. */
export const delayNames = Object.keys(setup.delays)
export const guardNames = Object.keys(setup.guards)
export const actionNames = Object.keys(setup.actions)

/** The event of a delay that runs in this configuration; `undefined`: it does not run here. */
export function timerOf({ leaves }: Configuration, delay: string): string | undefined {
  const running = allNodes
    .filter((node) => leaves.some((leaf) => isWithin(leaf, node)))
    .flatMap((node) => node.after.filter((after) => after.delay === delay).map(({ eventType }) => eventType))
  const [event, ...others] = new Set(running)
  if (others.length > 0) throw new Error(`${delay} runs twice at a time: the table cannot show that`)
  return event
}
