// The short form of `npm run soak`, in a process of its own, so heap and handles are its own.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { median, slope } from './census.js'
import { describe as describeStep, stepOf } from './plan.js'
import type { Mutant } from './mutants.js'
import { ending } from '../support/processes.js'

const root = join(import.meta.dirname, '../..')
const node = [
  '--expose-gc',
  '--experimental-websocket',
  '--no-opt',
  '--no-maglev',
  '--no-flush-bytecode',
  '--import',
  'tsx',
  'test/soak/run.ts',
]

/** The limit after which it is killed and fails. Real sockets and delays, perhaps on a busy machine. */
const timeout = 90_000

function run(...args: readonly string[]): Promise<{ readonly code: unknown; readonly stdout: string }> {
  return ending(process.execPath, [...node, ...args], { cwd: root, timeout })
}

test(
  'a hundred reconnects under random faults leave no link, handle or listener behind, and the process ends (A05)',
  async () => {
    // Code is still being compiled: so few reconnects reveal a retained link, but not a few bytes of it.
    const { code, stdout } = await run('--seed', '1', '--reconnects', '120', '--warm-up', '60', '--bound', '1500')
    expect(stdout).toMatch(/^seed 1\n/)
    expect(stdout).not.toContain('VIOLATION')
    expect(stdout).toMatch(/links not collected *\| *\| *0 /)
    expect(code).toBe(0)
  },
  timeout,
)

describe('a run reports, with how to reproduce it, a connection that', () => {
  // The others run by hand: `npm run soak -- --mutant NAME`.
  const found: readonly (readonly [Mutant, RegExp])[] = [
    ['leaks a listener', /listeners on what outlives/],
    ['keeps every link', /\d+ objects of links that are over are not collected/],
    ['makes two sockets', /two sockets/],
    ['hears the last link', /a listener hears dial \d+ while/],
  ]

  const again = ['--seed', '7', '--reconnects', '100']

  test.each(found)(
    '%s',
    async (mutant, violation) => {
      const { code, stdout } = await run(...again, '--warm-up', '1', '--over', 'ws', '--mutant', mutant)
      expect(stdout).toMatch(/^VIOLATION /m)
      expect(stdout.slice(stdout.lastIndexOf('VIOLATION'))).toMatch(violation)
      expect(stdout).toContain(`again: npm run soak -- ${again.join(' ')}`)
      expect(code).toBe(1)
    },
    timeout,
  )
})

describe('the schedule', () => {
  test('is a function of the seed and the step number', () => {
    const steps = (seed: number): string[] => Array.from({ length: 100 }, (_, n) => describeStep(stepOf(seed, 1, n)))
    const forward = steps(5)
    expect(Array.from({ length: 100 }, (_, n) => describeStep(stepOf(5, 1, 99 - n))).reverse()).toEqual(forward)
    expect(steps(6)).not.toEqual(forward)
    expect(new Set(forward).size).toBeGreaterThan(90)
  })

  test('contains every way a link can end', () => {
    const endings = new Set(
      Array.from({ length: 3_000 }, (_, n) => stepOf(1, 1, n).ending.name.replaceAll(/\d+/g, 'N')),
    )
    expect(endings.size).toBeGreaterThan(20)
  })
})

describe('the heap trend', () => {
  const wobble = (n: number): number => 200_000 * Math.sin(n * 12.9898)
  const samples = (perReconnect: number) =>
    Array.from({ length: 50 }, (_, n) => ({ reconnects: n * 200, heap: 1e7 + perReconnect * n * 200 + wobble(n) }))

  test('detects a hundred bytes per reconnect in a heap that fluctuates by thousands of times as much', () => {
    expect(slope(samples(100))).toBeGreaterThan(80)
    expect(slope(samples(100))).toBeLessThan(120)
    expect(Math.abs(slope(samples(0)))).toBeLessThan(20)
  })

  test('is not affected by an outlier', () => {
    const odd = samples(0).map((each, n) => (n === 49 ? { ...each, heap: 1e9 } : each))
    expect(Math.abs(slope(odd))).toBeLessThan(20)
    expect(median([1, 2, 1_000])).toBe(2)
  })
})
