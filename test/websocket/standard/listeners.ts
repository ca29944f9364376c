// DOM §2.7, on the EventTarget that every socket is. All use `message`, which the class tracks separately.
import { expect } from 'vitest'
import { expectTypeError, fact, type Fact, type Setup } from './setup.js'

const type = 'message'

const onQuiet = (title: string, run: (socket: WebSocket, log: string[], setup: Setup) => unknown): Fact =>
  fact(title, (setup) => run(setup.dial('/quiet'), [], setup))

const fire = (socket: WebSocket): boolean => socket.dispatchEvent(new MessageEvent(type, { data: 'x' }))
const add = (socket: WebSocket, ...args: unknown[]): void => {
  Reflect.apply(socket.addEventListener.bind(socket), undefined, args)
}

export const listeners: Fact[] = [
  onQuiet('listeners are called in registration order', (socket, log) => {
    for (const name of ['a', 'b', 'c']) socket.addEventListener(type, () => log.push(name))
    fire(socket)
    expect(log).toEqual(['a', 'b', 'c'])
  }),
  onQuiet('a listener that is added twice is called once', (socket, log) => {
    const listener = (): number => log.push('x')
    socket.addEventListener(type, listener)
    socket.addEventListener(type, listener, { once: true })
    fire(socket)
    fire(socket)
    expect(log).toEqual(['x', 'x'])
  }),
  onQuiet('a listener with capture and one without are distinct', (socket, log) => {
    const listener = (): number => log.push('x')
    socket.addEventListener(type, listener)
    socket.addEventListener(type, listener, true)
    fire(socket)
    socket.removeEventListener(type, listener)
    fire(socket)
    socket.removeEventListener(type, listener, { capture: true })
    fire(socket)
    expect(log).toEqual(['x', 'x', 'x'])
  }),
  onQuiet('listeners with capture are called first', (socket, log) => {
    socket.addEventListener(type, () => log.push('bubble'))
    socket.addEventListener(type, () => log.push('capture'), true)
    fire(socket)
    expect(log).toEqual(['capture', 'bubble'])
  }),
  onQuiet('a listener with once is called once and can add itself again', (socket, log) => {
    const listener = (): void => {
      log.push('x')
      if (log.length === 1) socket.addEventListener(type, listener, { once: true })
    }
    socket.addEventListener(type, listener, { once: true })
    for (let times = 0; times < 3; times++) fire(socket)
    expect(log).toEqual(['x', 'x'])
  }),
  onQuiet('a listener with once can be removed', (socket, log) => {
    const listener = (): number => log.push('x')
    socket.addEventListener(type, listener, { once: true })
    socket.removeEventListener(type, listener)
    fire(socket)
    expect(log).toEqual([])
  }),
  onQuiet('a signal removes a listener, even during a dispatch', (socket, log) => {
    const { signal, abort } = controller()
    socket.addEventListener(type, () => log.push('a') === 3 && abort())
    socket.addEventListener(type, () => log.push('b'), { signal })
    fire(socket)
    fire(socket)
    fire(socket)
    expect(log).toEqual(['a', 'b', 'a', 'a'])
  }),
  onQuiet('a signal that is already aborted adds no listener', (socket, log) => {
    socket.addEventListener(type, () => log.push('x'), { signal: AbortSignal.abort() })
    fire(socket)
    expect(log).toEqual([])
  }),
  onQuiet('a listener can be added again while its signal is being aborted', (socket, log) => {
    const { signal, abort } = controller()
    const listener = (): number => log.push('x')
    signal.addEventListener('abort', () => socket.addEventListener(type, listener))
    socket.addEventListener(type, listener, { signal })
    abort()
    fire(socket)
    expect(log).toEqual(['x'])
  }),
  onQuiet('handleEvent is looked up for each event and called on its object', (socket, log) => {
    const object = {
      name: 'one',
      handleEvent: function one(this: { name: string }): unknown {
        return log.push(this.name)
      },
    }
    socket.addEventListener(type, object)
    fire(socket)
    object.handleEvent = () => log.push('two')
    fire(socket)
    socket.removeEventListener(type, object)
    fire(socket)
    expect(log).toEqual(['one', 'two'])
  }),
  onQuiet('handleEvent with once is called on its object, once', (socket, log) => {
    const object = {
      name: 'one',
      handleEvent(this: { name: string }): unknown {
        return log.push(this.name)
      },
    }
    socket.addEventListener(type, object, { once: true })
    fire(socket)
    fire(socket)
    expect(log).toEqual(['one'])
  }),
  onQuiet("a listener is called on the socket, which is the event's currentTarget", (socket) => {
    const calls: unknown[][] = []
    for (const once of [false, true]) {
      const listen = function (this: unknown, ...args: unknown[]): void {
        calls.push([this === socket, args.length, (args[0] as Event).currentTarget === socket])
      }
      socket.addEventListener(type, listen, { once })
    }
    fire(socket)
    expect(calls).toEqual([
      [true, 1, true],
      [true, 1, true],
    ])
  }),
  onQuiet('null and undefined are accepted as listeners and ignored', (socket) => {
    for (const nothing of [null, undefined]) {
      add(socket, type, nothing)
      add(socket, type, nothing, { once: true })
      socket.removeEventListener(type, nothing as never)
    }
    expect(fire(socket)).toBe(true)
  }),
  onQuiet('any other non-object listener throws TypeError', (socket) => {
    for (const nonsense of ['text', 1, true, Symbol('x')]) expectTypeError(() => add(socket, type, nonsense))
  }),
  onQuiet('addEventListener and removeEventListener require two arguments', (socket) => {
    expectTypeError(() => add(socket, type))
    expectTypeError(() => add(socket))
    expectTypeError(() => (socket.removeEventListener as (type: string) => void)(type))
  }),
  onQuiet('the event type is converted to a string once', (socket, log) => {
    let conversions = 0
    const spoken = { toString: () => ((conversions += 1), type) }
    add(socket, spoken, () => log.push('x'))
    fire(socket)
    expect(log).toEqual(['x'])
    expect(conversions).toBe(1)
    expectTypeError(() => add(socket, Symbol('message'), () => {}))
  }),
  onQuiet('non-object options set capture', (socket, log) => {
    const listener = (): number => log.push('x')
    for (const [options, capture] of [
      [null, false],
      [undefined, false],
      [1, true],
      ['yes', true],
      [0, false],
      ['', false],
    ]) {
      add(socket, type, listener, options)
      socket.removeEventListener(type, listener, !capture)
      fire(socket)
      socket.removeEventListener(type, listener, capture as boolean)
      fire(socket)
    }
    expect(log).toHaveLength(6)
  }),
  onQuiet('a function is accepted as options', (socket, log) => {
    add(
      socket,
      type,
      () => log.push('x'),
      Object.assign(() => {}, { once: true }),
    )
    fire(socket)
    fire(socket)
    expect(log).toEqual(['x'])
  }),
  onQuiet('an invalid signal throws TypeError and adds no listener', (socket, log) => {
    for (const signal of [null, {}, 'x']) expectTypeError(() => add(socket, type, () => log.push('x'), { signal }))
    fire(socket)
    expect(log).toEqual([])
  }),
  onQuiet('stopImmediatePropagation prevents later listeners from being called', (socket, log) => {
    socket.addEventListener(type, (event) => event.stopImmediatePropagation())
    socket.addEventListener(type, () => log.push('x'))
    socket.onmessage = () => log.push('handler')
    fire(socket)
    expect(log).toEqual([])
  }),
  onQuiet('during a dispatch a removed listener is not called, and an added one is called next time', (socket, log) => {
    const gone = (): number => log.push('gone')
    const come = (): number => log.push('come')
    socket.addEventListener(type, () => {
      socket.removeEventListener(type, gone)
      socket.addEventListener(type, come)
    })
    socket.addEventListener(type, gone)
    fire(socket)
    expect(log).toEqual([])
    fire(socket)
    expect(log).toEqual(['come'])
  }),
  onQuiet('dispatchEvent returns whether the event was canceled', (socket) => {
    socket.addEventListener(type, (event) => event.preventDefault())
    expect(socket.dispatchEvent(new Event(type, { cancelable: true }))).toBe(false)
    expect(socket.dispatchEvent(new Event(type))).toBe(true)
  }),
  ...(['listener', 'listener with once', 'event handler', 'handleEvent'] as const).map((kind) =>
    onQuiet(`a ${kind} that throws is reported and does not stop the next`, async (socket, log, { subject }) => {
      const mine = new Error('mine')
      const raise = (): never => {
        throw mine
      }
      if (kind === 'event handler') socket.onmessage = raise
      else if (kind === 'handleEvent') socket.addEventListener(type, { handleEvent: raise })
      else socket.addEventListener(type, raise, { once: kind === 'listener with once' })
      socket.addEventListener(type, () => log.push('next'))
      expect(await subject.reported(() => fire(socket))).toBe(mine)
      expect(log).toEqual(['next'])
    }),
  ),
  onQuiet(
    'an object without handleEvent causes a reported TypeError at the event',
    async (socket, log, { subject }) => {
      add(socket, type, {})
      socket.addEventListener(type, () => log.push('next'))
      expect(await subject.reported(() => fire(socket))).toBeInstanceOf(TypeError)
      expect(log).toEqual(['next'])
    },
  ),
]

function controller(): { signal: AbortSignal; abort: () => void } {
  const made = new AbortController()
  return { signal: made.signal, abort: () => made.abort() }
}
