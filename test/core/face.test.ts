import { describe, expect, test } from 'vitest'
import type { Face } from '../../src/core/face.js'
import type { AnyFeature } from '../../src/core/feature.js'
import { linked } from './support/linked.js'

const symbol = Symbol('member')

/** A part with members of every kind, inherited and own. */
class Counting {
  count = 1
  read = 0

  get next(): number {
    this.read++
    return this.count + 1
  }

  get twice(): number {
    return this.count * 2
  }

  set twice(value: number) {
    this.count = value / 2
  }

  add(one: number, other: number): number {
    this.count += one + other
    return this.count
  }

  [symbol](): string {
    return `by symbol ${this.count}`
  }
}

const counting = (members: readonly (string | symbol)[], part = new Counting(), name = 'counting'): AnyFeature =>
  ({ name, members, attach: () => part }) as AnyFeature

const faceOf = (...features: AnyFeature[]): Face & Record<string | symbol, unknown> =>
  linked(features, { autoOpen: false }).core.face as never

describe('the connection object', () => {
  test('shows the current state of the connection', async () => {
    const { core, accept, transport } = linked([], { autoOpen: false })
    const { face } = core
    const shown = (): unknown[] => [face.state, face.readyState, face.protocol, face.extensions, face.binaryType]
    expect(face.url).toBe('ws://server.test/')
    expect(shown()).toEqual(['idle', 3, '', '', 'arraybuffer'])
    face.open()
    const socket = await accept('chat')
    expect(shown()).toEqual(['open', 1, 'chat', '', 'arraybuffer'])
    expect(face.status).toBe(core.status)
    face.binaryType = 'blob'
    expect([face.binaryType, socket]).toEqual(['blob', transport.last])
    expect(face.send('x')).toBe('sent')
    face.markHealthy()
    expect(face.status).toMatchObject({ stable: true })
    face.reconnect()
    expect(face.state).toBe('connecting')
    face.close()
    expect(face.state).not.toBe('connecting')
  })

  test('calls a listener until it is removed', async () => {
    const { core, accept } = linked([])
    const received: unknown[] = []
    const off = core.face.on('message', (message) => void received.push(message))
    const socket = await accept()
    socket.message('first')
    off()
    socket.message('second')
    expect(received).toEqual(['first'])
  })

  test('adds listeners through the feature with this role, with its options', () => {
    const given: unknown[] = []
    const off = (): void => {}
    const listening = { on: (...all: unknown[]) => (given.push(...all), off), prune() {} }
    const listener = (): void => {}
    const options = { once: true }
    expect(faceOf({ name: 'listens', attach: () => ({ listening }) }).on('open', listener, options)).toBe(off)
    expect(given).toEqual(['open', listener, options])
  })

  test('accepts moments of a later layer until they are removed', () => {
    const { core } = linked([], { autoOpen: false })
    const states: string[] = []
    const off = core.face.use({ onState: (state) => void states.push(state) })
    core.face.open()
    off()
    core.face.close()
    expect(states).toEqual(['connecting'])
  })

  test('prints as Connection and exposes no internals', () => {
    const face = faceOf()
    expect(String(face)).toBe('[object Connection]')
    expect(Object.keys(face)).toEqual([])
    expect(JSON.stringify(face)).toBe('{}')
  })
})

describe('a member of a feature', () => {
  test('is a method, getter or accessor of the part, by name or by symbol', () => {
    const face = faceOf(counting(['add', 'next', 'twice', 'count', symbol]))
    expect((face['add'] as (...all: number[]) => number)(2, 3)).toBe(6)
    expect(face['next']).toBe(7)
    face['twice'] = 20
    expect([face['twice'], face['count']]).toEqual([20, 10])
    expect((face[symbol] as () => string)()).toBe('by symbol 10')
  })

  test('cannot be set unless the part accepts it', () => {
    const face = faceOf(counting(['next', 'count', 'add']))
    for (const member of ['next', 'count']) expect(() => (face[member] = 5), member).toThrow(TypeError)
  })

  test('is not read before the app reads it', () => {
    const part = new Counting()
    const face = faceOf(counting(['next'], part))
    expect(part.read).toBe(0)
    expect(face['next']).toBe(2)
    expect(part.read).toBe(1)
  })

  test('may be omitted, and may be missing from the part', () => {
    const face = faceOf({ name: 'plain', attach: () => ({}) }, counting(['nothing'], new Counting(), 'other'))
    expect(face['nothing']).toBeUndefined()
  })

  test('belongs to the part of each connection', () => {
    const [one, other] = [faceOf(counting(['add', 'count'])), faceOf(counting(['add', 'count']))]
    ;(one['add'] as (...all: number[]) => number)(1, 1)
    expect([one['count'], other['count']]).toEqual([3, 1])
    expect(Object.getPrototypeOf(one)).toBe(Object.getPrototypeOf(other))
  })

  test('exists only with its feature', () => {
    const withFeature = faceOf(counting(['twice'], new Counting(), 'twice'))
    const without = faceOf()
    expect('twice' in withFeature).toBe(true)
    expect('twice' in without).toBe(false)
    const fewer = faceOf(counting([], new Counting(), 'twice'))
    expect('twice' in fewer).toBe(false)
    const none = faceOf({ name: 'none', attach: () => ({}) })
    expect(Object.getOwnPropertyNames(Object.getPrototypeOf(none))).toEqual(['constructor'])
  })

  test('can be replaced on the prototype, as test doubles do', () => {
    const face = faceOf(counting(['next', 'add'], new Counting(), 'replaced'))
    for (const member of ['next', 'add']) {
      Object.defineProperty(Object.getPrototypeOf(face), member, { value: 'double' })
      expect(face[member]).toBe('double')
    }
  })

  test('must not have the name of another feature’s member', () => {
    expect(() =>
      faceOf(counting(['add'], new Counting(), 'first'), counting(['add'], new Counting(), 'second')),
    ).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }) as Error)
  })
})

test('a method of a feature can be replaced on one connection, as a spy does', () => {
  const { core } = linked([
    {
      name: 'greets',
      members: ['greet'],
      attach: () => ({ greet: () => 'hello' }),
    },
  ])
  const face = core.face as unknown as { greet(): string }
  expect(face.greet()).toBe('hello')
  face.greet = () => 'replaced'
  expect(face.greet()).toBe('replaced')
})
