import { bag, checkFraction, checkList, checkRange, duration } from '../factory-checks/checks.js'

/** What a backoff may look at. */
export interface BackoffInput {
  /** How many losses and failed attempts in a row; 1 after the first. */
  readonly attempt: number
  /** The delay before this one, in milliseconds; undefined on the first. */
  readonly previous: number | undefined
  /**
   * How long the server asked to be left alone. Milliseconds, not capped; `undefined`: it did not ask. What you return is
   * added to it, up to `maxServerDelay`, so that clients that were told the same come back apart.
   */
  readonly serverDelay?: number | undefined
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/** How long to wait before the next attempt, in milliseconds. */
export type Backoff = (input: BackoffInput) => number

/** By itself, so that a bundle with this factory has not the others' as well. */
const fullJitterDefaults = { floor: 250, base: 1_000, cap: 30_000 } as const
/** What the factories assume where an option is left out. Milliseconds; `jitter` is a fraction. */
export const backoffDefaults = {
  fullJitter: fullJitterDefaults,
  equalJitter: { base: 1_000, cap: 30_000 },
  decorrelatedJitter: { base: 1_000, cap: 30_000 },
  fixedBackoff: { jitter: 0 },
  sequenceBackoff: { jitter: 0 },
} as const

/** An exponential range: where it starts and where it stops growing. */
export interface ExponentialOptions {
  /**
   * The range after the first failure; it doubles with each further one. Milliseconds, 1 or more.
   * @default 1_000
   */
  base?: number | undefined
  /**
   * What the range never exceeds. Milliseconds, at least `base`.
   * @default 30_000
   */
  cap?: number | undefined
}

export interface FullJitterOptions extends ExponentialOptions {
  /**
   * What is waited in any case, so that a flapping server is never dialled in a tight loop. Milliseconds.
   * @default 250
   */
  floor?: number | undefined
}

export interface JitterOptions {
  /**
   * How far a delay may stray, as a fraction of itself: 0.2 is ±20 %. From 0 to 1.
   * Trap: without jitter, clients that lost their server together come back together.
   * @default 0
   */
  jitter?: number | undefined
}

/** 2ⁿ overflows to Infinity after 1024 failures; the cap absorbs that. */
function ceiling(attempt: number, base: number, cap: number): number {
  return Math.min(cap, base * 2 ** Math.max(0, attempt - 1))
}

function stray(delay: number, jitter: number, random: () => number): number {
  return jitter === 0 ? delay : delay * (1 + jitter * (2 * random() - 1))
}

/** What `fullJitter()` waits, without the checks. */
export function jitter(
  { attempt, random }: BackoffInput,
  { floor, base, cap }: { floor: number; base: number; cap: number } = fullJitterDefaults,
): number {
  return floor + random() * ceiling(attempt, base, cap)
}

/**
 * Waits `floor` + U(0, min(`cap`, `base` · 2ⁿ)): spreads a herd best, and is the default.
 *
 * Throws `ERR_OPTION` at once for a wrong value, except in a browser's production bundle.
 * Source: AWS, "Exponential Backoff And Jitter"; the floor is ours.
 */
export function fullJitter(options: FullJitterOptions = {}): Backoff {
  const defaults = fullJitterDefaults
  const given = bag<FullJitterOptions>('fullJitter', options, ['floor', 'base', 'cap'])
  const { floor = defaults.floor, base = defaults.base, cap = defaults.cap } = given
  duration('fullJitter.floor', floor)
  checkRange('fullJitter', base, cap)
  return (input) => jitter(input, { floor, base, cap })
}

/**
 * Waits half of min(`cap`, `base` · 2ⁿ) for certain and up to the other half at random.
 *
 * Throws `ERR_OPTION` at once for a wrong value, except in a browser's production bundle.
 * Source: AWS, "Exponential Backoff And Jitter".
 */
export function equalJitter(options: ExponentialOptions = {}): Backoff {
  const defaults = backoffDefaults.equalJitter
  const given = bag<ExponentialOptions>('equalJitter', options, ['base', 'cap'])
  const { base = defaults.base, cap = defaults.cap } = given
  checkRange('equalJitter', base, cap)
  return ({ attempt, random }) => (ceiling(attempt, base, cap) / 2) * (1 + random())
}

/**
 * Waits min(`cap`, U(`base`, 3 · the delay before)): grows by its own past, not by the attempt.
 *
 * Throws `ERR_OPTION` at once for a wrong value, except in a browser's production bundle.
 * Source: AWS, "Exponential Backoff And Jitter".
 */
export function decorrelatedJitter(options: ExponentialOptions = {}): Backoff {
  const defaults = backoffDefaults.decorrelatedJitter
  const given = bag<ExponentialOptions>('decorrelatedJitter', options, ['base', 'cap'])
  const { base = defaults.base, cap = defaults.cap } = given
  checkRange('decorrelatedJitter', base, cap)
  return ({ previous, random }) => {
    // The delay before may have been the server's wish rather than ours, hence outside our range.
    const before = Math.min(cap, Math.max(base, previous ?? base))
    return Math.min(cap, base + random() * (3 * before - base))
  }
}

/**
 * Waits the same `delay` each time, in milliseconds, give or take `jitter`.
 *
 * Throws `ERR_OPTION` at once for a wrong value, except in a browser's production bundle.
 * Trap: a delay of 0 dials a dead server in a tight loop.
 */
export function fixedBackoff(delay: number, options: JitterOptions = {}): Backoff {
  const { jitter = backoffDefaults.fixedBackoff.jitter } = bag<JitterOptions>('fixedBackoff', options, ['jitter'])
  duration('fixedBackoff.delay', delay)
  checkFraction('fixedBackoff.jitter', jitter)
  return ({ random }) => stray(delay, jitter, random)
}

/**
 * Waits the given `delays` one after the other, in milliseconds; the last one repeats for ever.
 *
 * Throws `ERR_OPTION` at once for a wrong value or an empty list, except in a browser's production bundle. The list is copied.
 */
export function sequenceBackoff(delays: readonly number[], options: JitterOptions = {}): Backoff {
  checkList('sequenceBackoff.delays', delays)
  const { jitter = backoffDefaults.sequenceBackoff.jitter } = bag<JitterOptions>('sequenceBackoff', options, ['jitter'])
  const waits = Array.from(delays, (delay: unknown, index) => duration(`sequenceBackoff.delays[${index}]`, delay))
  checkFraction('sequenceBackoff.jitter', jitter)
  const last = waits.length - 1
  return ({ attempt, random }) => stray(waits[Math.min(last, Math.max(0, attempt - 1))] ?? 0, jitter, random)
}
