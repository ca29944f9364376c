import fc from 'fast-check'

/**
 * Runs a model with many seeds, until one goes wrong. The seeds are the same in each run; `fc` tells the one that went wrong, and a
 * model with that seed does the same again.
 */
export function firstFailure(runs: number, run: (seed: number) => readonly string[]): string | undefined {
  const property = fc.property(fc.integer(), (seed) => {
    const wrong = run(seed)
    if (wrong.length > 0) throw new Error(`seed ${seed}: ${wrong.join(', ')}`)
  })
  const result = fc.check(property, { seed: 1, numRuns: runs, endOnFailure: true })
  return result.failed ? (result.errorInstance as Error).message : undefined
}
