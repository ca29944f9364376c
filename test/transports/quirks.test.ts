import { EventEmitter } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket as WsWebSocket } from 'ws'
import { ConnectionError } from '../../src/core/errors.js'
import { webSocketTransport, type WebSocketClass } from '../../src/transports/browser.js'
import type { Target } from '../../src/core/transport.js'
import { Dialed } from './dialed.js'

const url = 'ws://example.test/'

/** Waits for both the microtasks and a turn of the loop. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

type Listener = (event: { type: string }) => void

/** A well-behaved class that each test breaks in one way. Records its instances and their listener counts. */
class FakeWebSocket {
  static last: FakeWebSocket
  readyState = 0
  bufferedAmount = 0
  protocol = ''
  extensions = ''
  binaryType = 'nodebuffer'
  readonly calls: unknown[][] = []
  readonly listeners = new Map<string, Set<Listener>>()

  readonly url: string

  constructor(url: string) {
    this.url = url
    FakeWebSocket.last = this
  }
  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, (this.listeners.get(type) ?? new Set()).add(listener))
  }
  removeEventListener(type: string, listener: Listener): void {
    this.listeners.get(type)?.delete(listener)
  }
  count(): number {
    return [...this.listeners.values()].reduce((sum, each) => sum + each.size, 0)
  }
  fire(type: string, detail: object = {}): void {
    for (const listener of [...(this.listeners.get(type) ?? [])]) listener({ type, ...detail })
  }
  open(): void {
    this.readyState = 1
    this.fire('open')
  }
  send(data: unknown): void {
    this.calls.push(['send', data])
  }
  close(...args: unknown[]): void {
    this.calls.push(['close', ...args])
    this.readyState = 2
  }
}

function dial<T extends typeof FakeWebSocket>(Class: T, target: Partial<Target> = {}) {
  const socket = new Dialed(webSocketTransport({ WebSocket: Class }), { url, ...target })
  return { socket, fake: FakeWebSocket.last as InstanceType<T> }
}

const lost = { type: 'closed', close: { code: 1006, reason: '', wasClean: false } }

afterEach(() => vi.unstubAllGlobals())

describe('webSocketTransport absorbs the quirks of runtimes', () => {
  it('an error without a close, while CONNECTING, reports failed and closed (Node 22, C07)', async () => {
    const { socket, fake } = dial(FakeWebSocket)
    fake.fire('error', { error: new Error('refused'), message: 'refused' })
    expect(socket.log).toEqual([])
    await turn()
    expect(socket.log).toMatchObject([{ type: 'failed' }, lost])
    expect(socket.of('failed')[0]!.detail.error).toMatchObject({ code: 'ERR_SOCKET', cause: { message: 'refused' } })
    expect(fake.calls).toEqual([['close']])
    expect(socket.breaches).toEqual([])
  })

  it('an error without a close, once open, reports failed and closed', async () => {
    const { socket, fake } = dial(FakeWebSocket)
    fake.open()
    fake.readyState = 3
    fake.fire('error')
    await turn()
    expect(socket.types).toEqual(['opened', 'failed', 'closed'])
    fake.fire('close', { code: 1000, reason: '', wasClean: true })
    await turn()
    expect(socket.breaches).toEqual([])
  })

  it('two errors before the close report one failure, the first, right before closed', () => {
    const { socket, fake } = dial(FakeWebSocket)
    fake.open()
    for (const message of ['cause', 'consequence']) fake.fire('error', { error: message })
    expect(socket.types).toEqual(['opened'])
    fake.fire('close', { code: 1006, reason: '', wasClean: false })
    fake.fire('error', { error: 'late' })
    expect(socket.types).toEqual(['opened', 'failed', 'closed'])
    expect(socket.of('failed')[0]!.detail.error).toMatchObject({ code: 'ERR_SOCKET', cause: 'cause' })
    expect(socket.breaches).toEqual([])
  })

  it('an error with a close in the same turn keeps the code of the close', async () => {
    const { socket, fake } = dial(FakeWebSocket)
    fake.open()
    fake.fire('error')
    fake.fire('close', { code: 1011, reason: 'oops', wasClean: false })
    await turn()
    expect(socket.of('closed')).toEqual([{ type: 'closed', close: { code: 1011, reason: 'oops', wasClean: false } }])
    expect(fake.calls).toEqual([])
  })

  it('an error inside close() while CONNECTING, with no event after it, reports failed and closed (undici 6)', async () => {
    class ErrorInsideClose extends FakeWebSocket {
      override close(): void {
        if (this.readyState === 0) this.fire('error', { message: 'closed before it was established' })
        this.readyState = 2
      }
    }
    const { socket } = dial(ErrorInsideClose)
    socket.close(1000)
    expect(socket.log).toEqual([])
    await turn()
    expect(socket.types).toEqual(['failed', 'closed'])
    expect(socket.breaches).toEqual([])
  })

  it('two close events report closed once (C07)', async () => {
    const { socket, fake } = dial(FakeWebSocket)
    fake.open()
    const listeners = [...fake.listeners.get('close')!]
    for (const code of [4001, 4002]) {
      for (const listener of listeners) listener({ type: 'close', code } as { type: string })
    }
    await turn()
    expect(socket.of('closed').map(({ close }) => close.code)).toEqual([4001])
    expect(socket.breaches).toEqual([])
  })

  it('a close event inside close() is reported after close() returns (undici, C05)', async () => {
    class CloseInsideClose extends FakeWebSocket {
      override close(code?: number, reason?: string): void {
        this.readyState = 3
        this.fire('close', { code, reason, wasClean: true })
      }
    }
    const { socket, fake } = dial(CloseInsideClose)
    fake.open()
    socket.close(4000, 'bye')
    expect(socket.types).toEqual(['opened'])
    await turn()
    expect(socket.log[1]).toEqual({ type: 'closed', close: { code: 4000, reason: 'bye', wasClean: true } })
    expect(socket.breaches).toEqual([])
  })

  it('a message inside send() is reported after send() returns, before later messages', async () => {
    class EchoInsideSend extends FakeWebSocket {
      override send(data: unknown): void {
        this.fire('message', { data })
      }
    }
    const { socket, fake } = dial(EchoInsideSend)
    fake.open()
    socket.send('first')
    fake.fire('message', { data: 'second' })
    expect(socket.messages).toEqual([])
    await turn()
    expect(socket.messages).toEqual(['first', 'second'])
    fake.fire('message', { data: 'third' })
    expect(socket.messages).toEqual(['first', 'second', 'third'])
    expect(socket.breaches).toEqual([])
  })

  it('events inside abandon() are not reported, and it may throw', async () => {
    class NoisyGoodbye extends FakeWebSocket {
      override close(): never {
        this.fire('error')
        this.fire('message', { data: 'x' })
        this.fire('close', { code: 1000 })
        throw new Error('no')
      }
      terminate(): never {
        throw new Error('no either')
      }
    }
    const { socket, fake } = dial(NoisyGoodbye)
    fake.open()
    socket.abandon(4000)
    await turn()
    expect(socket.types).toEqual(['opened'])
    expect(socket.breaches).toEqual([])
  })

  it('deferred events are dropped after abandon', async () => {
    class CloseInsideClose extends FakeWebSocket {
      override close(): void {
        this.fire('close', { code: 1000 })
      }
    }
    const { socket, fake } = dial(CloseInsideClose)
    fake.open()
    socket.close(1000)
    socket.abandon()
    await turn()
    expect(socket.types).toEqual(['opened'])
    expect(socket.breaches).toEqual([])
  })

  for (const [code, who] of [
    [0, 'Deno'],
    [999, 'Chromium'],
    [5000, 'Chromium'],
    [undefined, 'a class without close codes'],
  ] as const) {
    it(`close code ${code} is reported as 1006 and not clean (${who}, C03)`, () => {
      const { socket, fake } = dial(FakeWebSocket)
      fake.open()
      fake.fire('close', { code, reason: '', wasClean: true })
      expect(socket.log[1]).toEqual(lost)
    })
  }

  it('frames after close or after abandon are not delivered (N07)', () => {
    const closed = dial(FakeWebSocket)
    closed.fake.open()
    const late = [...closed.fake.listeners.get('message')!]
    closed.fake.fire('close', { code: 1000 })
    const abandoned = dial(FakeWebSocket)
    abandoned.fake.open()
    late.push(...abandoned.fake.listeners.get('message')!)
    abandoned.socket.abandon()
    for (const listener of late) listener({ type: 'message', data: 'late' } as { type: string })
    expect([closed.socket.types, abandoned.socket.types]).toEqual([['opened', 'closed'], ['opened']])
    expect([...closed.socket.breaches, ...abandoned.socket.breaches]).toEqual([])
  })

  it('two open events report opened once', () => {
    const { socket, fake } = dial(FakeWebSocket)
    fake.open()
    fake.open()
    expect(socket.types).toEqual(['opened'])
  })

  it('after the close nothing is reported, and close does nothing', async () => {
    const { socket, fake } = dial(FakeWebSocket)
    fake.fire('close', { code: 1006, reason: '', wasClean: false })
    fake.open()
    fake.fire('error')
    fake.fire('close', { code: 1000 })
    socket.close(1000)
    await turn()
    expect(socket.log).toEqual([lost])
    expect(fake.calls).toEqual([])
  })

  it('nothing is sent after the close or after abandon, even if the class still reports OPEN', () => {
    class StaysOpen extends FakeWebSocket {
      override close(): void {}
    }
    const closed = dial(StaysOpen)
    closed.fake.open()
    closed.fake.fire('close', { code: 1000 })
    const abandoned = dial(StaysOpen)
    abandoned.fake.open()
    abandoned.socket.abandon()
    for (const { socket, fake } of [closed, abandoned]) {
      expect(fake.readyState).toBe(1)
      expect(() => socket.send('late')).toThrow(ConnectionError)
      expect(fake.calls).toEqual([])
    }
  })

  it('a close without an open reports only closed (a reset right behind the 101)', () => {
    const { socket, fake } = dial(FakeWebSocket)
    fake.fire('close', { code: 1006, reason: '', wasClean: false })
    expect(socket.log).toEqual([lost])
  })

  it("binaryType is always set, whatever the class's default (Bun)", () => {
    expect(dial(FakeWebSocket).fake.binaryType).toBe('arraybuffer')
    expect(dial(FakeWebSocket, { binaryType: 'blob' }).fake.binaryType).toBe('blob')
  })

  describe('a class with an accept method (workerd)', () => {
    class Workerd extends FakeWebSocket {
      accept(): void {}
    }

    it('receives no Blob, which it would send as its name', () => {
      const { socket, fake } = dial(Workerd)
      fake.open()
      expect(() => socket.send(new Blob(['bytes']))).toThrow(TypeError)
      expect(fake.calls).toEqual([])
    })

    it('receives copied bytes, because it reads them late', () => {
      const { socket, fake } = dial(Workerd)
      fake.open()
      const bytes = new Uint8Array([1, 2, 3])
      socket.send(bytes)
      bytes.fill(9)
      expect(fake.calls).toEqual([['send', new Uint8Array([1, 2, 3])]])
    })

    it('reports a clean close only, despite an error after both close frames', () => {
      const { socket, fake } = dial(Workerd)
      fake.open()
      fake.fire('error', { message: 'Network connection lost.' })
      fake.fire('close', { code: 1005, reason: '', wasClean: true })
      expect(socket.types).toEqual(['opened', 'closed'])
    })

    it.each([1006, 1015])('reports %i as if a frame had carried it: 1006, empty reason, not clean', (code) => {
      const { socket, fake } = dial(Workerd)
      fake.open()
      fake.fire('close', { code, reason: 'in words', wasClean: true })
      expect(socket.log.at(-1)).toEqual(lost)
    })
  })

  it('close passes as many arguments as it received', () => {
    const { socket, fake } = dial(FakeWebSocket)
    fake.open()
    socket.close()
    socket.close(4000)
    socket.close(4000, 'why')
    expect(fake.calls).toEqual([['close'], ['close', 4000], ['close', 4000, 'why']])
  })

  it('a close code the class refuses becomes a close without a code (C04)', () => {
    class Strict extends FakeWebSocket {
      override close(...args: unknown[]): void {
        if (args.length > 0) throw new DOMException('code', 'InvalidAccessError')
        super.close()
      }
    }
    const { socket, fake } = dial(Strict)
    fake.open()
    socket.close(1001, 'going away')
    expect(fake.calls).toEqual([['close']])
  })

  it('abandon terminates where the class can, and keeps an error listener; a normal end does not (C05)', async () => {
    const terminate = vi.fn()
    class Terminable extends FakeWebSocket {
      terminate = terminate
    }
    const { socket, fake } = dial(Terminable)
    fake.open()
    expect(fake.count()).toBe(4)
    socket.abandon(4000, 'dead')
    expect(fake.listeners.get('error')!.size).toBe(1)
    fake.fire('error')
    expect(socket.types).toEqual(['opened'])
    const ended = dial(Terminable)
    ended.fake.fire('error')
    await turn()
    expect(ended.socket.types).toEqual(['failed', 'closed'])
    expect(ended.fake.calls).toEqual([['close']])
    expect(fake.calls).toEqual([['close', 4000, 'dead']])
    expect(terminate).toHaveBeenCalledOnce()
  })

  it('an error after abandon does not end the process if the class is an EventEmitter (A03, C05)', () => {
    class Emitter extends FakeWebSocket {
      readonly emitter = new EventEmitter()
      override addEventListener(type: string, listener: Listener): void {
        this.emitter.on(type, listener)
      }
      override removeEventListener(type: string, listener: Listener): void {
        this.emitter.off(type, listener)
      }
    }
    const { socket, fake } = dial(Emitter)
    socket.abandon()
    expect(fake.emitter.emit('error', new Error('closed before the connection was established'))).toBe(true)
    expect(socket.breaches).toEqual([])
  })

  it('an exception from send reaches the caller', () => {
    class Picky extends FakeWebSocket {
      override send(): never {
        throw new TypeError('cannot send this')
      }
    }
    const { socket, fake } = dial(Picky)
    fake.open()
    expect(() => socket.send('x')).toThrow('cannot send this')
    fake.fire('message', { data: 'still here' })
    expect(socket.messages).toEqual(['still here'])
  })
})

describe('a constructor that throws reports failed and closed, asynchronously (H11)', () => {
  const dom = (name: string): Error => new DOMException('at wss://example.test/?token=secret', name)
  for (const [name, error, target, code, fatal] of [
    ['SyntaxError for the URL', dom('SyntaxError'), { url: 'nonsense' }, 'ERR_URL', true],
    ['SyntaxError for a subprotocol', dom('SyntaxError'), { protocols: ['a', 'a'] }, 'ERR_OPTION', true],
    ['SecurityError', dom('SecurityError'), {}, 'ERR_URL', true],
    ['TypeError', new TypeError('bad header'), {}, 'ERR_OPTION', true],
    ['anything else', new Error('out of sockets'), {}, 'ERR_SOCKET', undefined],
    ['what is no error', 'a string', {}, 'ERR_SOCKET', undefined],
  ] as const) {
    it(`${name}: ${code}${fatal ? ', fatal' : ''}, and no part of the URL in the message`, async () => {
      class Throws extends FakeWebSocket {
        constructor() {
          super(url)
          // oxlint-disable-next-line typescript/only-throw-error -- what is thrown is the point
          throw error
        }
      }
      const { socket } = dial(Throws, target)
      expect(socket.log).toEqual([])
      await Promise.resolve()
      expect(socket.log).toMatchObject([{ type: 'failed', detail: { error: { code, cause: error } } }, lost])
      expect(socket.of('failed')[0]!.detail.fatal).toBe(fatal)
      expect(String(socket.of('failed')[0]!.detail.error)).not.toMatch(/secret|example/)
      expect(() => socket.send('x')).toThrow(ConnectionError)
      socket.socket.binaryType = 'blob'
      expect([socket.socket.binaryType, socket.socket.bufferedAmount]).toEqual(['blob', 0])
      socket.close(1000)
      socket.abandon()
      expect(socket.breaches).toEqual([])
    })
  }

  it('reports nothing if abandoned in the same turn', async () => {
    class Throws extends FakeWebSocket {
      constructor() {
        super(url)
        throw new Error('no')
      }
    }
    const { socket } = dial(Throws)
    socket.abandon()
    await turn()
    expect(socket.log).toEqual([])
  })

  it("a socket that is created but can't be set up is closed", async () => {
    class Deaf extends FakeWebSocket {
      override addEventListener(): never {
        throw new Error('not supported')
      }
    }
    const { socket, fake } = dial(Deaf)
    await turn()
    expect(socket.types).toEqual(['failed', 'closed'])
    expect(fake.calls).toEqual([['close']])
  })
})

describe('without a WebSocket', () => {
  it('a missing global class is fatal, and the error says what to do', async () => {
    vi.stubGlobal('WebSocket', undefined)
    const socket = new Dialed(webSocketTransport(), { url })
    await turn()
    const { error, fatal } = socket.of('failed')[0]!.detail
    expect([fatal, (error as ConnectionError).code]).toEqual([true, 'ERR_MISSING_PEER'])
    expect(String(error)).toMatch(/no global WebSocket.*statewire\/ws.*Node 22/)
  })

  it('the global class is looked up at each dial', () => {
    const transport = webSocketTransport()
    vi.stubGlobal('WebSocket', FakeWebSocket)
    new Dialed(transport, { url })
    expect(FakeWebSocket.last.url).toBe(url)
  })

  it('options are checked when the transport is created', () => {
    expect(() => webSocketTransport({ WebSocket: 'ws' as unknown as WebSocketClass })).toThrow(
      /WebSocket.*constructor|WebSocket.*class/,
    )
    expect(() => webSocketTransport({ websocket: FakeWebSocket } as object)).toThrow(/websocket/)
  })

  it('base is the URL of the document or worker, and undefined in a runtime without either', () => {
    const transport = webSocketTransport()
    vi.stubGlobal('location', { href: 'https://worker.test/w.js' })
    expect(transport.base).toBe('https://worker.test/w.js')
    vi.stubGlobal('document', { baseURI: 'https://page.test/base/' })
    expect(transport.base).toBe('https://page.test/base/')
    vi.unstubAllGlobals()
    if (!('location' in globalThis)) expect(transport.base).toBeUndefined()
  })
})

describe('types', () => {
  it('the classes of the platform, of ws and of a test are accepted without a cast', () => {
    const classes: (WebSocketClass | undefined)[] = [globalThis.WebSocket, WsWebSocket, FakeWebSocket]
    expect(classes.length).toBe(3)
  })
})
