import type { CompiledRow } from './compiled.types.js'

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
