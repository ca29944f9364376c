/**
 * How long an attempt may take in all (provider, handshake, `prepare`), after so many failures. Milliseconds.
 *
 * max(10 s, min(30 s, 1 s · 2ⁿ)): it grows with the backoff, because a crowded server answers late and browsers hold
 * back the attempts that follow failures; a deadline that stayed short would never let one through.
 */
export function connectDeadline(failures: number): number {
  return Math.max(10_000, Math.min(30_000, 1_000 * 2 ** failures))
}
