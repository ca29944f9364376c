import { expect, test } from 'vitest'
import { memoryStore } from '../../../src/server/index.js'
import { TestClock } from '../../../src/tools/testing/clock.js'
import { conformance } from './conformance.js'

conformance('a memory store', async () => {
  const clock = new TestClock()
  const store = memoryStore({ clock })
  return { store: async () => store, pass: (ms) => clock.advance(ms), ttl: 1_000, tombstone: 4_000 }
})

const limits = { name: 'n', ttl: 1_000, tombstone: 4_000, outbox: { messages: 9, bytes: 99 }, topic: { messages: 9 } }
const quiet = { letGo() {}, appended() {}, ended() {}, published() {}, reconnected() {} }

test('a memory store has one timer for all sessions, and none once all nodes have left', async () => {
  const clock = new TestClock()
  const store = memoryStore({ clock })
  const nodes = [await store.open(limits, quiet), await store.open({ ...limits, name: 'm' }, quiet)]
  for (let at = 0; at < 100; at++) {
    await nodes[0]!.claim({ id: `session ${at}`, gen: 1, rx: 0, epoch: '', principal: 'ann' })
    await nodes[0]!.append(`session ${at}`, 'a', 'key')
  }
  expect(clock.pending).toBe(1)
  await clock.advance(20_000)
  expect(clock.pending).toBe(1)
  for (const node of nodes) await node.close()
  expect(clock.pending).toBe(0)
})

test('each memory store has an epoch of its own, so sessions of another are unknown', async () => {
  const [one, other] = [memoryStore(), memoryStore()]
  const [a, b] = [await one.open(limits, quiet), await other.open(limits, quiet)]
  const claim = await a.claim({ id: 's', gen: 1, rx: 0, epoch: '', principal: 'ann' })
  const epoch = 'epoch' in claim ? claim.epoch : ''
  expect(await b.claim({ id: 's', gen: 2, rx: 0, epoch, principal: 'ann' })).toEqual({ status: 'unknown' })
  expect((await b.topic('t')).epoch).not.toBe((await a.topic('t')).epoch)
  await a.close()
  await b.close()
})

test('a name that is in use is refused', async () => {
  const store = memoryStore()
  const node = await store.open(limits, quiet)
  await expect(store.open(limits, quiet)).rejects.toThrow('unique')
  await node.close()
  await (await store.open(limits, quiet)).close()
})

test('a memory store checks its options', () => {
  expect(() => memoryStore({ ttl: 1 } as never)).toThrow('memoryStore.ttl')
  expect(() => memoryStore({ clock: { now: () => 0 } } as never)).toThrow('memoryStore.clock')
  expect(() => memoryStore(null as never)).toThrow('memoryStore')
})
