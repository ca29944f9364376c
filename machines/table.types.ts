import type { ContextUpdate, Given } from './connection.logic.js'
import type { ConnectionEvent, Effect, ReadyStateTag } from './connection.types.js'

// The compiled chart. A state is its number in document order; a set of states is a bit mask.

/** The name of an effect, or an update of the context. */
export type Action = Effect | ContextUpdate | ((given: Given) => ContextUpdate)

/**
 * One transition. `scope`: the states to leave, if active. `entered`: the states to enter, ancestors first. Both are 0 if the event is
 * handled without a change of state. A guard of 0 always holds.
 */
export type Row = readonly [
  source: number,
  guard: ((given: Given) => boolean) | 0,
  scope: number,
  entered: number,
  ...actions: Action[],
]

/** The transitions of each event, in order of priority: innermost state first. */
export type Events = { readonly [T in ConnectionEvent['type']]?: readonly Row[] }

/** The entry actions of each state. */
export type Entries = Readonly<Record<number, readonly Action[] | undefined>>

/** The delay of each state and its transitions. */
export type Delays = Readonly<
  Record<number, readonly [delay: (given: Given) => number, rows: readonly Row[]] | undefined>
>

/** The states with each tag, which holds while one of them is active. */
export type Tags = Readonly<Record<ReadyStateTag, number>>
