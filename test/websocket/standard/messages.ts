// WHATWG WebSockets §4, "When a WebSocket message has been received", and the attribute binaryType.
import { expect } from 'vitest'
import { expectTypeError, fact, quiet, type Fact } from './world.js'

export const messages: Fact[] = [
  fact('binary messages are Blobs by default, and text messages are strings', async (world) => {
    const [text, binary] = await world.messages(world.dial('/burst?n=1'), 2)
    expect(text).toBe('t0')
    expect(binary).toBeInstanceOf(Blob)
    expect([...new Uint8Array(await (binary as Blob).arrayBuffer())]).toEqual([0])
    expect((binary as Blob).type).toBe('')
  }),
  fact('binaryType "arraybuffer" delivers ArrayBuffers', async (world) => {
    const socket = world.dial('/burst?n=1')
    socket.binaryType = 'arraybuffer'
    const binary = (await world.messages(socket, 2))[1]
    expect(binary).toBeInstanceOf(ArrayBuffer)
    expect(new Uint8Array(binary as ArrayBuffer)).toEqual(new Uint8Array([0]))
  }),
  fact('binaryType applies from the next message on', async (world) => {
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
  fact('binaryType ignores unknown values', (world) => {
    const socket = world.dial()
    socket.binaryType = 'arraybuffer'
    for (const value of ['nodebuffer', 'Blob', '', null, undefined, 0, {}, 'blob ']) {
      socket.binaryType = value as BinaryType
      expect(socket.binaryType).toBe('arraybuffer')
    }
  }),
  fact('binaryType converts its value to a string', (world) => {
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
  fact('empty messages are delivered', async (world) => {
    const socket = world.dial('/empty')
    socket.binaryType = 'arraybuffer'
    const [text, binary] = await world.messages(socket, 2)
    expect(text).toBe('')
    expect((binary as ArrayBuffer).byteLength).toBe(0)
  }),
  fact('messages arrive in the order sent, text and Blobs alike', async (world) => {
    const heard = await world.messages(world.dial('/burst?n=20'), 40)
    const readable = await Promise.all(
      heard.map(async (data) =>
        typeof data === 'string' ? data : `b${new Uint8Array(await (data as Blob).arrayBuffer())[0]}`,
      ),
    )
    expect(readable).toEqual(Array.from({ length: 20 }, (_, i) => [`t${i}`, `b${i}`]).flat())
  }),
  fact('text arrives unchanged, including a byte order mark and astral characters', async (world) => {
    const texts = ['\ufeffmark', '𝕊𝕥𝕒𝕥𝕖', 'a\0b', 'ü€😀', 'x'.repeat(100_000)]
    expect(await world.echo(await world.open(), ...texts)).toEqual(texts)
  }),
  fact('no message event fires after close() was called', async (world) => {
    const socket = await world.open()
    let heard = 0
    socket.onmessage = () => heard++
    socket.send('x')
    socket.close()
    await world.next(socket, 'close')
    expect(heard).toBe(0)
  }),
  fact('a message listener that closes the socket receives no more messages', async (world) => {
    const socket = world.dial('/burst?n=5')
    const heard: unknown[] = []
    socket.onmessage = ({ data }) => {
      heard.push(data)
      if (heard.length === 3) socket.close()
    }
    // If the rest of a burst is pending, it follows within a turn or two.
    await expect.poll(() => heard.length, { timeout: world.subject.patience }).toBe(3)
    await quiet()
    expect(heard).toHaveLength(3)
  }),
  fact('a late listener receives the next message and later ones', async (world) => {
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
