import { outsideAngular } from '../environment/zone.js'
import { explain } from '../errors.js'
import { ignore, isThenable, onRejection } from '../guards.js'
import { plainClock, type Clock } from './timers.js'

/**
 * The runtime's clock and timers, the default of the option `clock`. Outside Angular's zone, so timers don't trigger view checks.
 */
export const systemClock: Clock = {
  ...plainClock,
  setTimeout: (callback, delay) => outsideAngular(() => setTimeout(callback, delay)),
}

/** Reads the clock. Throws if it throws or returns an invalid time. */
export function readClock(clock: Clock, which: 'now' | 'wall'): number {
  const time: unknown = clock[which]()
  if (typeof time === 'number' && Number.isFinite(time)) return time
  onRejection(time, ignore)
  throw new TypeError(
    explain('ERR_ENVIRONMENT', 'not-a-time', [which, typeof time === 'number' ? String(time) : typeof time]),
  )
}

/** Sets a timer. Throws if the clock throws, or returns a promise. */
export function setTimer(clock: Clock, callback: () => void, delay: number): unknown {
  const handle = clock.setTimeout(callback, delay)
  if (!isThenable(handle)) return handle
  onRejection(handle, ignore)
  throw new TypeError(explain('ERR_ENVIRONMENT', 'not-a-timer', []))
}

/** Lets a Node process exit while the timer waits. */
export function unref(handle: unknown): void {
  ;(handle as { unref?: () => void } | undefined)?.unref?.()
}
