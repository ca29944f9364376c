// WHATWG WebSockets §4, "When a WebSocket message has been received", and the attribute binaryType.
import { expect } from 'vitest'
import { expectTypeError, fact, quiet, type Fact } from './world.js'

export const messages: Fact[] = [
  fact('binary messages are Blobs at first, text is text', async (world) => {
    const [text, binary] = await world.messages(world.dial('/burst?n=1'), 2)
    expect(text).toBe('t0')
    expect(binary).toBeInstanceOf(Blob)
    expect([...new Uint8Array(await (binary as Blob).arrayBuffer())]).toEqual([0])
    expect((binary as Blob).type).toBe('')
  }),
  fact('binaryType "arraybuffer" makes them ArrayBuffers', async (world) => {
    const socket = world.dial('/burst?n=1')
    socket.binaryType = 'arraybuffer'
    const binary = (await world.messages(socket, 2))[1]
    expect(binary).toBeInstanceOf(ArrayBuffer)
    expect(new Uint8Array(binary as ArrayBuffer)).toEqual(new Uint8Array([0]))
  }),
  fact('binaryType holds from the next message on', async (world) => {
    const socket = world.dial('/burst?n=3')
    const seen: string[] = []
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') return
      seen.push(Object.prototype.toString.call(data))
      socket.binaryType = seen.length === 1 ? 'arraybuffer' : 'blob'
    })
    await world.messages(socket, 6)
    expect(seen).toEqual(['[object Blob]', '[object ArrayBuffer]', '[object Blob]'])
  }),
  fact('binaryType ignores what it does not know', (world) => {
    const socket = world.dial()
    socket.binaryType = 'arraybuffer'
    for (const value of ['nodebuffer', 'Blob', '', null, undefined, 0, {}, 'blob ']) {
      socket.binaryType = value as BinaryType
      expect(socket.binaryType).toBe('arraybuffer')
    }
  }),
  fact('what binaryType is given becomes text', (world) => {
    const socket = world.dial()
    socket.binaryType = { toString: () => 'arraybuffer' } as unknown as BinaryType
    expect(socket.binaryType).toBe('arraybuffer')
    expectTypeError(() => (socket.binaryType = Symbol('blob') as unknown as BinaryType))
    expect(socket.binaryType).toBe('arraybuffer')
  }),
  fact('binaryType can be set in every state', async (world) => {
    const socket = await world.open()
    socket.binaryType = 'arraybuffer'
    socket.close()
    socket.binaryType = 'blob'
    expect(socket.binaryType).toBe('blob')
    await world.next(socket, 'close')
    socket.binaryType = 'arraybuffer'
    expect(socket.binaryType).toBe('arraybuffer')
  }),
  fact('empty messages are messages', async (world) => {
    const socket = world.dial('/empty')
    socket.binaryType = 'arraybuffer'
    const [text, binary] = await world.messages(socket, 2)
    expect(text).toBe('')
    expect((binary as ArrayBuffer).byteLength).toBe(0)
  }),
  fact('messages come in the order in which they were sent, text and Blobs alike', async (world) => {
    const heard = await world.messages(world.dial('/burst?n=20'), 40)
    const readable = await Promise.all(
      heard.map(async (data) =>
        typeof data === 'string' ? data : `b${new Uint8Array(await (data as Blob).arrayBuffer())[0]}`,
      ),
    )
    expect(readable).toEqual(Array.from({ length: 20 }, (_, i) => [`t${i}`, `b${i}`]).flat())
  }),
  fact('text comes as it was sent, a byte order mark and astral characters included', async (world) => {
    const texts = ['\ufeffmark', '𝕊𝕥𝕒𝕥𝕖', 'a\0b', 'ü€😀', 'x'.repeat(100_000)]
    expect(await world.echo(await world.open(), ...texts)).toEqual(texts)
  }),
  fact('no message is told after close() was called', async (world) => {
    const socket = await world.open()
    let heard = 0
    socket.onmessage = () => heard++
    socket.send('x')
    socket.close()
    await world.next(socket, 'close')
    expect(heard).toBe(0)
  }),
  fact('a message that closes the socket is the last', async (world) => {
    const socket = world.dial('/burst?n=5')
    const heard: unknown[] = []
    socket.onmessage = ({ data }) => {
      heard.push(data)
      if (heard.length === 3) socket.close()
    }
    // Where the rest of a burst is pending, it would follow within a turn or two.
    await expect.poll(() => heard.length, { timeout: world.subject.patience }).toBe(3)
    await quiet()
    expect(heard).toHaveLength(3)
  }),
  fact('a listener that comes late hears from the next message on', async (world) => {
    const socket = await world.open()
    socket.send('first')
    const second = new Promise((resolve) => {
      socket.addEventListener('message', () => void world.next(socket, 'message').then(({ data }) => resolve(data)), {
        once: true,
      })
    })
    socket.send('second')
    expect(await second).toBe('second')
  }),
]
