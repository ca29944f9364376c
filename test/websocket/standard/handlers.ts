// HTML §8.1.8, of the event handler attributes onopen, onmessage, onerror and onclose.
import { expect } from 'vitest'
import { fact, types, type Fact, type Setup } from './setup.js'

type Name = 'onopen' | 'onmessage' | 'onerror' | 'onclose'
type Set = (handler: unknown) => void

/** Once for each of the four; the test creates the events, so nothing depends on the network. */
const forEach = (
  title: string,
  run: (socket: WebSocket, type: (typeof types)[number], set: Set, get: () => unknown) => void,
): Fact =>
  fact(title, (setup: Setup) => {
    for (const type of types) {
      const socket = setup.dial('/quiet')
      const name: Name = `on${type}`
      run(
        socket,
        type,
        (handler) => ((socket as unknown as Record<Name, unknown>)[name] = handler),
        () => socket[name],
      )
    }
  })

export const handlers: Fact[] = [
  forEach('an event handler is initially null', (_socket, _type, _set, get) => {
    expect(get()).toBeNull()
  }),
  forEach('an event handler returns the value it was set to', (_socket, _type, set, get) => {
    const handler = (): void => {}
    set(handler)
    expect(get()).toBe(handler)
    set(null)
    expect(get()).toBeNull()
  }),
  forEach('a non-object event handler becomes null', (_socket, _type, set, get) => {
    for (const nothing of [undefined, 1, 'text', true, Symbol('x'), 1n]) {
      set(() => {})
      set(nothing)
      expect(get()).toBeNull()
    }
  }),
  forEach('an object that is not callable is retained as an event handler', (_socket, _type, set, get) => {
    const object = {}
    set(object)
    expect(get()).toBe(object)
  }),
  forEach("an event handler's handleEvent is not called", (socket, type, set) => {
    let called = false
    set({ handleEvent: () => (called = true) })
    socket.dispatchEvent(new Event(type))
    expect(called).toBe(false)
  }),
  forEach('an event handler is called on the socket with only the event', (socket, type, set) => {
    const calls: unknown[] = []
    set(function handle(this: unknown, ...args: unknown[]) {
      calls.push(this, args)
    })
    const event = new Event(type)
    socket.dispatchEvent(event)
    expect(calls[0]).toBe(socket)
    expect(calls[1]).toEqual([event])
    expect(calls).toHaveLength(2)
  }),
  forEach('an event handler runs in the listener order of its first assignment', (socket, type, set) => {
    const log: string[] = []
    socket.addEventListener(type, () => log.push('a'))
    set(() => log.push('first'))
    socket.addEventListener(type, () => log.push('b'))
    set(() => log.push('second'))
    socket.dispatchEvent(new Event(type))
    expect(log).toEqual(['a', 'second', 'b'])
  }),
  forEach('an event handler that was reset to null runs in the order of its new assignment', (socket, type, set) => {
    const log: string[] = []
    set(() => log.push('first'))
    socket.addEventListener(type, () => log.push('a'))
    set(null)
    set(() => log.push('second'))
    socket.dispatchEvent(new Event(type))
    expect(log).toEqual(['a', 'second'])
  }),
  forEach("an object that is not callable reserves the event handler's place", (socket, type, set) => {
    const log: string[] = []
    set({})
    socket.addEventListener(type, () => log.push('a'))
    set(() => log.push('handler'))
    socket.dispatchEvent(new Event(type))
    expect(log).toEqual(['handler', 'a'])
  }),
  forEach('an event handler assigned by an earlier listener runs instead of the old one', (socket, type, set) => {
    const log: string[] = []
    socket.addEventListener(type, () => set(() => log.push('new')))
    set(() => log.push('old'))
    socket.dispatchEvent(new Event(type))
    expect(log).toEqual(['new'])
  }),
  forEach('an event handler that a listener removes does not run', (socket, type, set) => {
    let called = false
    socket.addEventListener(type, () => set(null))
    set(() => (called = true))
    socket.dispatchEvent(new Event(type))
    expect(called).toBe(false)
  }),
  forEach('a function that is both event handler and listener is called twice', (socket, type, set) => {
    let calls = 0
    const both = (): number => calls++
    set(both)
    socket.addEventListener(type, both)
    socket.dispatchEvent(new Event(type))
    socket.removeEventListener(type, both)
    socket.dispatchEvent(new Event(type))
    expect(calls).toBe(3)
  }),
  forEach('an event handler that returns false cancels a cancelable event', (socket, type, set) => {
    set(() => false)
    expect(socket.dispatchEvent(new Event(type, { cancelable: true }))).toBe(false)
    expect(socket.dispatchEvent(new Event(type))).toBe(true)
    set(() => 0)
    expect(socket.dispatchEvent(new Event(type, { cancelable: true }))).toBe(true)
  }),
  fact('setting an event handler does not call an overridden addEventListener', (setup) => {
    const received: string[] = []
    class Sub extends setup.WebSocket {
      override addEventListener(type: string): void {
        received.push(type)
      }
    }
    const socket = new Sub(`${setup.server}/quiet`)
    const before = received.length
    let called = false
    socket.onmessage = () => (called = true)
    socket.dispatchEvent(new Event('message'))
    socket.close()
    expect(called).toBe(true)
    expect(received.length).toBe(before)
  }),
]
