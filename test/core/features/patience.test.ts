import { expect, test } from 'vitest'
import { PatienceFactor } from '../../../src/core/features/patience.js'

const large = { unproved: 65_536, blind: false }
const unseen = { unproved: 0, blind: true }

function patience(...links: { unproved: number; blind: boolean }[]): PatienceFactor {
  const one = new PatienceFactor()
  for (const link of links) one.gaveUp(link)
  return one
}

test.each([
  [[], 1],
  [[{ unproved: 65_535, blind: false }], 1],
  [[large], 4],
  [[large, large], 16],
  [[large, large, large], 16],
  [[unseen], 2],
  [[unseen, unseen, unseen, unseen, unseen], 16],
  [[unseen, large], 8],
])('after links abandoned with %j a pong may take %i timeouts', (links, factor) => {
  expect(patience(...links).value).toBe(factor)
})

test('one timely pong is enough after a link abandoned without a large message', () => {
  const one = patience(unseen, unseen)
  one.answered(0)
  expect(one.value).toBe(1)
})

test('after a large message, patience requires a pong behind as much data, or ten pongs', () => {
  const behind = patience(large)
  behind.answered(65_535)
  expect(behind.value).toBe(4)
  behind.answered(65_536)
  expect(behind.value).toBe(1)
  const ten = patience(large)
  for (let answers = 0; answers < 9; answers++) ten.answered(0)
  expect(ten.value).toBe(4)
  ten.answered(0)
  expect(ten.value).toBe(1)
})

test('pongs from before a link was abandoned do not count', () => {
  const one = patience(large)
  for (let answers = 0; answers < 9; answers++) one.answered(0)
  one.gaveUp(large)
  one.answered(0)
  expect(one.value).toBe(16)
})
