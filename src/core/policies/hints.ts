import type { CloseInfo } from '../transport.js'

/**
 * name, `=` or `:`, number, unit; case is ignored, spaces may stand between, quotes may surround name and value:
 *
 *     hint = ("retry-after" | "retry_after") ("=" | ":") digits ["." digits] ["ms" | "s"]
 *
 * Seconds without a unit, as in HTTP. What follows must be the end or one of `, ; . ) ] }`: "retry-after=5 minutes" and
 * "retry-after=5e3" are not understood, and so not followed, rather than misread.
 */
const reasonHint =
  /(?:^|[^\w-])retry[-_]after["']?\s*[=:]\s*["']?(\d+(?:\.\d+)?)\s*(ms|s)?["']?\s*(?:$|[,;)\]}]|\.(?:\s|$))/i

/** Milliseconds; NaN where there is none. */
function hintIn(reason: string): number {
  const found = reasonHint.exec(reason)
  return Number(found?.[1]) * (found?.[2]?.toLowerCase() === 'ms' ? 1 : 1_000)
}

/**
 * How long the server asked us to wait: milliseconds; `undefined` if it did not ask. Not capped: the option `maxServerDelay` is.
 *
 * Looks at `Retry-After` of a refused upgrade (already in milliseconds) and at the close reason, such as
 * `overloaded, retry-after=5` or `retry_after: 1500ms`; the longer one counts. A wait of 0 asks for nothing.
 */
export function serverDelay(loss: {
  readonly retryAfter: number | undefined
  readonly close: CloseInfo
}): number | undefined {
  // NaN compares false, so it asks for nothing either.
  const asked = [loss.retryAfter ?? 0, hintIn(loss.close.reason)].filter((wait) => wait > 0)
  return asked.length > 0 ? Math.min(Number.MAX_SAFE_INTEGER, Math.max(...asked)) : undefined
}

/** The shortest wait for each loss in a row; the longest is twice that. */
const slowFloors = [2_000, 15_000, 30_000, 150_000] as const

/**
 * The wait after a server said that it is overloaded (1013): growing to 4, 30, 60, 300 s. Milliseconds.
 *
 * Uniform over the upper half of each, so that a herd spreads and no wait is under 2 s.
 */
export function slowDelay({ streak, random }: { readonly streak: number; readonly random: () => number }): number {
  const floor = slowFloors[Math.min(slowFloors.length, Math.max(1, streak)) - 1] ?? slowFloors[0]
  return floor * (1 + random())
}
