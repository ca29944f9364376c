// WHATWG WebSockets §4, "When a WebSocket message has been received", and the attribute binaryType.
import { expect } from 'vitest'
import { expectTypeError, fact, quiet, type Fact } from './setup.js'

export const messages: Fact[] = [
  fact('binary messages are Blobs by default, and text messages are strings', async (setup) => {
    const [text, binary] = await setup.messages(setup.dial('/burst?n=1'), 2)
    expect(text).toBe('t0')
    expect(binary).toBeInstanceOf(Blob)
    expect([...new Uint8Array(await (binary as Blob).arrayBuffer())]).toEqual([0])
    expect((binary as Blob).type).toBe('')
  }),
  fact('binaryType "arraybuffer" delivers ArrayBuffers', async (setup) => {
    const socket = setup.dial('/burst?n=1')
    socket.binaryType = 'arraybuffer'
    const binary = (await setup.messages(socket, 2))[1]
    expect(binary).toBeInstanceOf(ArrayBuffer)
    expect(new Uint8Array(binary as ArrayBuffer)).toEqual(new Uint8Array([0]))
  }),
  fact('binaryType applies from the next message on', async (setup) => {
    const socket = setup.dial('/burst?n=3')
    const seen: string[] = []
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') return
      seen.push(Object.prototype.toString.call(data))
      socket.binaryType = seen.length === 1 ? 'arraybuffer' : 'blob'
    })
    await setup.messages(socket, 6)
    expect(seen).toEqual(['[object Blob]', '[object ArrayBuffer]', '[object Blob]'])
  }),
  fact('binaryType ignores unknown values', (setup) => {
    const socket = setup.dial()
    socket.binaryType = 'arraybuffer'
    for (const value of ['nodebuffer', 'Blob', '', null, undefined, 0, {}, 'blob ']) {
      socket.binaryType = value as BinaryType
      expect(socket.binaryType).toBe('arraybuffer')
    }
  }),
  fact('binaryType converts its value to a string', (setup) => {
    const socket = setup.dial()
    socket.binaryType = { toString: () => 'arraybuffer' } as unknown as BinaryType
    expect(socket.binaryType).toBe('arraybuffer')
    expectTypeError(() => (socket.binaryType = Symbol('blob') as unknown as BinaryType))
    expect(socket.binaryType).toBe('arraybuffer')
  }),
  fact('binaryType can be set in every state', async (setup) => {
    const socket = await setup.open()
    socket.binaryType = 'arraybuffer'
    socket.close()
    socket.binaryType = 'blob'
    expect(socket.binaryType).toBe('blob')
    await setup.next(socket, 'close')
    socket.binaryType = 'arraybuffer'
    expect(socket.binaryType).toBe('arraybuffer')
  }),
  fact('empty messages are delivered', async (setup) => {
    const socket = setup.dial('/empty')
    socket.binaryType = 'arraybuffer'
    const [text, binary] = await setup.messages(socket, 2)
    expect(text).toBe('')
    expect((binary as ArrayBuffer).byteLength).toBe(0)
  }),
  fact('messages arrive in the order sent, text and Blobs alike', async (setup) => {
    const received = await setup.messages(setup.dial('/burst?n=20'), 40)
    const readable = await Promise.all(
      received.map(async (data) =>
        typeof data === 'string' ? data : `b${new Uint8Array(await (data as Blob).arrayBuffer())[0]}`,
      ),
    )
    expect(readable).toEqual(Array.from({ length: 20 }, (_, i) => [`t${i}`, `b${i}`]).flat())
  }),
  fact('text arrives unchanged, including a byte order mark and astral characters', async (setup) => {
    const texts = ['\ufeffmark', '𝕊𝕥𝕒𝕥𝕖', 'a\0b', 'ü€😀', 'x'.repeat(100_000)]
    expect(await setup.echo(await setup.open(), ...texts)).toEqual(texts)
  }),
  fact('no message event fires after close() was called', async (setup) => {
    const socket = await setup.open()
    let received = 0
    socket.onmessage = () => received++
    socket.send('x')
    socket.close()
    await setup.next(socket, 'close')
    expect(received).toBe(0)
  }),
  fact('a message listener that closes the socket receives no more messages', async (setup) => {
    const socket = setup.dial('/burst?n=5')
    const received: unknown[] = []
    socket.onmessage = ({ data }) => {
      received.push(data)
      if (received.length === 3) socket.close()
    }
    // If the rest of a burst is pending, it follows within a turn or two.
    await expect.poll(() => received.length, { timeout: setup.subject.patience }).toBe(3)
    await quiet()
    expect(received).toHaveLength(3)
  }),
  fact('a late listener receives the next message and later ones', async (setup) => {
    const socket = await setup.open()
    socket.send('first')
    const second = new Promise((resolve) => {
      socket.addEventListener('message', () => void setup.next(socket, 'message').then(({ data }) => resolve(data)), {
        once: true,
      })
    })
    socket.send('second')
    expect(await second).toBe('second')
  }),
]
