import { describe, expect, test } from 'vitest'
import { PreparingLink } from '../../../src/core/features/preparing-link.js'
import type { ConnectionError } from '../../../src/core/errors.js'
import { FakeTransport, type FakeSocket } from '../../../src/tools/testing/transport.js'
import type { SocketSink, Target } from '../../../src/core/transport.js'

function link(capabilities = {}): { link: PreparingLink; socket: FakeSocket; overflows: ConnectionError[] } {
  const transport = new FakeTransport({ capabilities })
  const target: Target = { url: 'ws://server.test/', protocols: [], headers: {}, binaryType: 'arraybuffer' }
  const sink: SocketSink = { opened() {}, message() {}, alive() {}, failed() {}, closed() {} }
  const socket = transport.connect(target, sink)
  transport.last.accept()
  const overflows: ConnectionError[] = []
  return { link: new PreparingLink(socket, 'v1', (error) => overflows.push(error)), socket: transport.last, overflows }
}

const ended = { code: 'ERR_ENDED' }

test('frames are read in order of arrival by pending reads in order of request', async () => {
  const { link: one } = link()
  one.take('1')
  one.take('2')
  expect([await one.read(), await one.read()]).toEqual(['1', '2'])
  const asked = [one.read(), one.read()]
  one.take('3')
  one.take('4')
  expect(await Promise.all(asked)).toEqual(['3', '4'])
  expect(one.end()).toEqual([])
})

test('the end hands over unread frames once and rejects pending reads', async () => {
  const { link: one } = link()
  one.take('1')
  one.take('2')
  expect(one.end()).toEqual(['1', '2'])
  expect(one.end()).toEqual([])
  const { link: other } = link()
  const asked = [other.read(), other.read()]
  other.end()
  for (const read of asked) await expect(read).rejects.toMatchObject(ended)
})

test('after the end nothing is sent or read', async () => {
  const { link: one, socket } = link()
  one.send('before')
  one.end()
  expect(() => one.send('after')).toThrow(expect.objectContaining(ended))
  await expect(one.read()).rejects.toMatchObject(ended)
  expect(socket.sent).toEqual(['before'])
})

describe('a server that sends more than prepare reads', () => {
  test.each([
    ['in many messages', 1_000, 'x'],
    ['in large messages', 8, 'x'.repeat(131_072)],
  ])('is paused %s, and resumed when half of it is read', async (_, count, message) => {
    const { link: one, socket, overflows } = link()
    for (let taken = 1; taken <= count; taken++) {
      expect(socket.count('pause')).toBe(0)
      one.take(message)
    }
    expect([socket.count('pause'), socket.count('resume')]).toEqual([1, 0])
    for (let read = 0; read < count / 2; read++) await one.read()
    expect([socket.count('pause'), socket.count('resume')]).toEqual([1, 1])
    expect(one.end()).toHaveLength(count / 2)
    expect(overflows).toEqual([])
  })

  test('is read again once prepare is done', () => {
    const { link: one, socket } = link()
    for (let taken = 0; taken < 1_000; taken++) one.take('x')
    expect(one.end()).toHaveLength(1_000)
    expect([socket.count('pause'), socket.count('resume')]).toEqual([1, 1])
  })

  test('fails the attempt if the socket cannot be paused', () => {
    const { link: one, overflows } = link({ pause: false })
    for (let taken = 1; taken < 1_000; taken++) one.take('x')
    expect(overflows).toEqual([])
    one.take('x')
    expect(overflows).toMatchObject([{ code: 'ERR_PREPARE' }])
  })

  test('fails the attempt if it continues although the socket is paused', () => {
    const { link: one, overflows } = link()
    for (let taken = 0; taken < 1_000 + 32_767; taken++) one.take('x')
    expect(overflows).toEqual([])
    one.take('x')
    expect(overflows).toMatchObject([{ code: 'ERR_PREPARE' }])
  })
})
