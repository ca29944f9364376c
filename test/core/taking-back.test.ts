import { describe, expect, test } from 'vitest'
import { richQueue } from '../../src/core/features/rich-queue.js'
import { linked } from './support/linked.js'

describe.each([
  ['the counted queue', []],
  ['richQueue()', [richQueue()]],
])('%s', (_, features) => {
  test('returns what fits, oldest first, and sends the rest in order', async () => {
    const { core, accept, reported } = linked(features)
    for (const message of ['a1', 'b1', 'a2', 'b2', 'a3']) core.outgoing.send(message, undefined)
    const taken = core.queue.take(({ message }) => String(message).startsWith('a'))
    expect(taken.map(({ message }) => message)).toEqual(['a1', 'a2', 'a3'])
    expect(core.queue.size).toBe(2)
    core.outgoing.send('c', undefined)
    const socket = await accept()
    expect([socket.sent, reported]).toEqual([['b1', 'b2', 'c'], []])
  })

  test('returns nothing if nothing fits, and everything if all fits', () => {
    const { core } = linked(features)
    for (const message of ['a', 'b']) core.outgoing.send(message, undefined)
    expect(core.queue.take(() => false)).toEqual([])
    expect(core.queue.size).toBe(2)
    expect(core.queue.take(() => true).map(({ message }) => message)).toEqual(['a', 'b'])
    expect([core.queue.size, core.queue.peek()]).toEqual([0, undefined])
  })

  test('selects by the options of a send, such as a mark that ties a message to its link', () => {
    const { core } = linked(features)
    core.outgoing.send('stays', undefined)
    core.outgoing.send('goes', { ttl: 5_000 })
    expect(core.queue.take(({ options }) => options !== undefined).map(({ message }) => message)).toEqual(['goes'])
    expect(core.queue.size).toBe(1)
  })
})
