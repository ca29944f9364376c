import { expect, test } from 'vitest'
import { Brake } from '../../src/data/brake.js'
import type { Socket } from '../../src/transports/transport.js'

function brake(): { brake: Brake; changes: boolean[]; done: string[]; socket: Socket } {
  const changes: boolean[] = []
  const done: string[] = []
  const socket: Socket = {
    bufferedAmount: 0,
    binaryType: 'arraybuffer',
    send() {},
    close() {},
    abandon() {},
    pause: () => void done.push('pause'),
    resume: () => void done.push('resume'),
  }
  return { brake: new Brake({ paused: (held) => changes.push(held) }), changes, done, socket }
}

test('the first who holds stops the socket, the last who lets go starts it again', () => {
  const { brake: one, changes, done, socket } = brake()
  one.attach(socket)
  const [first, second] = [one.hold()!, one.hold()!]
  expect(done).toEqual(['pause'])
  first()
  expect(one.held).toBe(true)
  second()
  expect(one.held).toBe(false)
  expect(done).toEqual(['pause', 'resume'])
  expect(changes).toEqual([true, false])
})

test('letting go twice is letting go once', () => {
  const { brake: one, done, socket } = brake()
  one.attach(socket)
  const first = one.hold()!
  first()
  first()
  expect(done).toEqual(['pause', 'resume'])
})

test('what held an old socket has no say over the new one', () => {
  const { brake: one, changes, done, socket } = brake()
  one.attach(socket)
  const old = one.hold()!
  one.detach()
  expect(one.held).toBe(false)
  expect(changes).toEqual([true, false])
  one.attach(socket)
  const current = one.hold()!
  old()
  expect(one.held).toBe(true)
  expect(done).toEqual(['pause', 'pause'])
  current()
  expect(done).toEqual(['pause', 'pause', 'resume'])
})

test('a socket that goes and was not held changes nothing', () => {
  const { brake: one, changes, socket } = brake()
  one.attach(socket)
  one.detach()
  expect(changes).toEqual([])
  expect(one.hold()).toBeUndefined()
})

test.each(['pause', 'resume'] as const)('without %s a socket cannot be held', (method) => {
  const { brake: one, changes, done, socket } = brake()
  const { [method]: _, ...rest } = socket
  one.attach(rest)
  expect(one.hold()).toBeUndefined()
  expect([one.held, changes, done]).toEqual([false, [], []])
})
