import type { LostReport } from './settings.js'

export interface Tally {
  lost: number
  doubled: number
  reordered: number
}

/**
 * Compares what was handled with what was sent: 1, 2, 3, … up to `messages`. After a lost session, what it reported uncertain may be
 * missing, and what was sent again comes later.
 */
export function tallyHandled(effects: Int32Array, messages: number, losses: readonly LostReport[]): Tally {
  const uncertain = new Set(losses.flatMap((loss) => loss.uncertain))
  const tally: Tally = { lost: 0, doubled: 0, reordered: 0 }
  const counts = new Uint32Array(messages + 1)
  let highest = 0
  for (const value of effects) {
    if (counts[value]!++ > 0) tally.doubled++
    // Each one that overtakes; a doubled one is doubled, not reordered.
    else if (value < highest && losses.length === 0) tally.reordered++
    highest = Math.max(highest, value)
  }
  for (let value = 1; value <= messages; value++) if (counts[value] === 0 && !uncertain.has(value)) tally.lost++
  return tally
}

/** Compares what a client received with what was appended, in the order of the numbers. `losses`: sessions that it lost meanwhile. */
export function tallyReceived(
  received: Int32Array,
  appended: ReadonlyMap<number, number>,
  messages: number,
  losses: readonly LostReport[],
): Tally {
  const tally: Tally = { lost: 0, doubled: 0, reordered: 0 }
  const counts = new Uint32Array(messages + 1)
  for (const value of received) if (counts[value]!++ > 0) tally.doubled++
  for (let value = 1; value <= messages; value++) if (counts[value] === 0) tally.lost++
  if (losses.length > 0) return tally
  const ordered = [...appended].sort(([a], [b]) => a - b)
  for (const [at, [, value]] of ordered.entries()) if (received[at] !== value) tally.reordered++
  if (tally.lost + tally.doubled > 0) tally.reordered = 0
  return tally
}
