import { allNodes, isWithin, ownBranches, type Branch, type Node } from './model.js'

// The chart's transitions as a reader sees them: one arrow from here to there, with a line of text for each reason to take it.

/** A reason to take an arrow. */
export interface Reason {
  readonly text: string
  readonly guard: string | undefined
  /** In full, where the text says it shorter. */
  readonly full: string
}

export interface Arrow {
  readonly source: Node
  readonly target: Node
  /** The types of its events, as the chart knows them. */
  readonly events: readonly string[]
  readonly reasons: readonly Reason[]
}

const afterPrefix = 'xstate.after.'

/** `xstate.after.timeout.connection.live…` reads `after timeout`. */
export function eventName(node: Node, eventType: string): string {
  if (!eventType.startsWith(afterPrefix)) return eventType
  return `after ${String(node.after.find((after) => after.eventType === eventType)?.delay)}`
}

/** Asked of every event of a socket, and says that it is the present one: true of all arrows, so written at none. */
const unsaid = new Set<string | undefined>([undefined, 'current'])
const guardName = (guard: string): string => (guard === 'canPingCurrent' ? 'canPing' : guard)

/** From this many on, the events of one family are written as the family. */
const many = 4

function joined(events: readonly string[], short: boolean): string {
  const families = new Map<string, string[]>()
  for (const event of events) {
    const dot = event.indexOf('.')
    const family = dot === -1 ? '' : event.slice(0, dot + 1)
    families.set(family, [...(families.get(family) ?? []), event.slice(dot + 1)])
  }
  return [...families]
    .map(([family, names]) => {
      const prefix = short && family === 'environment.' ? 'env.' : family
      return short && family !== '' && names.length >= many ? `${prefix}*` : prefix + names.join(', ')
    })
    .join(', ')
}

function reasonsOf(branches: readonly (Branch & { eventType: string })[]): Reason[] {
  const byGuard = new Map<string | undefined, string[]>()
  for (const { source, guard, eventType } of branches) {
    const key = unsaid.has(guard) ? undefined : guardName(guard!)
    byGuard.set(key, [...(byGuard.get(key) ?? []), eventName(source, eventType)])
  }
  return [...byGuard].map(([guard, all]) => {
    const events = [...new Set(all)]
    return { guard, text: joined(events, true), full: joined(events, false) }
  })
}

/** All arrows, in the order of the chart. */
export const arrows: readonly Arrow[] = allNodes.flatMap((source) => {
  const byTarget = new Map<Node, (Branch & { eventType: string })[]>()
  for (const eventType of source.transitions.keys()) {
    for (const branch of ownBranches(source, eventType)) {
      if (branch.target === undefined) continue
      byTarget.set(branch.target, [...(byTarget.get(branch.target) ?? []), { ...branch, eventType }])
    }
  }
  return [...byTarget].map(([target, branches]) => ({
    source,
    target,
    events: [...new Set(branches.map(({ eventType }) => eventType))],
    reasons: reasonsOf(branches),
  }))
})

/** Whether an arrow is written in the box where it starts, and not drawn: one that leads back to where it is. */
export const isWritten = ({ source, target }: Arrow): boolean => isWithin(source, target)
