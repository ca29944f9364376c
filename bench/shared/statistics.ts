import { seeded } from '../../test/storm/random.js'
import { quantile } from '../../test/storm/summary.js'

export interface Spread {
  readonly low: number
  readonly middle: number
  readonly high: number
}

/** Values by the process they come from. */
export type Samples = readonly (readonly number[])[]

const inOrder = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)
const median = (values: readonly number[]): number => quantile(inOrder(values), 0.5)

/** The median, and the half of all values around it. */
export function spread(values: readonly number[]): Spread {
  const sorted = inOrder(values)
  return { low: quantile(sorted, 0.25), middle: quantile(sorted, 0.5), high: quantile(sorted, 0.75) }
}

/** Round by round against the same round of another: what the machine does besides hits both. */
export function ratios(values: readonly number[], base: readonly number[]): number[] {
  return values.map((value, round) => value / base[round]!)
}

export const showSpread = ({ low, middle, high }: Spread, digits = 2): string =>
  `${middle.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`

const runs = 400

/**
 * As if all had been measured again: processes are drawn anew from those that there were, and rounds from theirs. Both, because
 * what the rounds of one process have in common (how its code was compiled) is one piece of luck, and not many.
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
  // The same dice each time: the same samples give the same answer.
  const random = seeded(1)
  const figures = inOrder(Array.from({ length: runs }, () => figure(random)))
  return { low: quantile(figures, 0.025), middle: quantile(figures, 0.5), high: quantile(figures, 0.975) }
}

/** Between what the median would lie in 95 of 100 runs like this one (a bootstrap). */
export const confidence = (samples: Samples): Spread => middleOfRuns((random) => redrawn(samples, random))

/** The same for how often the median of one is contained in that of another. */
export const confidenceOfRatio = (of: Samples, to: Samples): Spread =>
  middleOfRuns((random) => redrawn(of, random) / redrawn(to, random))

export type Side = 'below' | 'above' | 'unclear'

type Sure = Pick<Spread, 'low' | 'high'>

/** On which side of a bound a figure lies, if the run can tell. */
export function sideOf({ low, high }: Sure, bound: number): Side {
  if (high < bound) return 'below'
  return low > bound ? 'above' : 'unclear'
}

/** Whether a figure is as small as it should be. */
export function verdict({ low, high }: Sure, bound: number): string {
  if (high <= bound) return 'met'
  return low > bound ? 'not met' : 'too close to tell'
}
