import { outsideAngular } from './zone.js'

/** Where time comes from. Give your own for tests; `statewire/testing` has one. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Milliseconds since 1970, for what people are shown, and to notice that the machine slept. */
  wall(): number
  setTimeout(callback: () => void, delay: number): unknown
  clearTimeout(handle: unknown): void
}

/** The runtime's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  setTimeout: (callback, delay) => outsideAngular(() => setTimeout(callback, delay)),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}
