import { describe, expect, it } from 'vitest'
import { movingRules, type MovingRules } from './moving-rules.js'
import { MovingWorld, type Faults } from './moving-world.js'
import { firstFailure } from './seeds.js'

const redials: Faults = { redials: 25, kills: 0, cuts: 0 }
const all: Faults = { redials: 25, kills: 3, cuts: 6 }
const cuts: Faults = { redials: 25, kills: 0, cuts: 10 }

function failure(rules: Partial<MovingRules>, faults: Faults, runs: number): string | undefined {
  return firstFailure(runs, (seed) => new MovingWorld(seed, { ...movingRules, ...rules }).run(faults).wrong)
}

/** Enough for each rule to be missed. Stops at the first failure. */
const many = 40_000

describe.each([
  { store: 'a store whose calls are one step, as in Redis', twoSteps: false },
  { store: 'a store with compare-and-set, as JetStream', twoSteps: true },
])('a session that moves between nodes over $store', ({ twoSteps }) => {
  it('handles each message once and in order, acknowledges only what is stored, and finishes, over redials and late frames', () => {
    expect(failure({ twoSteps }, redials, 3_000)).toBeUndefined()
  })

  it('handles a message twice only if its node died or lost its lease before the store knew', () => {
    expect(failure({ twoSteps }, all, 2_000)).toBeUndefined()
    expect(failure({ twoSteps }, cuts, 2_000)).toBeUndefined()
    let excused = 0
    for (let seed = 1; excused === 0 && seed < 1_000; seed++)
      ({ excused } = new MovingWorld(seed, { ...movingRules, twoSteps }).run(all))
    expect(excused).toBeGreaterThan(0)
  })

  it('handles no message twice if the app commits effects together with their numbers', () => {
    const rules = { twoSteps, processed: true }
    expect(failure(rules, all, 2_000)).toBeUndefined()
    expect(failure(rules, cuts, 2_000)).toBeUndefined()
    for (let seed = 1; seed < 500; seed++)
      expect(new MovingWorld(seed, { ...movingRules, ...rules }).run(all).excused, `seed ${seed}`).toBe(0)
  })

  const needed: readonly (readonly [rule: keyof MovingRules, says: string, faults: Faults])[] = [
    ['ownAfterHandover', 'claiming fences, owning comes after the handover', redials],
    ['handover', 'a claim asks the owner to let go', redials],
    ['waitForHandler', 'letting go waits for the running handler', redials],
    ['ownerIsObject', 'the owner is a session object, not a node', redials],
    ['forgetLast', 'an object is forgotten only once its release is stored', cuts],
    ['releaseMaximum', 'a release counts also if the generation has moved on', redials],
    ['takeByGeneration', 'only the latest generation may take', redials],
    ['rememberMoved', 'a node remembers which generations were asked for', cuts],
    ['acknowledgeStored', 'only what the store has is acknowledged', all],
    ['countHere', 'what an object here has handled counts', all],
    ['stopWithoutLease', 'a node handles nothing without its lease', cuts],
    ['confirmAfterLapse', 'after a lapse of the lease, ownership is confirmed before anything is handled', all],
    ...(twoSteps ? ([['compareAndSet', 'a change expects what it has read', redials]] as const) : []),
  ]
  it.each(needed)('goes wrong without %s: %s', (rule, _says, faults) => {
    expect(failure({ twoSteps, [rule]: false }, faults, many)).toMatch(/handled|acknowledged|rewound/)
  })

  it.each([
    ['commitByOwner', 'commits by the latest generation cost only a needless fence'],
    [
      'reuseOnlyOwner',
      'an object that is used again without asking is fenced by its next commit, or by the claim of another node',
    ],
  ] as const)('needs %s for liveness only: %s', (rule, _says) => {
    expect(failure({ twoSteps, [rule]: false }, redials, 2_000)).toBeUndefined()
    expect(failure({ twoSteps, [rule]: false }, all, 2_000)).toBeUndefined()
  })

  it('does the same again with the same seed', () => {
    const run = () => new MovingWorld(7, { ...movingRules, twoSteps, handover: false }).run(all)
    expect(run()).toEqual(run())
  })
})
