import type { AnyStateMachine, AnyStateNode } from 'xstate'

// States as numbers, and sets of states as masks.

export type Node = AnyStateNode

export const children = (node: Node): Node[] => Object.values(node.states)

const descend = (node: Node): Node[] => [node, ...children(node).flatMap(descend)]

/** Around a state, from the inside out; up to a state that is not among them. */
export function ancestors(node: Node, upTo?: Node): Node[] {
  const { parent } = node
  return node === upTo || parent === undefined || parent === upTo ? [] : [parent, ...ancestors(parent, upTo)]
}

export const isInside = (node: Node, outer: Node): boolean => ancestors(node).includes(outer)

/** The states that are entered together with this one, if no target says otherwise. It is the first. */
export function defaults(node: Node): Node[] {
  if (node.type === 'parallel') return [node, ...children(node).flatMap(defaults)]
  const [first] = node.type === 'compound' ? (node.initial.target ?? []) : []
  return first === undefined ? [node] : [node, ...defaults(first as Node)]
}

/** Each set of states in a state that can be active together, this one included. */
export function configurations(node: Node): Node[][] {
  if (node.type === 'compound')
    return children(node).flatMap((child) => configurations(child).map((set) => [node, ...set]))
  return children(node).reduce<Node[][]>(
    (sets, region) => sets.flatMap((set) => configurations(region).map((more) => [...set, ...more])),
    [[node]],
  )
}

/** How people find a state: by its path, as in `live.open`. */
export const nameOf = (node: Node): string => (node.parent === undefined ? 'the root' : node.path.join('.'))

/** The states of a chart in document order. A state's number is its place in it. */
export class States {
  readonly list: readonly Node[]
  readonly root: Node

  constructor({ root }: AnyStateMachine) {
    this.root = root
    this.list = descend(root).toSorted((one, other) => one.order - other.order)
  }

  number(node: Node): number {
    return this.list.indexOf(node)
  }

  mask(nodes: Iterable<Node>): number {
    return [...new Set(nodes)].reduce((bits, node) => bits | (1 << this.number(node)), 0)
  }
}
