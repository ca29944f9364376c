import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import WebSocket7 from 'ws7'
import { webSocketTransport, type WebSocketClass } from '../../src/transports/browser.js'
import { wsTransport, type WsTransportOptions } from '../../src/transports/ws.js'
import { type ConformanceServer, startConformanceServer } from './conformance-server.js'
import { bytesOf, Dialed, until } from './dialed.js'

let server: ConformanceServer
beforeAll(async () => {
  server = await startConformanceServer()
})
afterAll(() => server.close())

type Class = NonNullable<WsTransportOptions['WebSocket']>

/** A class like Bun's `ws`: it emits `upgrade` with the value given here in place of the TCP socket. */
function upgradingWith(socket: unknown): Class {
  return class extends WebSocket {
    override emit(type: string, ...args: unknown[]): boolean {
      return super.emit(type, ...(type === 'upgrade' ? [{ ...(args[0] as object), socket }] : args))
    }
  }
}

/** Never emits `upgrade`. */
class Silent extends WebSocket {
  override emit(type: string, ...args: unknown[]): boolean {
    return type === 'upgrade' || super.emit(type, ...args)
  }
}

describe('wsTransport over a class that', () => {
  for (const [what, Class] of [
    ['emits upgrade without a socket', upgradingWith(null)],
    ['emits upgrade with a socket that cannot be corked', upgradingWith({})],
    ['never emits upgrade', Silent],
  ] as const) {
    it(`${what} sends every message of a tick, in order`, async () => {
      const socket = await new Dialed(wsTransport({ WebSocket: Class }), { url: `${server.url}/echo` }).opened()
      for (const text of ['1', '2', '3']) socket.send(text)
      expect(await socket.received(3)).toEqual(['1', '2', '3'])
      socket.abandon()
      expect(socket.breaches).toEqual([])
    })
  }

  for (const [what, wrap] of [
    ['is a proxy around that of ws', () => new Proxy(WebSocket, {})],
    ['is a function that shares the prototype of ws', () => shared()],
  ] as const) {
    it(`${what} works`, async () => {
      const transport = wsTransport({ WebSocket: wrap() as Class })
      const socket = await new Dialed(transport, { url: `${server.url}/echo` }).opened()
      socket.abandon()
    })
  }
})

/** Emits a message, a pong and an error inside every call, as a class that buffers events may. */
class Noisy extends WebSocket {
  static last: WebSocket
  static closes: unknown[][] = []
  #isNoisy = false
  constructor(url: string, protocols?: string[], options?: ClientOptions) {
    super(url, protocols, options)
    Noisy.last = this
  }
  #makeNoise(): void {
    if (this.#isNoisy) return
    this.#isNoisy = true
    for (const [type, ...args] of [
      ['message', Buffer.from('inside'), false],
      ['ping'],
      ['pong', Buffer.from('x')],
    ] as const)
      this.emit(type, ...args)
    this.#isNoisy = false
  }
  override send(...args: unknown[]): void {
    this.#makeNoise()
    ;(super.send as (...given: unknown[]) => void)(...args)
  }
  override close(...args: [code?: number, reason?: string]): void {
    this.#makeNoise()
    Noisy.closes.push(args)
    super.close(...args)
  }
  override ping(...args: unknown[]): void {
    this.#makeNoise()
    ;(super.ping as (...given: unknown[]) => void)(...args)
  }
  override pause(): void {
    this.#makeNoise()
    super.pause()
  }
  override resume(): void {
    this.#makeNoise()
    super.resume()
  }
  override terminate(): void {
    this.#makeNoise()
    super.terminate()
  }
}

describe('wsTransport over a class that emits events inside its calls', () => {
  for (const name of ['send', 'ping', 'pause', 'resume', 'close'] as const) {
    it(`reports what ${name} emits after it returns`, async () => {
      const socket = await new Dialed(wsTransport({ WebSocket: Noisy as unknown as Class }), {
        url: `${server.url}/echo`,
      }).opened()
      if (name === 'send') socket.send('x')
      else socket[name]()
      expect(socket.types).toEqual(['opened'])
      await until(() => expect(socket.types.slice(0, 4)).toEqual(['opened', 'message', 'alive', 'alive']))
      socket.abandon()
      expect(socket.breaches).toEqual([])
    })
  }

  it('reports nothing after the close', async () => {
    const socket = new Dialed(wsTransport({ WebSocket: Noisy as unknown as Class }), {
      url: `${server.url}/close?code=1000`,
    })
    await socket.closed()
    const { length } = socket.log
    for (const type of ['open', 'ping', 'pong', 'message', 'error', 'close']) {
      Noisy.last.emit(type, type === 'error' ? new Error('late') : Buffer.from('late'), Buffer.from('late'))
    }
    expect(socket.log).toHaveLength(length)
    expect(socket.breaches).toEqual([])
  })

  it('reports nothing that abandon emits', async () => {
    const socket = await new Dialed(wsTransport({ WebSocket: Noisy as unknown as Class }), {
      url: `${server.url}/echo`,
    }).opened()
    Noisy.closes = []
    socket.abandon(4000)
    // It threw nothing either.
    expect(Noisy.closes[0]).toEqual([4000])
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(socket.types).toEqual(['opened'])
    expect(socket.breaches).toEqual([])
  })
})

/** As created by instrumentation. */
function shared(): unknown {
  function Instrumented(...args: ConstructorParameters<typeof WebSocket>): WebSocket {
    return new WebSocket(...args)
  }
  Instrumented.prototype = WebSocket.prototype
  return Instrumented
}

describe('wsTransport throws for', () => {
  const refused = (Class: unknown): unknown => {
    try {
      return wsTransport({ WebSocket: Class as Class })
    } catch (error) {
      return error
    }
  }

  it('the class of ws 7, and says what it lacks', () => {
    expect(refused(WebSocket7)).toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringMatching(/^wsTransport\.WebSocket .*pause.* ws 8\./) as string,
    })
  })

  it('a standard WebSocket class, and names the transport that accepts it', () => {
    expect(refused(globalThis.WebSocket)).toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringContaining('webSocketTransport({ WebSocket })') as string,
    })
  })

  for (const name of ['on', 'off', 'once', 'send', 'close', 'terminate', 'ping', 'pause', 'resume'] as const) {
    it(`a class without ${name}, and names it`, () => {
      class Lacking extends WebSocket {}
      Object.defineProperty(Lacking.prototype, name, { value: undefined })
      expect(refused(Lacking)).toMatchObject({
        code: 'ERR_OPTION',
        message: expect.stringMatching(new RegExp(`no ${name}\\b`)) as string,
      })
    })
  }

  it('a value that is not a class', () => {
    for (const value of [{}, 123, 'ws', null, { WebSocket }, () => {}]) {
      expect(refused(value)).toMatchObject({ code: 'ERR_OPTION' })
    }
  })
})

describe('webSocketTransport over the class of ws 7', () => {
  const ws7 = webSocketTransport({ WebSocket: WebSocket7 as unknown as WebSocketClass })

  for (const [binaryType, type] of [
    ['arraybuffer', ArrayBuffer],
    ['blob', Blob],
  ] as const) {
    it(`delivers text as text and bytes as ${binaryType}`, async () => {
      const socket = new Dialed(ws7, { url: `${server.url}/burst?n=20`, binaryType })
      const messages = await socket.received(40)
      const expected = Array.from({ length: 20 }, (_, i) => [`t${i}`, [i]]).flat()
      expect(messages.filter((each) => typeof each !== 'string').every((each) => each instanceof type)).toBe(true)
      const read = await Promise.all(messages.map(async (each) => (typeof each === 'string' ? each : bytesOf(each))))
      expect(read).toEqual(expected)
      socket.abandon()
      expect(socket.breaches).toEqual([])
    })
  }

  it('switches between text and binary from one message to the next', async () => {
    const socket = await new Dialed(ws7, { url: `${server.url}/echo` }).opened()
    socket.send(new Uint8Array([1]))
    await socket.received(1)
    socket.socket.binaryType = 'blob'
    socket.send(new Uint8Array([2]))
    const [first, second] = await socket.received(2)
    expect([first instanceof ArrayBuffer, second instanceof Blob]).toEqual([true, true])
    socket.abandon()
  })
})
