import { expect, it, vi } from 'vitest'
import { wsTransport } from '../../src/transports/ws.js'

const resolved = vi.hoisted(() => ({ times: 0 }))
vi.mock('node:module', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:module')>()
  const createRequire: typeof original.createRequire = (from) => {
    resolved.times++
    return original.createRequire(from)
  }
  return { createRequire }
})

it('the first transport loads the package ws; importing the entry and later transports do not', () => {
  expect(resolved.times).toBe(0)
  wsTransport()
  wsTransport()
  expect(resolved.times).toBe(1)
})
