import type { Storm } from './simulation.js'

/** The figures of a storm, or of several that differ only in their seed. Times in milliseconds. */
export interface Summary {
  /** The most arrivals in 100 ms. */
  readonly peak: number
  /** The time by which half of the clients, and 99 % of them, were back; `Infinity` if they never were. */
  readonly p50: number
  readonly p99: number
  readonly attempts: number
}

/** The quantile of sorted values: the smallest one that this fraction does not exceed. */
export function quantile(sorted: ArrayLike<number>, part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN
}

export function summarize({ peak, recoveries, attempts }: Storm): Summary {
  return { peak, p50: quantile(recoveries, 0.5), p99: quantile(recoveries, 0.99), attempts }
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The median of each figure separately. */
export function medianOf(summaries: readonly Summary[]): Summary {
  const of = (name: keyof Summary): number => median(summaries.map((each) => each[name]))
  return { peak: of('peak'), p50: of('p50'), p99: of('p99'), attempts: of('attempts') }
}
