import { expect, test } from 'vitest'
import type { ConnectionError } from '../../src/core/errors.js'
import { TaskQueue } from '../../src/core/task-queue.js'

class Tasks extends TaskQueue {
  readonly reported: unknown[] = []

  protected report({ code, cause }: ConnectionError): void {
    this.reported.push([code, cause])
  }
}

test('tasks run in order at the end of the outermost turn', () => {
  const tasks = new Tasks()
  const done: string[] = []
  tasks.run(() => {
    tasks.enqueue(() => done.push('first'))
    tasks.run(() => tasks.enqueue(() => done.push('second')))
    done.push('work')
  })
  expect(done).toEqual(['work', 'first', 'second'])
})

test('tasks from a nested turn of a task follow those already due', () => {
  const tasks = new Tasks()
  const done: string[] = []
  tasks.run(() => {
    tasks.enqueue(() => {
      tasks.run(() => {
        done.push('nested work')
        tasks.enqueue(() => done.push('nested'))
      })
      done.push('after it returned')
    })
    tasks.enqueue(() => done.push('second'))
  })
  expect(done).toEqual(['nested work', 'after it returned', 'second', 'nested'])
})

test('a task that throws is reported, and the next one runs', () => {
  const tasks = new Tasks()
  const done: string[] = []
  tasks.run(() => {
    tasks.enqueue(() => {
      throw new Error('task')
    })
    tasks.enqueue(() => done.push('next'))
  })
  expect(tasks.reported).toEqual([['ERR_INTERNAL', new Error('task')]])
  expect(done).toEqual(['next'])
})

test('an exception of a turn goes to its caller after the tasks it requested', () => {
  const tasks = new Tasks()
  const done: string[] = []
  expect(() =>
    tasks.run(() => {
      tasks.enqueue(() => done.push('told'))
      throw new Error('work')
    }),
  ).toThrow('work')
  expect(done).toEqual(['told'])
  tasks.run(() => tasks.enqueue(() => done.push('still works')))
  expect(done).toEqual(['told', 'still works'])
  expect(tasks.reported).toEqual([])
})

test('an event is delivered at once outside a turn, and at its end inside one', () => {
  const tasks = new Tasks()
  const done: string[] = []
  tasks.schedule(() => done.push('at once'))
  expect(done).toEqual(['at once'])
  tasks.run(() => {
    tasks.schedule(() => done.push('later'))
    expect(done).toEqual(['at once'])
  })
  expect(done).toEqual(['at once', 'later'])
})

test('a turn without a closure ends with its outermost start', () => {
  const tasks = new Tasks()
  const done: string[] = []
  const outermost = tasks.begin()
  const inner = tasks.begin()
  tasks.enqueue(() => done.push('task'))
  tasks.end(inner)
  expect(done).toEqual([])
  tasks.end(outermost)
  expect(done).toEqual(['task'])
})
