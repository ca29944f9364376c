import { quantile } from '../storm/summary.js'

export interface Spread {
  readonly low: number
  readonly middle: number
  readonly high: number
}

/** The median, and the half of all values around it. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { low: quantile(sorted, 0.25), middle: quantile(sorted, 0.5), high: quantile(sorted, 0.75) }
}

/** Round by round against the same round of another: what the machine does besides hits both. */
export function ratios(values: readonly number[], base: readonly number[]): Spread {
  return spread(values.map((value, round) => value / base[round]!))
}

export const showSpread = ({ low, middle, high }: Spread, digits = 2): string =>
  `${middle.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`
