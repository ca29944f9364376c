// How features are combined: needs, roles and members.
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

/** A feature with this part, all of whose fields are members. */
const adding = (name: string, part: object): AnyFeature => ({
  name,
  members: Reflect.ownKeys(part),
  attach: () => part,
})

const refusing = (message: string): object => expect.objectContaining({ code: 'ERR_OPTION', message }) as object

describe('a feature that another feature needs', () => {
  test('must come before it, as the error says', () => {
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

  test('fails the creation before any dial if it is missing', async () => {
    const transport = new FakeTransport()
    expect(() => connect('ws://server.test/', { transport, features: [batch()] as never[] })).toThrow()
    await settle()
    expect(transport.sockets).toEqual([])
  })
})

describe('a role', () => {
  const nothing = (): void => {}
  /** Every role; the type check fails if a new one is missing. */
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

  test.each(Object.keys(players) as (keyof Roles)[])('is filled by one feature only: %s', (role) => {
    const part = { [role]: players[role] } as Part
    const { core } = linked([sample(part, 'first')])
    expect(core[role]).toBe(players[role])
    expect(() => linked([sample(part, 'first'), sample(part, 'second')])).toThrow(
      refusing(`options.features: second() cannot take the role ${role}: another feature already has it`),
    )
  })

  test('of a built-in feature is already taken', () => {
    const queue = sample({ queue: players.queue }, 'mine')
    expect(() => createConnection('ws://server.test/', { transport: new FakeTransport(), features: [queue] })).toThrow(
      refusing('options.features: mine() cannot take the role queue: another feature already has it'),
    )
  })

  test('of the heartbeat is filled by a feature unless the app sets one', async () => {
    const given = { ...plainPing, interval: 4_000 }
    const { core } = linked([sample({ heartbeat: players.heartbeat })])
    expect(core.heartbeat).toBe(players.heartbeat)
    const { core: other } = linked([sample({ heartbeat: players.heartbeat })], { heartbeat: given })
    expect(other.heartbeat).toBe(given)
  })

  test('of preparing is filled by the first feature that requests it, for all features', async () => {
    const log: string[] = []
    const hook = (name: string): AnyFeature =>
      sample((core) => ({ preparation: preparation(core), prepare: () => void log.push(name) }), name)
    const { core, accept } = linked([hook('a'), hook('b'), sample({ prepare: () => void log.push('c') }, 'c')])
    await accept()
    expect([log, core.status.state]).toEqual([['a', 'b', 'c'], 'open'])
  })
})

describe('a member', () => {
  test('is a method, a getter or a settable property on the part of its connection', () => {
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

  test('is read only on access, since a getter may create something', () => {
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

  test('has a name that no other feature uses', () => {
    expect(() => connected([readers(), adding('mine', { messages: () => {} })])).toThrow(
      refusing('options.features: mine() cannot add messages: another feature already does'),
    )
    expect(() =>
      createConnection('ws://server.test/', {
        transport: new FakeTransport(),
        features: [adding('mine', { counters: 1 })],
      }),
    ).toThrow(refusing('options.features: mine() cannot add counters: another feature already does'))
  })

  test("belongs to the connection's features, not to others of the same name", () => {
    const one = connected([adding('topics', { join: () => 'one' })])
    const other = connected([adding('topics', { leave: () => 'other' })])
    expect(['join' in one, 'leave' in one, 'join' in other, 'leave' in other]).toEqual([true, false, false, true])
  })
})

describe('a part', () => {
  test("is created once per connection before any dial, and found by its feature's name", async () => {
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

  test('is separate for each connection of one feature object', () => {
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
  test('adds their members, send options and events', async () => {
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

  test('receives their events, accepts their `send` options, and rejects options unknown to all features', async () => {
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

  test.each([[{}], ['x'], [[null]], [[{ name: 'x' }]]])('rejects %j', (features) => {
    expect(() => createConnection('ws://server.test/', { features } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION' }),
    )
  })
})
