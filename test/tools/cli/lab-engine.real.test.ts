import { expect, test } from 'vitest'
import { labEngine, Rig } from '../../../src/tools/cli/lab/rig.js'
import { xstateEngine } from '../../../src/xstate/index.js'

test('the lab’s connection in Node runs on XState where it is installed', async () => {
  expect(await labEngine()).toEqual({ name: 'XState', options: { engine: xstateEngine } })
  await using rig = await Rig.start()
  expect(rig.engine).toBe('XState')
  const ids: string[] = []
  rig.connection.inspect(({ actorRef }) => ids.push(actorRef.sessionId))
  // XState’s own session id.
  expect(ids[0]).toMatch(/^x:\d+$/)
})

test('without XState it runs on the compiled chart', async () => {
  const missing = Object.assign(new Error('Cannot find package xstate'), { code: 'ERR_MODULE_NOT_FOUND' })
  expect(await labEngine(() => Promise.reject(missing))).toEqual({ name: 'the compiled chart', options: {} })
})

test('another failure to load XState is thrown', async () => {
  const fault = new Error('broken')
  await expect(labEngine(() => Promise.reject(fault))).rejects.toBe(fault)
})
