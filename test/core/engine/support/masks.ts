import { connectionMachine } from '../../../../machines/connection.machine.js'
import { children, States, type Node } from '../../../../scripts/chart/compiler/nodes.js'

const states = new States(connectionMachine)
const known = new Map<string, number>()

function activeIn(node: Node, value: unknown): Node[] {
  if (typeof value === 'string') return [node, ...children(node).filter(({ key }) => key === value)]
  const inner = Object.entries(value as object)
  return [
    node,
    ...children(node).flatMap((child) =>
      inner.flatMap(([key, each]) => (key === child.key ? activeIn(child, each) : [])),
    ),
  ]
}

/** The active states as a mask, from a state value in XState's form. */
export function maskOf(value: object): number {
  const text = JSON.stringify(value)
  const mask = known.get(text) ?? states.mask(activeIn(states.root, value))
  known.set(text, mask)
  return mask
}
