import type { CloseInfo } from '../transport.js'

/**
 * Name, `=` or `:`, number, unit. Case-insensitive; spaces between the parts and quotes around name and value are allowed:
 *
 *     hint = ("retry-after" | "retry_after") ("=" | ":") digits ["." digits] ["ms" | "s"]
 *
 * Without a unit, seconds, as in HTTP. The end or one of `, ; . ) ] }` must follow, so "retry-after=5 minutes" and "retry-after=5e3" are
 * ignored rather than misread.
 */
const reasonHint =
  /(?:^|[^\w-])retry[-_]after["']?\s*[=:]\s*["']?(\d+(?:\.\d+)?)\s*(ms|s)?["']?\s*(?:$|[,;)\]}]|\.(?:\s|$))/i

/** Milliseconds; NaN if there is no hint. */
function hintIn(reason: string): number {
  const found = reasonHint.exec(reason)
  return Number(found?.[1]) * (found?.[2]?.toLowerCase() === 'ms' ? 1 : 1_000)
}

/**
 * The delay that the server asked for, in milliseconds, before the cap of `maxServerDelay`; `undefined` if it asked for none or for 0.
 *
 * The longer of `Retry-After` of a refused upgrade (already in milliseconds) and a hint in the close reason, such as
 * `overloaded, retry-after=5` or `retry_after: 1500ms`.
 */
export function serverDelay(loss: {
  readonly retryAfter: number | undefined
  readonly close: CloseInfo
}): number | undefined {
  // NaN is filtered out: it compares false.
  const asked = [loss.retryAfter ?? 0, hintIn(loss.close.reason)].filter((wait) => wait > 0)
  return asked.length > 0 ? Math.min(Number.MAX_SAFE_INTEGER, Math.max(...asked)) : undefined
}

/** The minimum wait for each loss in a row; the maximum is twice that. */
const slowFloors = [2_000, 15_000, 30_000, 150_000] as const

/**
 * The wait after a server reported overload (1013), in milliseconds: at most 4, 30, 60, then 300 s.
 *
 * Uniform over the upper half of each, which spreads many clients and keeps every wait at 2 s or more.
 */
export function slowDelay({ streak, random }: { readonly streak: number; readonly random: () => number }): number {
  const floor = slowFloors[Math.min(slowFloors.length, Math.max(1, streak)) - 1] ?? slowFloors[0]
  return floor * (1 + random())
}
