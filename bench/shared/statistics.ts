import { seeded } from '../../test/storm/random.js'
import { quantile } from '../../test/storm/summary.js'

export interface Spread {
  readonly low: number
  readonly middle: number
  readonly high: number
}

/** Values by process. */
export type Samples = readonly (readonly number[])[]

const inOrder = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)
const median = (values: readonly number[]): number => quantile(inOrder(values), 0.5)

/** The median and the interquartile range. */
export function spread(values: readonly number[]): Spread {
  const sorted = inOrder(values)
  return { low: quantile(sorted, 0.25), middle: quantile(sorted, 0.5), high: quantile(sorted, 0.75) }
}

/** Ratios to the same round of another contender: other load on the machine affects both. */
export function ratios(values: readonly number[], base: readonly number[]): number[] {
  return values.map((value, round) => value / base[round]!)
}

export const showSpread = ({ low, middle, high }: Spread, digits = 2): string =>
  `${middle.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`

const runs = 400

/**
 * Resamples: draws processes with replacement, and rounds of each. Both, because the rounds of one process are
 * correlated (they share its compiled code).
 */
function redrawn(samples: Samples, random: () => number): number {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  return median(
    samples.flatMap(() => {
      const rounds = pick(samples)
      return rounds.map(() => pick(rounds))
    }),
  )
}

function middleOfRuns(figure: (random: () => number) => number): Spread {
  // A fixed seed, so that the same samples give the same result.
  const random = seeded(1)
  const figures = inOrder(Array.from({ length: runs }, () => figure(random)))
  return { low: quantile(figures, 0.025), middle: quantile(figures, 0.5), high: quantile(figures, 0.975) }
}

/** The 95 % confidence interval of the median (bootstrap). */
export const confidence = (samples: Samples): Spread => middleOfRuns((random) => redrawn(samples, random))

/** The same for the ratio of two medians. */
export const confidenceOfRatio = (of: Samples, to: Samples): Spread =>
  middleOfRuns((random) => redrawn(of, random) / redrawn(to, random))

export type Side = 'below' | 'above' | 'unclear'

type Sure = Pick<Spread, 'low' | 'high'>

/** On which side of a bound a figure lies, if the run can tell. */
export function sideOf({ low, high }: Sure, bound: number): Side {
  if (high < bound) return 'below'
  return low > bound ? 'above' : 'unclear'
}

/** Whether a figure meets its goal. */
export function verdict({ low, high }: Sure, bound: number): string {
  if (high <= bound) return 'met'
  return low > bound ? 'not met' : 'too close to tell'
}
