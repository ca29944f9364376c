import { expect, test } from 'vitest'
import { setup } from '../support/setup.js'

test('getSnapshot() returns the same object until something changes, even unbound', async () => {
  const { connection, clock, accept } = setup()
  const { getSnapshot } = connection
  const before = getSnapshot()
  expect(getSnapshot()).toBe(before)
  expect(Object.isFrozen(before)).toBe(true)
  await accept()
  const open = getSnapshot()
  expect(open).not.toBe(before)
  await clock.advance(9_000)
  expect(getSnapshot()).toBe(open)
})

test('a heartbeat does not change the status', async () => {
  const { connection, clock, accept } = setup({ stableAfter: 0 })
  const socket = await accept()
  await clock.advance(1)
  const open = connection.status
  await clock.advance(10_000)
  socket.pong()
  expect(socket.count('ping')).toBe(1)
  expect(connection.status).toBe(open)
})

test('subscribe() calls back at once and on every change, and its return value unsubscribes (React, Svelte)', async () => {
  const { connection, accept } = setup()
  const states: string[] = []
  const { subscribe } = connection
  const off = subscribe(({ state }) => states.push(state))
  const socket = await accept()
  off()
  socket.end()
  expect(states[0]).toBe('connecting')
  expect(states.at(-1)).toBe('open')
})

test('a connection is an observable through Symbol.observable (RxJS)', async () => {
  const { connection, accept } = setup()
  const states: string[] = []
  const subscription = connection['@@observable']().subscribe({ next: ({ state }) => states.push(state) })
  const socket = await accept()
  subscription.unsubscribe()
  socket.end()
  expect(states.at(-1)).toBe('open')
})
