// How features are put together: needs, roles and members.
import { describe, expect, test } from 'vitest'
import type { Core } from '../../src/core/core.js'
import type { AnyFeature, Part, Roles } from '../../src/core/feature.js'
import { batch, connect, counters, preparation, readers, richQueue, type Features } from '../../src/core/index.js'
import { createConnection } from '../../src/create-connection.js'
import { plainPing } from '../../src/core/policies/profile.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { linked, sample } from './support/linked.js'

type Members = Record<string | symbol, unknown>

function connected(features: Features): Members {
  const options = { transport: new FakeTransport(), clock: new TestClock(), features }
  return connect('ws://server.test/', options)
}

/** A feature whose part is this, all of it members. */
const adding = (name: string, part: object): AnyFeature => ({
  name,
  members: Reflect.ownKeys(part),
  attach: () => part,
})

const refusing = (message: string): object => expect.objectContaining({ code: 'ERR_OPTION', message }) as object

describe('what a feature needs', () => {
  test('must stand before it, and the error says so', () => {
    const message = 'options.features: batch() must come after richQueue()'
    expect(() => connected([batch()])).toThrow(refusing(message))
    expect(() => connected([batch(), richQueue()])).toThrow(refusing(message))
    expect(() => connected([richQueue(), batch()])).not.toThrow()
  })

  test('may be built in', () => {
    const needy: AnyFeature = { name: 'needy', needs: ['readers', 'promises'], attach: () => ({}) }
    const create = (feature: AnyFeature): unknown =>
      createConnection('ws://server.test/', { transport: new FakeTransport(), features: [feature] } as never)
    expect(() => create(needy)).not.toThrow()
    expect(() => create({ ...needy, needs: ['topics'] })).toThrow(
      refusing('options.features: needy() must come after topics()'),
    )
  })

  test('that is missing dials nothing', async () => {
    const transport = new FakeTransport()
    expect(() => connect('ws://server.test/', { transport, features: [batch()] as never[] })).toThrow()
    await settle()
    expect(transport.sockets).toEqual([])
  })
})

describe('a role', () => {
  const nothing = (): void => {}
  /** Every role, so that a new one is missed here. */
  const players: { readonly [R in keyof Required<Roles>]: NonNullable<Roles[R]> } = {
    codec: { encode: (message) => message, decode: (frame) => frame },
    framing: { outgoing: (data) => data, incoming: (data) => data },
    queue: { size: 0, push: () => 'queued', peek: () => undefined, shift: nothing, take: () => [], clear: nothing },
    heartbeat: plainPing,
    preparation: { begin: () => ({ take: nothing, end: () => [] }) },
    patience: { factor: 1, moving: false, watch: nothing, answered: nothing },
    address: { resolve: () => Promise.reject(new Error('nowhere')), controller: () => new AbortController() },
    listening: { on: () => nothing, prune: nothing },
    environment: { online: true, hidden: false },
    zone: { outside: (work) => work(), bind: (callback) => callback },
    pressure: { isOver: () => false, start: nothing, stop: nothing, opened: nothing, answer: nothing },
  }

  test.each(Object.keys(players) as (keyof Roles)[])('has one player: %s', (role) => {
    const part = { [role]: players[role] } as Part
    const { core } = linked([sample(part, 'first')])
    expect(core[role]).toBe(players[role])
    expect(() => linked([sample(part, 'first'), sample(part, 'second')])).toThrow(
      refusing(`options.features: second() must not be the ${role}, because another feature is`),
    )
  })

  test('that is built in is taken', () => {
    const queue = sample({ queue: players.queue }, 'mine')
    expect(() => createConnection('ws://server.test/', { transport: new FakeTransport(), features: [queue] })).toThrow(
      refusing('options.features: mine() must not be the queue, because another feature is'),
    )
  })

  test('of the heartbeat is played unless the app has given one', async () => {
    const given = { ...plainPing, interval: 4_000 }
    const { core } = linked([sample({ heartbeat: players.heartbeat })])
    expect(core.heartbeat).toBe(players.heartbeat)
    const { core: other } = linked([sample({ heartbeat: players.heartbeat })], { heartbeat: given })
    expect(other.heartbeat).toBe(given)
  })

  test('of preparing is played by the first feature that asks for it, and serves all', async () => {
    const log: string[] = []
    const hook = (name: string): AnyFeature =>
      sample((core) => ({ preparation: preparation(core), prepare: () => void log.push(name) }), name)
    const { core, accept } = linked([hook('a'), hook('b'), sample({ prepare: () => void log.push('c') }, 'c')])
    await accept()
    expect([log, core.status.state]).toEqual([['a', 'b', 'c'], 'open'])
  })
})

describe('a member', () => {
  test('is a method, a value that is read each time, or one that can be set, on the part of this connection', () => {
    class Counting {
      count = 0
      #step = 1
      get step(): number {
        return this.#step
      }
      set step(step: number) {
        this.#step = step
      }
      next(by = this.step): number {
        return (this.count += by)
      }
      get double(): number {
        return this.count * 2
      }
    }
    const counting: AnyFeature = {
      name: 'counting',
      members: ['next', 'step', 'double'],
      attach: () => new Counting(),
    }
    const [one, other] = [connected([counting]), connected([counting])] as [Members, Members]
    expect(Object.getPrototypeOf(one)).toBe(Object.getPrototypeOf(other))
    one['step'] = 5
    const call = one['next'] as (this: unknown) => unknown
    expect([call.call(one), call.call(other)]).toEqual([5, 1])
    expect([one['double'], other['double'], one['step']]).toEqual([10, 2, 5])
    expect(() => (one['double'] = 1)).toThrow(TypeError)
  })

  test('is read only when it is asked for: a getter may make something', () => {
    let made = 0
    const lazy: AnyFeature = {
      name: 'lazy',
      members: ['thing'],
      attach: () => ({
        get thing() {
          return ++made
        },
      }),
    }
    const connection = connected([lazy])
    expect(made).toBe(0)
    expect([connection['thing'], connection['thing']]).toEqual([1, 2])
  })

  test('has a name that no other feature has taken', () => {
    expect(() => connected([readers(), adding('mine', { messages: () => {} })])).toThrow(
      refusing('options.features: mine() must not add messages, because another feature does'),
    )
    expect(() =>
      createConnection('ws://server.test/', {
        transport: new FakeTransport(),
        features: [adding('mine', { counters: 1 })],
      }),
    ).toThrow(refusing('options.features: mine() must not add counters, because another feature does'))
  })

  test('belongs to the features of the connection, not to others of the same name', () => {
    const one = connected([adding('topics', { join: () => 'one' })])
    const other = connected([adding('topics', { leave: () => 'other' })])
    expect(['join' in one, 'leave' in one, 'join' in other, 'leave' in other]).toEqual([true, false, false, true])
  })
})

describe('a part', () => {
  test('is made once for each connection, before anything is dialed, and found by the name of its feature', async () => {
    const made: Core[] = []
    const part = {}
    const feature: AnyFeature = { name: 'mine', attach: (core) => (made.push(core), part) }
    const { core, transport } = linked([counters(), feature])
    expect(transport.sockets).toEqual([])
    expect(made).toEqual([core])
    expect(core.part('mine')).toBe(part)
    expect(core.part('counters')).not.toBe(part)
    expect(core.part('unknown')).toBeUndefined()
    await settle()
    expect(made).toHaveLength(1)
  })

  test('of one feature serves any number of connections', () => {
    const parts = new Set<object>()
    const feature: AnyFeature = {
      name: 'mine',
      attach: () => {
        const part = {}
        parts.add(part)
        return part
      },
    }
    connected([feature])
    connected([feature])
    expect(parts.size).toBe(2)
  })
})

describe('createConnection with features', () => {
  test('adds their members and their send options, and what they tell', async () => {
    const transport = new FakeTransport()
    const seen: unknown[] = []
    const shouting: AnyFeature = {
      name: 'shouting',
      members: ['shout'],
      attach: (core) => ({
        shout: (text: string) => core.events.emit('message', text),
        onWritten: (message: unknown, options: object) => void seen.push([message, options]),
      }),
    }
    const connection = createConnection('ws://server.test/', {
      transport,
      clock: new TestClock(),
      features: [shouting],
    }) as unknown as Members & { send(message: string, options: object): string; shout(text: string): void }
    expect('messages' in connection).toBe(true)
    await settle()
    transport.last.accept()
    await settle()
    expect(connection.send('a', { ttl: 1_000 })).toBe('sent')
    expect(seen).toEqual([['a', { ttl: 1_000 }]])
    expect(() => connection.shout('x')).not.toThrow()
  })

  test('hears their events and takes their options of `send`, and refuses what no feature knows', async () => {
    const transport = new FakeTransport()
    const topics: AnyFeature = {
      name: 'topics',
      events: ['joined'],
      sendOptions: ['topic'],
      attach: (core) => ({
        onSend: (options: { topic?: string }) => core.events.emit('joined', options.topic),
      }),
    }
    const options = { transport, clock: new TestClock() }
    const connection = createConnection('ws://server.test/', { ...options, features: [topics] })
    const joined: unknown[] = []
    connection.on('joined', (topic: unknown) => void joined.push(topic))
    expect(connection.send('x', { topic: 'a' })).toBe('queued')
    expect(joined).toEqual(['a'])
    expect(() => connection.on('jonied', () => {})).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
    const plain = createConnection('ws://server.test/', options)
    expect(() => plain.on('joined' as never, () => {})).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
    expect(() => plain.send('x', { topic: 'a' } as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
    await settle()
  })

  test.each([[{}], ['x'], [[null]], [[{ name: 'x' }]]])('refuses %j', (features) => {
    expect(() => createConnection('ws://server.test/', { features } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION' }),
    )
  })
})
