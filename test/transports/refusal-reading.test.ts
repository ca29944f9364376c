import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ConnectionError } from '../../src/index.js'
import { readRefusal } from '../../src/transports/ws/refusal.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function read(hasAgent = false, socket: object = { bytesWritten: 100, remoteAddress: '192.0.2.1' }) {
  const message = Object.assign(new EventEmitter(), { statusCode: 503, headers: {}, socket })
  const done = vi.fn()
  const { detail, stop } = readRefusal(message as unknown as IncomingMessage, hasAgent, done)
  return { message, done, stop, response: (detail.error as ConnectionError).response! }
}

it('4 KiB of the body are enough: reading finishes immediately and leaves no timer', () => {
  const { message, done, response } = read()
  message.emit('data', Buffer.alloc(4_095, 'a'))
  expect(done).not.toHaveBeenCalled()
  message.emit('data', Buffer.from('bc'))
  expect(done).toHaveBeenCalledOnce()
  expect(vi.getTimerCount()).toBe(0)
  expect(response.body).toBe(`${'a'.repeat(4_095)}b`)
})

it('reading finishes once, whatever ends it, and later bytes are not in the body', () => {
  const { message, done, response } = read()
  message.emit('data', Buffer.from('so far'))
  vi.advanceTimersByTime(1_000)
  for (const end of ['end', 'close', 'error']) message.emit(end)
  message.emit('data', Buffer.alloc(5_000))
  expect(done).toHaveBeenCalledOnce()
  expect(response.body).toBe('so far')
})

it('a stopped read never finishes', () => {
  const { message, done, stop, response } = read()
  message.emit('data', Buffer.from('so far'))
  stop()
  for (const end of ['end', 'close', 'error']) message.emit(end)
  expect([done.mock.calls.length, vi.getTimerCount(), response.body]).toEqual([0, 0, 'so far'])
})

it('only a request with an agent can attribute an answer on a socket without a peer to a proxy', () => {
  const replayed = { bytesWritten: 0 }
  expect([read(true, replayed).response.from, read(false, replayed).response.from]).toEqual(['proxy', 'server'])
})
