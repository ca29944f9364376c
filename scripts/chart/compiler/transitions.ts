import type { CompiledRow } from './compiled.types.js'
import { ancestors, children, defaults, isInside, type Node, type States } from './nodes.js'

/** As XState has resolved it. */
export interface Transition {
  readonly source: Node
  /** `undefined`: taken, and no state changes. */
  readonly target: readonly Node[] | undefined
  readonly actions: readonly unknown[]
  readonly guard: unknown
  readonly eventType: string
  /** Inside of it states are left and entered. `undefined`: there is no state around all of it. */
  readonly domain: Node | undefined
  /** The domain is left and entered as well. */
  readonly around: boolean
}

export const isTimeUp = (eventType: string): boolean => eventType.startsWith('xstate.after.')

/** What one state answers, in the order in which it is asked. */
export function transitionsOf(node: Node): Transition[] {
  return [...node.transitions.values()].flat().map(({ source, target, actions, guard, reenter, eventType }) => {
    const aims = target as readonly Node[] | undefined
    const domain = domainOf(source, aims ?? [], reenter)
    return { source, target: aims, actions, guard, eventType, domain, around: reenter && domain === source }
  })
}

function domainOf(source: Node, targets: readonly Node[], reenter: boolean): Node | undefined {
  if (!reenter && targets.every((target) => target === source || isInside(target, source))) return source
  return ancestors(source).find((node) => targets.every((target) => isInside(target, node)))
}

/** What can be left, and what is entered. */
export function masksOf(
  { source, target = [], domain, around }: Transition,
  states: States,
): { scope: number; entered: number } {
  const [aim] = target
  if (aim === undefined || domain === undefined) return { scope: 0, entered: 0 }
  const inside = states.list.filter((node) => isInside(node, domain))
  const [, ...inAim] = defaults(aim)
  // A target that is the domain stays; only what is in it begins anew.
  const stays = aim === source && aim === domain && !around
  const path = [...(stays ? [] : [aim]), ...ancestors(aim, domain)]
  const entered = new Set([...path, ...inAim])
  for (const outer of ancestors(aim, domain).filter(({ type }) => type === 'parallel')) {
    for (const region of children(outer)) {
      const isOnPath = [...entered].some((node) => node === region || isInside(node, region))
      if (!isOnPath) for (const node of defaults(region)) entered.add(node)
    }
  }
  return { scope: states.mask(around ? [domain, ...inside] : inside), entered: states.mask(entered) }
}

const hasBit = (mask: number, state: number): boolean => ((mask >> state) & 1) !== 0

/** The sets of active states in which a transition can be taken: its source is active, and none that is asked before it takes the event whenever it could. */
function whereTaken(
  { source, guard }: CompiledRow,
  before: readonly CompiledRow[],
  configurations: readonly number[],
): number[] {
  const taking = before.filter((row) => row.guard === '0' || row.guard === guard)
  return configurations.filter((active) => hasBit(active, source) && !taking.some((row) => hasBit(active, row.source)))
}

/** Leaves only those states in each scope that can be active when the transition is taken: then each bit has a meaning. */
export function narrowed(rows: readonly CompiledRow[], configurations: readonly number[]): CompiledRow[] {
  return rows.map((row, at) => {
    const active = whereTaken(row, rows.slice(0, at), configurations).reduce((all, each) => all | each, 0)
    return { ...row, scope: row.scope & active }
  })
}
