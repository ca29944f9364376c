import { eventName } from '../../machines/picture/arrows.js'
import {
  allNodes,
  arrival,
  children,
  descend,
  initialOf,
  isWithin,
  ownBranches,
  root,
  type Branch,
  type Node,
} from '../../machines/picture/model.js'

interface Edge {
  readonly from: Node
  readonly to: Node
  readonly event: string
  readonly guard: string | undefined
}

/**
 * Mermaid draws no edge between a state and one that contains it. Such an edge starts at each state inside instead, save those
 * that have an answer of their own, and ends where one arrives.
 */
function drawable({ source, target, guard }: Branch, eventType: string): Edge[] {
  if (target === undefined) return []
  const to = isWithin(source, target) ? arrival(target) : target
  const start = (from: Node): Node[] => {
    if (from !== source && ownBranches(from, eventType).some((branch) => branch.guard === undefined)) return []
    return from === to || !isWithin(to, from) ? [from] : children(from).flatMap(start)
  }
  return start(source)
    .filter((from) => from !== to || source === to || isWithin(source, target))
    .map((from) => ({ from, to, guard, event: eventName(source, eventType) }))
}

const edges = allNodes.flatMap((node) =>
  [...node.transitions.keys()].flatMap((eventType) =>
    ownBranches(node, eventType).flatMap((branch) => drawable(branch, eventType)),
  ),
)

/** `world.online, world.woke` is long; `world.online, woke` says the same. */
function joinEvents(events: readonly string[]): string {
  let before = ''
  return events
    .map((event) => {
      const group = event.includes('.') ? event.slice(0, event.indexOf('.') + 1) : ''
      const text = group !== '' && group === before ? event.slice(group.length) : event
      before = group
      return text
    })
    .join(', ')
}

/** One arrow from here to there, with a line for each guard: Mermaid draws two arrows over each other. */
function renderEdges(some: readonly Edge[]): string[] {
  const arrows = new Map<string, Map<string, string[]>>()
  for (const { from, to, event, guard } of some) {
    const arrow = `${from.key} --> ${to.key}`
    const labels = arrows.get(arrow) ?? new Map<string, string[]>()
    arrows.set(arrow, labels)
    const suffix = guard === undefined ? '' : ` [${guard}]`
    const events = labels.get(suffix) ?? []
    if (!events.includes(event)) labels.set(suffix, [...events, event])
  }
  return [...arrows].map(([arrow, labels]) => {
    const lines = [...labels].map(([suffix, events]) => joinEvents(events) + suffix)
    return `${arrow} : ${lines.join('<br>')}`
  })
}

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`)

/** A state with what is in it. An edge that leaves its parent is left to the end: mentioned here, it would move a state. */
function renderNode(node: Node): string[] {
  if (node.type === 'atomic') return [node.key]
  const regions = children(node)
  const inside =
    node.type === 'parallel'
      ? regions.flatMap((region, index) => [...(index > 0 ? ['--'] : []), ...renderNode(region)])
      : renderCompound(node)
  return [`state ${node.key} {`, ...indent(inside), '}']
}

function renderCompound(node: Node): string[] {
  const inside = edges.filter(({ from, to }) => from.parent === node && to.parent === node)
  return [`[*] --> ${initialOf(node)!.key}`, ...children(node).flatMap(renderNode), ...renderEdges(inside)]
}

/** The whole chart as a Mermaid state diagram. */
export function renderDiagram(): string {
  const keys = descend(root).map(({ key }) => key)
  if (new Set(keys).size < keys.length) throw new Error('two states share a key: Mermaid would draw them as one')
  const across = edges.filter(({ from, to }) => from.parent !== to.parent)
  return ['stateDiagram-v2', ...indent(['direction TB', ...renderCompound(root), ...renderEdges(across)])].join('\n')
}
