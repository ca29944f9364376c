// The short form of `npm run soak:api`: random API calls, with valid and invalid arguments, under random faults.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { run, type Subject } from './api/run.js'
import { mutants } from './api/mutants.js'
import { ending } from '../support/processes.js'

/** A new seed each day, so runs cover more over time. It is in the title and in each failure. */
const seed = Math.floor(Date.now() / 86_400_000)
const timeout = 120_000

test.each<[Subject, number]>([
  ['connection', 250],
  ['drop-in', 250],
  ['sockets', 12],
])(
  `%s: %i random call sequences lose, duplicate, throw and leak nothing, seed ${seed}`,
  async (subject, sequences) => {
    const figures = await run({ subject, sequences, seed })
    expect(figures.sequences).toBe(sequences)
    expect(figures.messages).toBeGreaterThan(sequences)
    for (const fate of ['sent', 'dropped', 'withdrawn'] as const) {
      if (subject !== 'sockets') expect(figures[fate], fate).toBeGreaterThan(0)
    }
  },
  timeout,
)

describe('a run reports', () => {
  test.each(mutants)(
    '%s, and how to reproduce it',
    async (mutant) => {
      const failed = await run({ subject: 'connection', sequences: 2_000, seed: 1, mutant }).catch(
        (error: unknown) => error,
      )
      expect(failed).toBeInstanceOf(Error)
      const { message } = failed as Error
      expect(message).toMatch(/seed: 1, path: "[\d:]+"/)
      const [, path] = /path: "([\d:]+)"/.exec(message)!
      const again = run({ subject: 'connection', sequences: 2_000, seed: 1, path, mutant })
      await expect(again).rejects.toThrow(/seed: 1/)
    },
    timeout,
  )
})

test(
  'the command prints its seed and figures, and how to replay a failure',
  async () => {
    const command = (...args: string[]): Promise<{ code: unknown; stdout: string }> =>
      ending(process.execPath, ['--experimental-websocket', '--import', 'tsx', 'test/soak/api.ts', ...args], {
        cwd: join(import.meta.dirname, '../..'),
        timeout,
      })
    const good = await command('--seed', '3', '--sequences', '20', '--sockets', '2')
    expect(good.code).toBe(0)
    expect(good.stdout).toMatch(
      /^seed 3\nconnection: 9 sequences, .*\ndrop-in: 9 sequences, .*\nsockets: 2 sequences, /,
    )
    const bad = await command('--seed', '1', '--sequences', '2000', '--only', 'connection', '--mutant', 'keeps a timer')
    expect(bad.code).toBe(1)
    expect(bad.stdout).toMatch(
      /VIOLATION over connection\n[^]*timers are left[^]*again: npm run soak:api -- --seed 1 .* --path [\d:]+/,
    )
  },
  timeout,
)
