import { expect, test } from 'vitest'
import { Listeners } from '../../src/core/listeners.js'
import { settle } from '../../src/testing/clock.js'

test('one function added twice is called twice, and each way out removes one of them', () => {
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

test('one that is added during a dispatch hears the next value, one that is removed hears none', () => {
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

test('what one throws or rejects with is reported, and the next one runs', async () => {
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
