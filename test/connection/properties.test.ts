import fc from 'fast-check'
import { describe, test } from 'vitest'
import { play, scenes, schedules, type Mixture } from './support/schedule.js'

/** How often each property is tried. */
const numRuns = { anything: 5_000, queue: 2_000, world: 2_000, flapping: 1_500, halfOpen: 1_000 }

async function holds(mixture: Mixture, runs: number, maxLength = 40): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scenes, schedules(mixture, maxLength), async (scene, steps) => play(scene, steps)),
    { numRuns: runs },
  )
}

describe('in every schedule', () => {
  test('anything', { timeout: 120_000 }, () =>
    holds(
      {
        open: 3, close: 2, reconnect: 3, markHealthy: 1, await: 2, send: 5, iterate: 1, read: 2, leave: 1, serve: 6, accept: 4,
        say: 4, pong: 3, die: 1, end: 4, refuse: 3, buffer: 2, late: 2, provide: 4, prepared: 3, world: 5, network: 1, pass: 8,
        passLong: 3, warp: 2,
      },
      numRuns.anything,
    ),
  )
})
