import type { ContextUpdate, Given } from './connection.logic.js'
import type { ConnectionEvent, Effect, ReadyStateTag } from './connection.types.js'

// The shape of a compiled chart. A state is a number, counted in document order; a set of states is a mask of bits.

/** What is to be done outside, by its name; or what the context becomes. */
export type Action = Effect | ContextUpdate | ((given: Given) => ContextUpdate)

/**
 * One transition. `scope`: the states that are left, if they are active. `entered`: the states that are entered, ancestors first.
 * Both 0: the event is taken, and changes no state. A guard of 0 always holds.
 */
export type Row = readonly [
  source: number,
  guard: ((given: Given) => boolean) | 0,
  scope: number,
  entered: number,
  ...actions: Action[],
]

/** The transitions of each event, in the order in which they are asked: the innermost state first. */
export type Events = { readonly [T in ConnectionEvent['type']]?: readonly Row[] }

/** What each state does on entry. */
export type Entries = Readonly<Record<number, readonly Action[] | undefined>>

/** How long each state waits, and the transitions of that moment. */
export type Delays = Readonly<
  Record<number, readonly [delay: (given: Given) => number, rows: readonly Row[]] | undefined>
>

/** The states that say each tag. It holds while one of them is active. */
export type Tags = Readonly<Record<ReadyStateTag, number>>
