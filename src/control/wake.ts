import type { Clock } from './clock.js'

/** How often we look at the clock. Milliseconds. */
const tick = 5_000

/** A look that comes this much late means that the machine slept (or that the page did). */
const gap = tick

interface Ticker {
  readonly listeners: Set<() => void>
  handle: unknown
}

/** One ticker for all connections on a clock. */
const tickers = new WeakMap<Clock, Ticker>()

/**
 * Calls back when time has a gap: nothing else tells Node, or a page that was not frozen, that the machine slept.
 * Both clocks are watched, since on some systems the monotonic one stops in sleep; a wall clock that is set forward looks the
 * same, and costs a probe.
 */
export function onWake(clock: Clock, callback: () => void): () => void {
  const ticker = tickers.get(clock) ?? { listeners: new Set(), handle: undefined }
  tickers.set(clock, ticker)
  const listener = (): void => callback()
  ticker.listeners.add(listener)
  if (ticker.listeners.size === 1) arm(clock, ticker)
  return () => {
    if (ticker.listeners.delete(listener) && ticker.listeners.size === 0) clock.clearTimeout(ticker.handle)
  }
}

function arm(clock: Clock, ticker: Ticker): void {
  const now = clock.now()
  const wall = clock.wall()
  ticker.handle = clock.setTimeout(() => {
    const woke = clock.now() - now > tick + gap || clock.wall() - wall > tick + gap
    arm(clock, ticker)
    if (woke) for (const listener of ticker.listeners) listener()
  }, tick)
  // It watches; it is no reason for a process to stay.
  ;(ticker.handle as { unref?: () => void } | undefined)?.unref?.()
}
