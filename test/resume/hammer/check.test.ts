import { describe, expect, it } from 'vitest'
import { tallyHandled, tallyReceived } from './check.js'

const loss = { session: 0, reason: 'store', delivered: 1, undelivered: [3], uncertain: [2] }
const appended = new Map([
  [1, 1],
  [2, 3],
  [3, 2],
])

describe('the check of what was handled', () => {
  it.each([
    ['all, in order', [1, 2, 3], { lost: 0, doubled: 0, reordered: 0 }],
    ['one missing', [1, 3], { lost: 1, doubled: 0, reordered: 0 }],
    ['one twice', [1, 2, 2, 3], { lost: 0, doubled: 1, reordered: 0 }],
    ['two twice after a node died', [1, 2, 1, 2, 3], { lost: 0, doubled: 2, reordered: 0 }],
    ['two exchanged', [1, 3, 2], { lost: 0, doubled: 0, reordered: 1 }],
  ])('counts %s', (_title, effects, expected) => {
    expect(tallyHandled(Int32Array.from(effects), 3, [])).toEqual(expected)
  })

  it('allows what a lost session reported uncertain to be missing, and nothing else', () => {
    expect(tallyHandled(Int32Array.from([1, 3]), 3, [loss]).lost).toBe(0)
    expect(tallyHandled(Int32Array.from([1]), 3, [loss]).lost).toBe(1)
    expect(tallyHandled(Int32Array.from([1, 3, 3]), 3, [loss]).doubled).toBe(1)
  })
})

describe('the check of what was received', () => {
  it.each([
    ['all, in the order of their numbers', [1, 3, 2], { lost: 0, doubled: 0, reordered: 0 }],
    ['one missing', [1, 2], { lost: 1, doubled: 0, reordered: 0 }],
    ['one twice', [1, 3, 3, 2], { lost: 0, doubled: 1, reordered: 0 }],
    ['two exchanged', [1, 2, 3], { lost: 0, doubled: 0, reordered: 2 }],
  ])('counts %s', (_title, received, expected) => {
    expect(tallyReceived(Int32Array.from(received), appended, 3, [])).toEqual(expected)
  })
})
