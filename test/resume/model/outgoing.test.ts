import { describe, expect, it } from 'vitest'
import { outgoingRules, type OutgoingRules } from './outgoing-rules.js'
import { OutgoingWorld, type OutgoingFaults } from './outgoing-world.js'
import { firstFailure } from './seeds.js'

const faults: OutgoingFaults = { redials: 10, kills: 2, lostAnswers: 2, badFrames: 3 }
type Store = ConstructorParameters<typeof OutgoingWorld>[2]

function failure(store: Store, rules: Partial<OutgoingRules>, runs: number): string | undefined {
  return firstFailure(runs, (seed) => new OutgoingWorld(seed, { ...outgoingRules, ...rules }, store).run(faults))
}

const everywhere: readonly (readonly [rule: keyof OutgoingRules, says: string])[] = [
  ['dropReceived', 'the client drops what it has received'],
  ['closeAtGap', 'the client closes the link at a gap'],
  ['refuseEarlier', 'late hellos of earlier links get nothing'],
  ['resumeFromHello', 'a node sends what follows the number in the hello'],
  ['readAgain', 'what is appended during a read is read again'],
  ['trimAcknowledged', 'only what is acknowledged leaves the store'],
  ['tellOwner', 'the owner is told of what others append'],
  ['ownBeforeReading', 'a node owns the session before it reads'],
  ['resolveWhenStored', 'send resolves once the store has the message'],
  ['keys', 'the same key adds nothing'],
]

describe.each([
  {
    store: 'atomic' as const,
    title: 'a store whose calls are one step, as in Redis',
    own: [['numberAtomically', 'numbering and adding are one step']] as const,
  },
  {
    store: 'stream' as const,
    title: 'JetStream, with compare-and-set',
    own: [
      ['expectLast', 'a message is added only after the one that was last when its number was chosen'],
      ['renumber', 'after a conflict, the number is chosen again'],
      ['keepLast', 'the last message stays, because it has the last number'],
    ] as const,
  },
])('messages to the client from several appenders, over $title', ({ store, own }) => {
  it('arrive once and in order of their appender, over redials, dead nodes, lost answers and bad frames', () => {
    expect(failure(store, {}, 6_000)).toBeUndefined()
  })

  it.each([...everywhere, ...own])('go wrong without %s: %s', (rule) => {
    expect(failure(store, { [rule]: false }, 10_000)).toMatch(/lost|received|end/)
  })
})
