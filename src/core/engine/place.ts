import { names, parents, tags } from '../../../machines/connection.table.js'
import type { ReadyStateTag } from '../../../machines/connection.types.js'
import type { ChartState } from './engine.types.js'

/** A set of states that are active together. There are few, so all connections share their descriptions. */
export interface Place {
  /** The active states, as a mask. */
  readonly active: number
  readonly state: ChartState
  readonly tag: ReadyStateTag
  readonly value: object
}

type Value = string | { [name: string]: Value }

const places: Record<number, Place> = {}

export const placeOf = (active: number): Place => (places[active] ??= describe(active))

const isActive = (active: number, state: number): boolean => ((active >> state) & 1) !== 0

function describe(active: number): Place {
  const keys = names.split(' ')
  const value = valueOf(active, 0, keys) as Record<string, Value>
  const [inner] = Object.values(value)
  const state = (typeof inner === 'string' ? inner : Object.keys(inner!)[0]) as ChartState
  const tag = (Object.keys(tags) as ReadyStateTag[]).find((name) => (tags[name] & active) !== 0)!
  return { active, state, tag, value }
}

/**
 * The value of a state in XState's format: the name of its active leaf, or an object by the names of active compound states.
 */
function valueOf(active: number, state: number, keys: readonly string[]): Value {
  const inside = keys.flatMap((_, each) => (isActive(active, each) && parents[each] === state ? [each] : []))
  const values = inside.map((each) => valueOf(active, each, keys))
  // Only parallel states have several active children, and their regions are never leaves.
  const [only] = values
  if (typeof only === 'object' && Object.keys(only).length === 0) return keys[inside[0]!]!
  return Object.fromEntries(inside.map((each, at) => [keys[each]!, values[at]!]))
}
