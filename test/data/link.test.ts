import { expect, test } from 'vitest'
import { PreparingLink } from '../../src/data/link.js'
import { FakeTransport, type FakeSocket } from '../../src/testing/transport.js'
import type { SocketSink, Target } from '../../src/transports/transport.js'

function link(): { link: PreparingLink; socket: FakeSocket } {
  const transport = new FakeTransport()
  const target: Target = { url: 'ws://server.test/', protocols: [], headers: {}, binaryType: 'arraybuffer' }
  const sink: SocketSink = { opened() {}, message() {}, alive() {}, failed() {}, closed() {} }
  const socket = transport.connect(target, sink)
  transport.last.accept()
  return { link: new PreparingLink(socket, 'v1'), socket: transport.last }
}

const ended = { code: 'ERR_ENDED' }

test('frames are read in the order in which they came, by whoever asked first', async () => {
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

test('the end hands over what was not read, once, and turns away who still waits', async () => {
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
