/** A transition, with its functions by name. */
export interface CompiledRow {
  readonly source: number
  /** `0`: it always holds. */
  readonly guard: string
  readonly scope: number
  readonly entered: number
  /** Each as code: an effect in quotes, the name of a function, or what the context becomes. */
  readonly actions: readonly string[]
}

export interface CompiledDelay {
  readonly delay: string
  readonly rows: readonly CompiledRow[]
}

/** A chart as numbers and names: states are numbers in document order, sets of states are masks. */
export interface CompiledChart {
  readonly names: readonly string[]
  readonly parents: readonly number[]
  readonly initial: number
  /** The states that say each tag; those inside have it too. */
  readonly tags: ReadonlyMap<string, number>
  readonly invoking: number
  /** The function that computes the input of the actor. */
  readonly input: string
  readonly entries: ReadonlyMap<number, readonly string[]>
  readonly delays: ReadonlyMap<number, CompiledDelay>
  readonly events: ReadonlyMap<string, readonly CompiledRow[]>
  /** The functions that are named above. */
  readonly used: readonly string[]
}
