import { describe, expect, it } from 'vitest'
import { serverDefaults, sessionServer, type SessionServerOptions } from '../../src/server/index.js'
import { TestClock } from '../../src/tools/testing/browser.js'
import { cluster, sid } from './cluster.js'

const authenticate = (): { principal: string } => ({ principal: 'ann' })
const option = expect.objectContaining({ code: 'ERR_OPTION' }) as Error

describe('sessionServer', () => {
  it.each([
    [undefined],
    [null],
    [{}],
    [{ authenticate: 'no' }],
    [{ authenticate, ttl: 0 }],
    [{ authenticate, ttl: Infinity }],
    [{ authenticate, idle: '5' }],
    [{ authenticate, outbox: { messages: 0 } }],
    [{ authenticate, outbox: { overflow: 'drop' } }],
    [{ authenticate, outbox: { colour: 1 } }],
    [{ authenticate, inbox: { bytes: 1.5 } }],
    [{ authenticate, ack: { every: 0 } }],
    [{ authenticate, ack: { delay: -1 } }],
    [{ authenticate, limits: { sessions: 0 } }],
    [{ authenticate, topics: { messages: Number.NaN } }],
    [{ authenticate, onError: 'ignore' }],
    [{ authenticate, server: {} }],
    [{ authenticate, store: {} }],
    [{ authenticate, codec: { encode: () => '' } }],
    [{ authenticate, node: 'a/b' }],
    [{ authenticate, node: '' }],
    [{ authenticate, clock: {} }],
    [{ authenticate, metrics: 1 }],
    [{ authenticate, processed: 1 }],
    [{ authenticate, highWaterMark: 0 }],
    [{ authenticate, colour: 1 }],
  ])('refuses %j', (options) => {
    expect(() => sessionServer(options as SessionServerOptions)).toThrow(option)
  })

  it('has a name of its own, different for each', () => {
    const clock = new TestClock()
    const [a, b] = [sessionServer({ authenticate, clock }), sessionServer({ authenticate, clock })]
    expect(a.node).toMatch(/^[\w-]{11}$/)
    expect(a.node).not.toBe(b.node)
  })

  it.each([['message'], ['open'], [5]])('refuses a listener of %j', (type) => {
    const server = sessionServer({ authenticate, clock: new TestClock() })
    expect(() => server.on(type as 'session', () => {})).toThrow(option)
    expect(() => server.on('session', 5 as never)).toThrow(option)
  })

  it('reports an exception of a listener, and goes on', async () => {
    const node = cluster().node('a')
    node.server.on('session', () => {
      throw new Error('no')
    })
    const socket = await node.hello({ sid: sid('s') })
    expect([node.errors.map(({ code }) => code), socket.welcome?.['resumed']]).toEqual([['ERR_LISTENER'], false])
  })

  it('reports an exception of metrics, and goes on', async () => {
    const metrics = (): never => {
      throw new Error('no')
    }
    const node = cluster().node('a', { metrics })
    const socket = await node.hello({ sid: sid('s') })
    expect([node.errors.map(({ code }) => code), socket.welcome?.['resumed']]).toEqual([['ERR_LISTENER'], false])
  })

  it('tells clients to come later, and reports it, if the store cannot be opened', async () => {
    const store = { open: () => Promise.reject(new Error('refused')) }
    const node = cluster({}, store).node('a')
    const socket = await node.hello({ sid: sid('s') })
    expect([socket.closed?.code, node.errors.map(({ code }) => code)]).toEqual([1013, ['ERR_STORE']])
    await expect(node.server.send(sid('s'), 'x')).rejects.toMatchObject({ code: 'ERR_STORE' })
  })

  it('closes a socket without the subprotocol with 1002, unless there is a listener for plain sockets', async () => {
    const node = cluster().node('a')
    const first = node.socket('feed.v2')
    const plain: unknown[] = []
    node.server.on('plain', (socket) => plain.push(socket))
    const second = node.socket('')
    expect([first.closed?.code, second.closed, plain]).toEqual([1002, undefined, [second]])
  })

  it('refuses a principal with too many sessions or hellos with 1013', async () => {
    const node = cluster({ limits: { sessions: 2, hellosPerMinute: 4 } }).node('a')
    for (const name of ['1', '2']) await node.hello({ sid: sid(name) })
    const third = await node.hello({ sid: sid('3') })
    const back = await node.hello({ sid: sid('1'), gen: 2 })
    const fifth = await node.hello({ sid: sid('2'), gen: 2 })
    expect([third.closed?.code, back.welcome?.['resumed'], fifth.closed?.code]).toEqual([1013, true, 1013])
  })

  it('refuses sockets beyond limits.unauthenticated', async () => {
    const node = cluster({ limits: { unauthenticated: 2 } }).node('a')
    const [first, second, third] = [node.socket(), node.socket(), node.socket()]
    first.hello({ sid: sid('s') })
    await new Promise(setImmediate)
    const fourth = node.socket()
    expect([second.closed, third.closed?.code, fourth.closed]).toEqual([undefined, 1013, undefined])
  })

  it('has the defaults that its documentation names', () => {
    expect(serverDefaults).toEqual({
      ttl: 120_000,
      tombstone: 86_400_000,
      outbox: { messages: 10_000, bytes: 8_388_608, overflow: 'reject' },
      inbox: { messages: 1_000, bytes: 1_048_576 },
      ack: { every: 250, delay: 50 },
      highWaterMark: 1_048_576,
      helloTimeout: 5_000,
      idle: 45_000,
      handover: 8_000,
      onError: 'end',
      topics: { messages: 1_000 },
      limits: { sessions: 1_000, hellosPerMinute: 600, replayedBytesPerMinute: 268_435_456, unauthenticated: 10_000 },
    })
  })
})
