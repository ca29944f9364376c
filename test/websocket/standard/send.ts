// WHATWG WebSockets §3.1, `send(data)` and `bufferedAmount`.
import { expect } from 'vitest'
import { expectDOMException, expectTypeError, fact, thrownBy, type Fact } from './setup.js'

const say = (title: string, ...pairs: (readonly [data: () => unknown, echo: unknown])[]): Fact =>
  fact(title, async (setup) => {
    const socket = await setup.open()
    const sent = pairs.map(([data]) => data())
    expect(await setup.echo(socket, ...sent)).toEqual(pairs.map(([, echo]) => echo))
  })

const bytes = (): Uint8Array<ArrayBuffer> => new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])

/** Shared memory, also in a page that is not isolated and has no such constructor. */
const shared = (): ArrayBufferLike => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer

const detach = <T extends ArrayBufferLike>(buffer: T): T => {
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] })
  return buffer
}

const resizable = (): ArrayBuffer => Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]) as ArrayBuffer

/** The growth of `bufferedAmount`. */
const sizes = (): [data: unknown, size: number][] => [
  ['abc', 3],
  ['€', 3],
  ['😀', 4],
  ['\ud800', 3],
  ['', 0],
  [null, 4],
  [bytes(), 8],
  [bytes().buffer, 8],
  [new DataView(bytes().buffer, 2, 3), 3],
  [new Float64Array(2), 16],
  [new Blob(['€uro']), 6],
  [detach(bytes().buffer), 0],
]

export const sending: Fact[] = [
  fact('send() without an argument throws TypeError in every state', async (setup) => {
    const socket = setup.dial()
    const send = (): unknown => Reflect.apply(socket.send.bind(socket), undefined, [])
    expectTypeError(send)
    await setup.next(socket, 'open')
    expectTypeError(send)
    socket.close()
    expectTypeError(send)
    await setup.next(socket, 'close')
    expectTypeError(send)
  }),
  fact('send() while CONNECTING throws InvalidStateError (11) and buffers nothing', (setup) => {
    const socket = setup.dial()
    expectDOMException(() => socket.send('x'), 'InvalidStateError')
    expect(thrownBy(() => socket.send('x'))).toHaveProperty('code', 11)
    expect(socket.bufferedAmount).toBe(0)
  }),
  fact('data is converted before the state is checked', (setup) => {
    const mine = new Error('mine')
    const socket = setup.dial()
    const raise = (): never => {
      throw mine
    }
    expect(thrownBy(() => socket.send({ toString: raise } as never))).toBe(mine)
    expectTypeError(() => socket.send(Symbol('x') as never))
  }),
  fact('send() returns undefined', async (setup) => {
    expect((await setup.open()).send('x')).toBeUndefined()
  }),
  say('text is sent unchanged', [() => 'text', 'text'], [() => '', ''], [() => 'ü€😀', 'ü€😀']),
  say('a lone surrogate is sent as U+FFFD', [() => 'a\ud800b', 'a\ufffdb'], [() => '\udc00', '\ufffd']),
  say('null and undefined are sent as text', [() => null, 'null'], [() => undefined, 'undefined']),
  say('numbers, booleans and bigints are sent as text', [() => 1.5, '1.5'], [() => true, 'true'], [() => 12n, '12']),
  say(
    'objects are sent as text',
    [() => ({}), '[object Object]'],
    [() => ({ toString: () => 'mine' }), 'mine'],
    [() => [1, [2, 3]], '1,2,3'],
    [() => new URL('http://a.test/'), 'http://a.test/'],
    [() => Object('boxed'), 'boxed'],
  ),
  say("an object with a buffer's toStringTag is sent as text", [
    () => ({ [Symbol.toStringTag]: 'ArrayBuffer' }),
    '[object ArrayBuffer]',
  ]),
  say('a SharedArrayBuffer is sent as text', [() => shared(), '[object SharedArrayBuffer]']),
  say(
    'an ArrayBuffer is sent as binary',
    [() => bytes().buffer, [1, 2, 3, 4, 5, 6, 7, 8]],
    [() => new ArrayBuffer(0), []],
  ),
  say(
    'every view is sent as the bytes it covers',
    [() => bytes(), [1, 2, 3, 4, 5, 6, 7, 8]],
    [() => bytes().subarray(2, 4), [3, 4]],
    [() => new DataView(bytes().buffer, 1, 2), [2, 3]],
    [() => new Uint16Array(bytes().buffer, 2, 2), [3, 4, 5, 6]],
    [() => new Int8Array([-1]), [255]],
    [() => new Uint8ClampedArray([300]), [255]],
    [() => new Int32Array(bytes().buffer, 4), [5, 6, 7, 8]],
    [() => new Float32Array(1), [0, 0, 0, 0]],
    [() => new BigUint64Array(bytes().buffer), [1, 2, 3, 4, 5, 6, 7, 8]],
    [() => new Uint8Array(), []],
  ),
  say(
    'a Blob and a File are sent as their bytes',
    [() => new Blob([bytes()]), [1, 2, 3, 4, 5, 6, 7, 8]],
    [() => new File(['hi'], 'name'), [104, 105]],
    [() => new Blob(), []],
  ),
  say('a detached buffer is sent as an empty message', [() => detach(bytes().buffer), []]),
  say('a view of a detached buffer is sent as an empty message', [
    () => {
      const view = bytes()
      detach(view.buffer)
      return view
    },
    [],
  ]),
  fact('a view of shared memory throws TypeError', async (setup) => {
    const socket = await setup.open()
    expectTypeError(() => socket.send(new Uint8Array(shared()) as never))
    expectTypeError(() => socket.send(new DataView(shared()) as never))
  }),
  fact('a resizable buffer and a view of it throw TypeError', async (setup) => {
    const socket = await setup.open()
    expectTypeError(() => socket.send(resizable()))
    expectTypeError(() => socket.send(new Uint8Array(resizable())))
  }),
  fact('a symbol throws TypeError', async (setup) => {
    const socket = await setup.open()
    expectTypeError(() => socket.send(Symbol('x') as never))
  }),
  fact('data is captured at the time of send()', async (setup) => {
    const socket = await setup.open()
    socket.binaryType = 'arraybuffer'
    const received = setup.messages(socket, 4)
    socket.send(new Blob(['slow']))
    const data = bytes()
    for (const each of [data, data.buffer, new DataView(data.buffer)]) {
      socket.send(each)
      data.fill(data[0]! + 10)
    }
    const seen = (await received).slice(1).map((each) => new Uint8Array(each as ArrayBuffer)[0])
    expect(seen).toEqual([1, 11, 21])
  }),
  fact('messages are sent in order, Blobs included', async (setup) => {
    const socket = await setup.open()
    const sent = ['a', new Blob(['b'.repeat(50_000)]), 'c', bytes(), new Blob(['d']), 'e']
    const received = await setup.echo(socket, ...sent)
    expect(received.map((each) => (typeof each === 'string' ? each : (each as number[]).length))).toEqual([
      'a',
      50_000,
      'c',
      8,
      1,
      'e',
    ])
  }),
  fact('bufferedAmount counts the UTF-8 bytes sent in this task and returns to 0', async (setup) => {
    const socket = await setup.open()
    let sum = 0
    for (const [data, size] of sizes()) {
      socket.send(data as string)
      sum += size
      expect(socket.bufferedAmount).toBe(sum)
    }
    await expect.poll(() => socket.bufferedAmount, { timeout: setup.subject.patience }).toBe(0)
  }),
  fact('send() after close() does not throw or send, and bufferedAmount grows by the UTF-8 bytes', async (setup) => {
    const socket = await setup.open()
    socket.close()
    let sum = socket.bufferedAmount
    for (const [data, size] of sizes()) {
      socket.send(data as string)
      expect(socket.bufferedAmount).toBe((sum += size))
    }
    await setup.next(socket, 'close')
    expect(socket.bufferedAmount).toBe(sum)
  }),
  fact('send() while CLOSED does not throw, and bufferedAmount grows by the UTF-8 bytes for good', async (setup) => {
    const socket = await setup.open()
    socket.close()
    await setup.next(socket, 'close')
    let sum = 0
    for (const [data, size] of sizes()) {
      expect(socket.send(data as string)).toBeUndefined()
      expect(socket.bufferedAmount).toBe((sum += size))
    }
    socket.close()
    expect(socket.bufferedAmount).toBe(sum)
  }),
  fact('send() after a loss discards and counts the message', async (setup) => {
    const socket = setup.dial(`/reset-once?id=${Math.random()}`)
    await setup.next(socket, 'close')
    const before = socket.bufferedAmount
    socket.send('€')
    expect(socket.bufferedAmount).toBe(before + 3)
    // Enough time for any pending callback.
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(socket.bufferedAmount).toBe(before + 3)
  }),
]
