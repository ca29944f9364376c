import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fifo } from '../../src/core/lists.js'

test('a list returns its items in insertion order, whatever they are and however it is used', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat()), { maxLength: 200 }), (steps) => {
      const fifo = new Fifo<number>()
      const model: number[] = []
      for (const step of steps) {
        if (step === null) expect(fifo.shift()).toBe(model.shift())
        else {
          fifo.push(step)
          model.push(step)
        }
        expect(fifo.size).toBe(model.length)
      }
    }),
  )
})
