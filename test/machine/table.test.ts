import { describe, expect, test } from 'vitest'
import { complaints, expectedOf, table } from './expectations.js'
import { allFacts, columns, explore, stateName, step, variantsAt } from './model.js'

const all = [...explore().places.values()]
const states = Object.keys(table)
const asserted = new Set<string>()

for (const state of states) {
  describe(state, () => {
    const here = [false, true].flatMap((hinted) => {
      const place = all.find(({ snapshot }) => stateName(snapshot) === state && snapshot.context.hinted === hinted)
      return place ?? []
    })
    for (const column of columns) {
      const text = table[state]![column]
      test(`${state} × ${column} → ${text ?? 'ignored'}`, () => {
        const wrong: string[] = []
        let taken = 0
        let tried = 0
        for (const { snapshot } of here) {
          for (const variant of variantsAt(snapshot.context.gen).filter((each) => each.column === column)) {
            for (const facts of allFacts) {
              const expected = expectedOf(snapshot, variant, facts)
              const { started, canceled, ...outcome } = step(snapshot, variant.event, facts)
              const timers = [...started.map(({ id }) => id), ...canceled]
              const found = complaints(snapshot, { ...outcome, timers }, expected)
              wrong.push(...found.map((each) => `${JSON.stringify([variant.event, facts])} ${each}`))
              tried++
              if (expected !== undefined) taken++
            }
          }
        }
        expect(wrong).toEqual([])
        expect(tried).toBeGreaterThan(0)
        expect(taken > 0).toBe(text !== undefined)
        asserted.add(`${state} × ${column}`)
      })
    }
  })
}

test('the table has exactly the reachable states', () => {
  expect([...new Set(all.map(({ snapshot }) => stateName(snapshot)))].toSorted()).toEqual(states.toSorted())
  expect(states).toHaveLength(18)
})

test('the table asserts every pair of state and event', () => {
  expect(asserted.size).toBeGreaterThan(0)
  expect(asserted.size).toBe(states.length * columns.length)
})
