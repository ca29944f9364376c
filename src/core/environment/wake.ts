import { onRejection } from '../guards.js'
import { readClock, setTimer, systemClock, unref } from '../time/clock.js'
import type { Clock } from '../time/timers.js'

/** How often the clock is checked. Milliseconds. */
const tick = 5_000

/** A check that is this late means that the machine or the page slept. Milliseconds. */
const gap = tick

export interface WakeListener {
  woke(): void
  /** The clock threw, so no gap can be detected. */
  clockFailed(thrown: unknown): void
}

interface Ticker {
  readonly listeners: Set<WakeListener>
  /** The clock that set `handle`. */
  clock: Clock
  handle: unknown
}

/** One ticker for all connections on a clock. */
const tickers = new WeakMap<Clock, Ticker>()

/**
 * Calls `woke` when time has a gap, until `offWake`. There is no other sign of sleep in Node, or in a page that was not frozen.
 *
 * Checks both clocks, because on some systems the monotonic one stops during sleep. A wall clock that is set forward looks the same and
 * costs one probe.
 */
export function onWake(clock: Clock, listener: WakeListener): void {
  const ticker = tickers.get(clock) ?? { listeners: new Set(), clock, handle: undefined }
  tickers.set(clock, ticker)
  ticker.listeners.add(listener)
  if (ticker.listeners.size === 1) arm(clock, ticker)
}

export function offWake(clock: Clock, listener: WakeListener): void {
  const ticker = tickers.get(clock)
  if (!ticker?.listeners.delete(listener) || ticker.listeners.size > 0) return
  onRejection(ticker.clock.clearTimeout(ticker.handle), (thrown) => listener.clockFailed(thrown))
}

function arm(clock: Clock, ticker: Ticker): void {
  const failed = (thrown: unknown): void => ticker.listeners.forEach((listener) => listener.clockFailed(thrown))
  const read = (): { now: number; wall: number } | undefined => {
    try {
      return { now: readClock(clock, 'now'), wall: readClock(clock, 'wall') }
    } catch (thrown) {
      failed(thrown)
      return undefined
    }
  }
  const before = read()
  const look = (): void => {
    if (ticker.listeners.size === 0) return
    const after = read()
    arm(clock, ticker)
    if (before === undefined || after === undefined) return
    const gone = Math.max(after.now - before.now, after.wall - before.wall)
    if (gone > tick + gap) for (const listener of ticker.listeners) listener.woke()
  }
  ticker.clock = clock
  try {
    ticker.handle = setTimer(clock, look, tick)
    // It must not keep a process running.
    unref(ticker.handle)
  } catch (thrown) {
    failed(thrown)
    ticker.clock = systemClock
    ticker.handle = systemClock.setTimeout(look, tick)
    unref(ticker.handle)
  }
}
