import { expect, it } from 'vitest'
import { describeWith } from '../../support/describe-with.js'
import { hammer } from './hammer.js'
import type { HammerSettings } from './settings.js'

const settings: HammerSettings = {
  store: 'redis',
  effect: 'tx',
  messages: 50_000,
  sessions: 20,
  drivers: 2,
  seed: 16,
  faults: ['links', 'rogue', 'kill'],
  patience: 60_000,
}
const none = { lost: 0, doubled: 0, reordered: 0 }
const run = (over: Partial<HammerSettings>) => hammer({ ...settings, ...over }, () => {})

describeWith('redis-server', 'three nodes whose links break and whose processes are killed', () => {
  it('handle 50,000 messages once and in order, and deliver as many, with effects and numbers in one transaction', async () => {
    const { failure, up, down, losses, faults, clients } = await run({})
    expect({ failure, up, down, losses }, `seed ${settings.seed}`).toEqual({
      failure: undefined,
      up: none,
      down: none,
      losses: [],
    })
    expect(faults['kill']).toBeGreaterThan(0)
    expect(faults['rogue hellos that won'] ?? 0).toBe(0)
    expect(clients['resumed']).toBeGreaterThan(0)
  }, 150_000)
})

describeWith('redis-server', 'one node with a store in its memory', () => {
  it('loses, doubles and reorders nothing of 5,000 messages each way over broken links', async () => {
    const { failure, up, down, losses } = await run({
      store: 'memory',
      messages: 5_000,
      sessions: 5,
      faults: ['links'],
    })
    expect({ failure, up, down, losses }).toEqual({ failure: undefined, up: none, down: none, losses: [] })
  }, 60_000)
})
