// Web IDL §3.7, of the interface WebSocket.
import { expect } from 'vitest'
import { expectTypeError, fact, type Fact } from './setup.js'

const constants = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const
const readOnly = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol'] as const
const writable = ['onopen', 'onerror', 'onclose', 'onmessage', 'binaryType'] as const
const operations = { send: 1, close: 0 } as const

/** Its own, or that of the class it extends. */
const own = (of: object, name: string | symbol): PropertyDescriptor => {
  for (let where = of; where !== EventTarget && where !== EventTarget.prototype; where = Object.getPrototypeOf(where)) {
    const descriptor = Object.getOwnPropertyDescriptor(where, name)
    if (descriptor !== undefined) return descriptor
  }
  throw new Error(`${String(name)} is not a property`)
}

export const idl: Fact[] = [
  fact('the class is called WebSocket', ({ WebSocket }) => {
    expect(WebSocket.name).toBe('WebSocket')
  }),
  fact('the class has a length of 1', ({ WebSocket }) => {
    expect(WebSocket.length).toBe(1)
  }),
  fact('the class inherits from EventTarget', (setup) => {
    // The drop-in class learns which class that is when a socket is created.
    setup.dial()
    const { WebSocket } = setup
    expect(Object.getPrototypeOf(WebSocket)).toBe(EventTarget)
    expect(Object.getPrototypeOf(WebSocket.prototype)).toBe(EventTarget.prototype)
  }),
  fact('prototype is neither writable, enumerable nor configurable', ({ WebSocket }) => {
    expect(own(WebSocket, 'prototype')).toMatchObject({ writable: false, enumerable: false, configurable: false })
  }),
  fact('constructor is writable, configurable and not enumerable', ({ WebSocket }) => {
    const { value, ...flags } = own(WebSocket.prototype, 'constructor')
    expect(value).toBe(WebSocket)
    expect(flags).toEqual({ writable: true, enumerable: false, configurable: true })
  }),
  fact('a socket is an instance of its class and of EventTarget, with the class string WebSocket', (setup) => {
    const socket = setup.dial()
    expect(socket).toBeInstanceOf(setup.WebSocket)
    expect(socket).toBeInstanceOf(EventTarget)
    expect(Object.prototype.toString.call(socket)).toBe('[object WebSocket]')
  }),
  fact('the class string is a prototype property that is only configurable', ({ WebSocket }) => {
    expect(own(WebSocket.prototype, Symbol.toStringTag)).toEqual({
      value: 'WebSocket',
      writable: false,
      enumerable: false,
      configurable: true,
    })
  }),
  fact('the four constants are on class, prototype and instance', (setup) => {
    const socket = setup.dial()
    for (const { CONNECTING, OPEN, CLOSING, CLOSED } of [setup.WebSocket, setup.WebSocket.prototype, socket]) {
      expect({ CONNECTING, OPEN, CLOSING, CLOSED }).toEqual(constants)
    }
  }),
  fact('the constants are only enumerable', ({ WebSocket }) => {
    for (const [name, value] of Object.entries(constants)) {
      const expected = { value, writable: false, enumerable: true, configurable: false }
      expect(own(WebSocket, name)).toEqual(expected)
      expect(own(WebSocket.prototype, name)).toEqual(expected)
    }
  }),
  fact('assigning to a constant throws TypeError in strict code', ({ WebSocket }) => {
    for (const where of [WebSocket, WebSocket.prototype]) {
      expectTypeError(() => Object.assign(where, { OPEN: 7 }))
      expect(where.OPEN).toBe(1)
    }
  }),
  fact('the read-only attributes are enumerable, configurable accessors without a setter', ({ WebSocket }) => {
    for (const name of readOnly) {
      const { get, set, ...flags } = own(WebSocket.prototype, name)
      expect(flags).toEqual({ enumerable: true, configurable: true })
      expect(set).toBeUndefined()
      expect([get?.name, get?.length]).toEqual([`get ${name}`, 0])
    }
  }),
  fact('the other attributes are enumerable, configurable accessors with a setter', ({ WebSocket }) => {
    for (const name of writable) {
      const { get, set, ...flags } = own(WebSocket.prototype, name)
      expect(flags).toEqual({ enumerable: true, configurable: true })
      expect([get?.name, get?.length]).toEqual([`get ${name}`, 0])
      expect([set?.name, set?.length]).toEqual([`set ${name}`, 1])
    }
  }),
  fact('the operations are writable, enumerable and configurable, with their names and lengths', ({ WebSocket }) => {
    for (const [name, length] of Object.entries(operations)) {
      const { value, ...flags } = own(WebSocket.prototype, name) as { value: () => void }
      expect(flags).toEqual({ writable: true, enumerable: true, configurable: true })
      expect([value.name, value.length]).toEqual([name, length])
    }
  }),
  fact('operations are not constructors', ({ WebSocket }) => {
    for (const name of Object.keys(operations)) {
      const operation = own(WebSocket.prototype, name).value as object
      expect(Object.hasOwn(operation, 'prototype')).toBe(false)
    }
  }),
  fact('the prototype has exactly the members of the standard', ({ WebSocket }) => {
    const members = ['constructor', ...Object.keys(constants), ...readOnly, ...writable, ...Object.keys(operations)]
    expect(Object.getOwnPropertyNames(WebSocket.prototype).toSorted()).toEqual(members.toSorted())
  }),
  fact('the class has only the four constants as enumerable properties', ({ WebSocket }) => {
    expect(Object.keys(WebSocket).toSorted()).toEqual(Object.keys(constants).toSorted())
  }),
  fact('a socket has no enumerable properties of its own', (setup) => {
    expect(Object.keys(setup.dial())).toEqual([])
  }),
  fact('a getter called on another object throws TypeError', ({ WebSocket }) => {
    for (const name of [...readOnly, ...writable]) {
      const { get } = own(WebSocket.prototype, name)
      for (const receiver of [{}, WebSocket.prototype, new EventTarget(), undefined]) {
        expectTypeError(() => get!.call(receiver))
      }
    }
  }),
  fact('a setter called on another object throws TypeError', ({ WebSocket }) => {
    for (const name of writable) {
      const { set } = own(WebSocket.prototype, name)
      for (const receiver of [{}, WebSocket.prototype, undefined]) expectTypeError(() => set!.call(receiver, null))
    }
  }),
  fact('an operation called on another object throws TypeError before it converts arguments', ({ WebSocket }) => {
    let converted = false
    const value = { toString: () => ((converted = true), '1000'), valueOf: () => ((converted = true), 1000) }
    for (const name of Object.keys(operations)) {
      const operation = own(WebSocket.prototype, name).value as (...args: unknown[]) => void
      for (const receiver of [{}, WebSocket.prototype, undefined])
        expectTypeError(() => operation.call(receiver, value))
    }
    expect(converted).toBe(false)
  }),
  fact('assigning to a read-only attribute throws TypeError in strict code and changes nothing', (setup) => {
    const socket = setup.dial()
    for (const name of readOnly) {
      const before: unknown = socket[name]
      expectTypeError(() => Object.assign(socket, { [name]: 'other' }))
      expect(socket[name]).toBe(before)
    }
  }),
  fact('a subclass inherits everything', async (setup) => {
    class Sub extends setup.WebSocket {
      readonly mine = 1
    }
    const socket = new Sub(`${setup.server}/echo`, 'chat')
    await setup.next(socket, 'open')
    expect([socket.mine, socket.protocol, Sub.OPEN, socket.OPEN]).toEqual([1, 'chat', 1, 1])
    expect(socket).toBeInstanceOf(setup.WebSocket)
    socket.close()
  }),
]
