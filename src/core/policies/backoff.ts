import { bag, checkFraction, checkList, checkRange, duration } from '../factory-checks/checks.js'

/** The input of a backoff. */
export interface BackoffInput {
  /** The number of losses and failed attempts in a row, from 1. */
  readonly attempt: number
  /** The previous delay in milliseconds; `undefined` the first time. */
  readonly previous: number | undefined
  /**
   * The delay that the server asked for, in milliseconds and uncapped; `undefined` if it didn't. Your result is added to it (capped at
   * `maxServerDelay`), so clients that got the same delay don't return at the same time.
   */
  readonly serverDelay?: number | undefined
  /** Returns a uniform random number in [0, 1). */
  readonly random: () => number
}

/** Returns how long to wait before the next attempt, in milliseconds. Called synchronously after each loss that is retried. */
export type Backoff = (input: BackoffInput) => number

// Separate, so a bundle with only this factory doesn't contain the other defaults.
const fullJitterDefaults = { floor: 250, base: 1_000, cap: 30_000 } as const
/** The defaults of the backoff factories. Milliseconds; `jitter` is a fraction. */
export const backoffDefaults = {
  fullJitter: fullJitterDefaults,
  equalJitter: { base: 1_000, cap: 30_000 },
  decorrelatedJitter: { base: 1_000, cap: 30_000 },
  fixedBackoff: { jitter: 0 },
  sequenceBackoff: { jitter: 0 },
} as const

/** An exponential range. */
export interface ExponentialOptions {
  /**
   * The range after the first failure; doubles with each further failure. Milliseconds, 1 or more.
   * @default 1_000
   */
  base?: number | undefined
  /**
   * The maximum range. Milliseconds, at least `base`.
   * @default 30_000
   */
  cap?: number | undefined
}

/** Options of `fullJitter`. */
export interface FullJitterOptions extends ExponentialOptions {
  /**
   * The minimum delay, which prevents dialing a flapping server in a tight loop. Milliseconds.
   * @default 250
   */
  floor?: number | undefined
}

/** Options of `fixedBackoff` and `sequenceBackoff`. */
export interface JitterOptions {
  /**
   * The maximum random deviation of a delay, as a fraction of it: 0.2 is ±20 %. From 0 to 1.
   *
   * Without jitter, clients that lost their server at the same time return at the same time.
   * @default 0
   */
  jitter?: number | undefined
}

/** 2ⁿ overflows to `Infinity` after 1,024 failures; the cap handles that. */
function ceiling(attempt: number, base: number, cap: number): number {
  return Math.min(cap, base * 2 ** Math.max(0, attempt - 1))
}

function stray(delay: number, jitter: number, random: () => number): number {
  return jitter === 0 ? delay : delay * (1 + jitter * (2 * random() - 1))
}

/** The delay of `fullJitter()`, without its checks. */
export function jitter(
  { attempt, random }: BackoffInput,
  { floor, base, cap }: { floor: number; base: number; cap: number } = fullJitterDefaults,
): number {
  return floor + random() * ceiling(attempt, base, cap)
}

/**
 * Waits `floor` + U(0, min(`cap`, `base` · 2ⁿ)): spreads many clients best. The default backoff.
 *
 * @throws ConnectionError `ERR_OPTION` for an invalid value, except in a browser's production bundle.
 * Source: AWS, "Exponential Backoff And Jitter"; `floor` is an addition.
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
 * Waits half of min(`cap`, `base` · 2ⁿ), plus up to as much at random.
 *
 * @throws ConnectionError `ERR_OPTION` for an invalid value, except in a browser's production bundle.
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
 * Waits min(`cap`, U(`base`, 3 · previous delay)): depends on the previous delay, not on the attempt.
 *
 * @throws ConnectionError `ERR_OPTION` for an invalid value, except in a browser's production bundle.
 * Source: AWS, "Exponential Backoff And Jitter".
 */
export function decorrelatedJitter(options: ExponentialOptions = {}): Backoff {
  const defaults = backoffDefaults.decorrelatedJitter
  const given = bag<ExponentialOptions>('decorrelatedJitter', options, ['base', 'cap'])
  const { base = defaults.base, cap = defaults.cap } = given
  checkRange('decorrelatedJitter', base, cap)
  return ({ previous, random }) => {
    // The previous delay may be outside this range.
    const before = Math.min(cap, Math.max(base, previous ?? base))
    return Math.min(cap, base + random() * (3 * before - base))
  }
}

/**
 * Waits `delay` milliseconds each time, ± `jitter`.
 *
 * @throws ConnectionError `ERR_OPTION` for an invalid value, except in a browser's production bundle.
 * A delay of 0 dials a dead server in a tight loop.
 */
export function fixedBackoff(delay: number, options: JitterOptions = {}): Backoff {
  const { jitter = backoffDefaults.fixedBackoff.jitter } = bag<JitterOptions>('fixedBackoff', options, ['jitter'])
  duration('fixedBackoff.delay', delay)
  checkFraction('fixedBackoff.jitter', jitter)
  return ({ random }) => stray(delay, jitter, random)
}

/**
 * Waits the given `delays` in turn, in milliseconds; the last one repeats.
 *
 * The list is copied.
 * @throws ConnectionError `ERR_OPTION` for an invalid value or an empty list, except in a browser's production bundle.
 */
export function sequenceBackoff(delays: readonly number[], options: JitterOptions = {}): Backoff {
  checkList('sequenceBackoff.delays', delays)
  const { jitter = backoffDefaults.sequenceBackoff.jitter } = bag<JitterOptions>('sequenceBackoff', options, ['jitter'])
  const waits = Array.from(delays, (delay: unknown, index) => duration(`sequenceBackoff.delays[${index}]`, delay))
  checkFraction('sequenceBackoff.jitter', jitter)
  const last = waits.length - 1
  return ({ attempt, random }) => stray(waits[Math.min(last, Math.max(0, attempt - 1))] ?? 0, jitter, random)
}
