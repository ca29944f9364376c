import { expect, test } from 'vitest'
import { Listeners } from '../../src/core/listeners.js'
import { settle } from '../../src/tools/testing/clock.js'

test('a function added twice is called twice, and each unsubscribe removes one of them', () => {
  const listeners = new Listeners<number>(() => {})
  const heard: number[] = []
  const listener = (value: number): void => void heard.push(value)
  const off = listeners.add(listener)
  listeners.add(listener)
  listeners.emit(1)
  off()
  off()
  expect(listeners.size).toBe(1)
  listeners.emit(2)
  expect(heard).toEqual([1, 1, 2])
})

test('a listener added during a dispatch receives the next value, and a removed one none', () => {
  const listeners = new Listeners<number>(() => {})
  const heard: string[] = []
  const offs: (() => void)[] = []
  listeners.add((value) => {
    heard.push(`first ${value}`)
    for (const off of offs.splice(0)) off()
    if (value === 1) listeners.add((late) => heard.push(`late ${late}`))
  })
  offs.push(listeners.add((value) => heard.push(`second ${value}`)))
  listeners.add((value) => heard.push(`third ${value}`))
  listeners.emit(1)
  listeners.emit(2)
  expect(heard).toEqual(['first 1', 'third 1', 'first 2', 'third 2', 'late 2'])
})

test('a listener that throws or rejects is reported, and the next one runs', async () => {
  const reported: unknown[] = []
  const listeners = new Listeners<number>((thrown) => reported.push(thrown))
  const heard: number[] = []
  listeners.add(() => {
    throw new Error('thrown')
  })
  listeners.add(() => Promise.reject(new Error('rejected')))
  listeners.add((value) => heard.push(value))
  listeners.emit(1)
  await settle()
  expect(heard).toEqual([1])
  expect(reported).toEqual([new Error('thrown'), new Error('rejected')])
})

test('the result of a callback removed during a dispatch is guarded like any other', async () => {
  const reported: unknown[] = []
  const listeners = new Listeners<number>((thrown) => reported.push(thrown))
  const off = listeners.add(() => {
    off()
    return Promise.reject(new Error('rejected'))
  })
  listeners.emit(1)
  await settle()
  expect(listeners.size).toBe(0)
  expect(reported).toEqual([new Error('rejected')])
})

test('a current value is requested before each callback, and undefined skips it', () => {
  const listeners = new Listeners<number>(() => {})
  const received: string[] = []
  let current: number | undefined = 1
  listeners.add((value) => {
    received.push(`first ${value}`)
    current = undefined
  })
  listeners.add((value) => {
    received.push(`second ${value}`)
  })
  listeners.emitCurrent(() => current)
  expect(received).toEqual(['first 1'])
  current = 2
  listeners.emitCurrent(() => (current === undefined ? 3 : current))
  expect(received).toEqual(['first 1', 'first 2', 'second 3'])
})

test('a callback added during the dispatch of a current value is called from the next one on', () => {
  const listeners = new Listeners<number>(() => {})
  const received: string[] = []
  let added = false
  listeners.add(() => {
    if (!added) listeners.add((value) => received.push(`late ${value}`))
    added = true
  })
  listeners.emitCurrent(() => 1)
  expect(received).toEqual([])
  listeners.emitCurrent(() => 2)
  expect(received).toEqual(['late 2'])
})

test.each([3, 20, 100])('of %i callbacks the remaining ones are called in order, whichever are removed', (count) => {
  const listeners = new Listeners<number>(() => {})
  const called: number[] = []
  const offs = Array.from({ length: count }, (_, each) => listeners.add(() => called.push(each)))
  const rest = Array.from({ length: count }, (_, each) => each)
  for (let step = 0; rest.length > 0; step++) {
    const [gone] = rest.splice((step * 7) % rest.length, 1)
    offs[gone!]!()
    offs[gone!]!()
    expect(listeners.size).toBe(rest.length)
    listeners.emit(1)
    expect(called.splice(0)).toEqual(rest)
  }
})

test('removing all during a dispatch stops it, however many there are', () => {
  for (const count of [2, 8, 9, 30]) {
    const listeners = new Listeners<number>(() => {})
    const offs: (() => void)[] = []
    const called: number[] = []
    for (let each = 0; each < count; each++) {
      const removeAll = (): void => {
        called.push(each)
        for (const off of offs) off()
        listeners.add(() => called.push(-1))
      }
      offs.push(listeners.add(removeAll))
    }
    listeners.emit(1)
    expect(called).toEqual([0])
    expect(listeners.size).toBe(1)
  }
})
