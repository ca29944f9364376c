import { duration, isBlob, tagOf, wrongOption } from '../checks.js'

// For Node, Deno, Bun, workerd, React Native and development: invalid values throw `ERR_OPTION`.

export { bag, duration, isConstructor } from '../checks.js'
export { checkHeartbeat, checkTiming } from '../policies/profile.js'

/** Checks the exponential range of a backoff. */
export function checkRange(factory: string, base: number, cap: number): void {
  // A base of 0 would never grow, and 0 · 2ⁿ is NaN once 2ⁿ has overflowed.
  duration(`${factory}.base`, base, { min: 1 })
  duration(`${factory}.cap`, cap)
  if (cap < base) wrongOption(`${factory}.cap`, cap, 'too-small', `${factory}.base`, base)
}

export function checkFraction(option: string, value: unknown): void {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) wrongOption(option, value, 'not-a-fraction')
}

export function checkList(option: string, value: unknown): void {
  if (!Array.isArray(value) || value.length === 0) wrongOption(option, value, 'not-a-list')
}

/** Checks for a message or a function. */
export function checkSendable(option: string, value: unknown): void {
  const isData =
    typeof value === 'string' || ArrayBuffer.isView(value) || tagOf(value) === 'ArrayBuffer' || isBlob(value)
  if (!isData && typeof value !== 'function') wrongOption(option, value, 'not-sendable')
}

export function checkMatcher(option: string, value: unknown): void {
  if (typeof value !== 'string' && typeof value !== 'function') wrongOption(option, value, 'not-a-matcher')
}

/** Checks a heartbeat's reply, which needs a ping. */
export function checkAnswer(answer: unknown, ping: unknown): void {
  if (answer === undefined) return
  checkSendable('heartbeat.answer', answer)
  if (ping === undefined) wrongOption('heartbeat.answer', answer, 'answer-alone', 'heartbeat.ping')
}
