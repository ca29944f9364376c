import { expect, test } from 'vitest'
import { Outbox } from '../../src/control/outbox.js'

test('tasks run when the outermost turn is over, in the order in which they came', () => {
  const outbox = new Outbox({ report: () => {} })
  const done: string[] = []
  outbox.turn(() => {
    outbox.push(() => done.push('first'))
    outbox.turn(() => outbox.push(() => done.push('second')))
    done.push('work')
  })
  expect(done).toEqual(['work', 'first', 'second'])
})

test('what a task brings about in a turn of its own follows all that was due before', () => {
  const outbox = new Outbox({ report: () => {} })
  const done: string[] = []
  outbox.turn(() => {
    outbox.push(() => {
      outbox.turn(() => {
        done.push('nested work')
        outbox.push(() => done.push('nested'))
      })
      done.push('after it returned')
    })
    outbox.push(() => done.push('second'))
  })
  expect(done).toEqual(['nested work', 'after it returned', 'second', 'nested'])
})

test('a task that throws is reported, and the next one runs', () => {
  const failures: unknown[] = []
  const outbox = new Outbox({ report: ({ code, cause }) => void failures.push([code, cause]) })
  const done: string[] = []
  outbox.turn(() => {
    outbox.push(() => {
      throw new Error('task')
    })
    outbox.push(() => done.push('next'))
  })
  expect(failures).toEqual([['ERR_INTERNAL', new Error('task')]])
  expect(done).toEqual(['next'])
})

test('work that throws does so to its caller, after what it had asked for', () => {
  const failures: unknown[] = []
  const outbox = new Outbox({ report: ({ code, cause }) => void failures.push([code, cause]) })
  const done: string[] = []
  expect(() =>
    outbox.turn(() => {
      outbox.push(() => done.push('told'))
      throw new Error('work')
    }),
  ).toThrow('work')
  expect(done).toEqual(['told'])
  outbox.turn(() => outbox.push(() => done.push('still works')))
  expect(done).toEqual(['told', 'still works'])
  expect(failures).toEqual([])
})
