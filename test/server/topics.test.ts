import { describe, expect, it } from 'vitest'
import { cluster, settle, sid } from './cluster.js'
import type { FakeSocket } from './fake-socket.js'

const x = ['topics']
const offsets = (socket: FakeSocket): number[] => socket.frames('topic').map(({ number }) => number)

describe('a topic', () => {
  it('sends each message to every session that has joined, with the same bytes', async () => {
    const node = cluster().node('a')
    const [one, two, other] = [
      await node.hello({ sid: sid('1'), x }),
      await node.hello({ sid: sid('2'), x }),
      await node.hello({ sid: sid('3'), x }),
    ]
    await node.sessions[0]!.join('btc')
    await node.sessions[1]!.join('btc')
    expect(await node.server.topic('btc').publish('42')).toBe(1)
    await settle()
    expect([one.frames('joined')[0]!.json, one.sent.at(-1), two.sent.at(-1)]).toEqual([
      { id: 1, topic: 'btc', ep: expect.any(String) as string, off: 0 },
      't1,1:42',
      't1,1:42',
    ])
    expect(offsets(other)).toEqual([])
  })

  it('reaches a session that joins as soon as it begins, before its first link is ready', async () => {
    const node = cluster().node('a')
    node.server.on('session', (session) => session.join('btc'))
    const socket = await node.hello({ sid: sid('1'), x })
    await node.server.topic('btc').publish('m1')
    await settle()
    expect([socket.frames('joined').length, offsets(socket)]).toEqual([1, [1]])
  })

  it('reaches sessions on every node', async () => {
    const { node: make } = cluster()
    const [a, b] = [make('a'), make('b')]
    const [one, two] = [await a.hello({ sid: sid('1'), x }), await b.hello({ sid: sid('2'), x })]
    await a.session.join('btc')
    await b.session.join('btc')
    for (let number = 1; number <= 5; number++) await b.server.topic('btc').publish(`m${number}`)
    await settle()
    expect([offsets(one), offsets(two)]).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ])
  })

  it('starts at the end for a session that joins', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('1'), x })
    await node.server.topic('btc').publish('before')
    await node.session.join('btc')
    await node.server.topic('btc').publish('after')
    await settle()
    expect(socket.frames('topic').map(({ payload }) => payload)).toEqual(['after'])
  })

  it('goes on where the client was, on another node, too', async () => {
    const { node: make } = cluster()
    const [a, b] = [make('a'), make('b')]
    const first = await a.hello({ sid: sid('1'), x })
    await a.session.join('btc')
    const ep = first.frames('joined')[0]!.json['ep'] as string
    for (let number = 1; number <= 3; number++) await a.server.topic('btc').publish(`m${number}`)
    await settle()
    first.drop()
    for (let number = 4; number <= 5; number++) await a.server.topic('btc').publish(`m${number}`)
    const second = await b.hello({ sid: sid('1'), gen: 2, x, topics: { btc: [ep, 2] } })
    await b.server.topic('btc').publish('m6')
    await settle()
    expect(offsets(second)).toEqual([3, 4, 5, 6])
    expect(second.frames('joined')[0]!.json).toMatchObject({ topic: 'btc', off: 2 })
  })

  it('tells a client whose position is gone that it lost messages, for this topic only', async () => {
    const node = cluster({ topics: { messages: 3 } }).node('a')
    const first = await node.hello({ sid: sid('1'), x })
    await node.session.join('btc')
    const ep = first.frames('joined')[0]!.json['ep'] as string
    first.drop()
    for (let number = 1; number <= 10; number++) await node.server.topic('btc').publish(`m${number}`)
    const second = await node.hello({ sid: sid('1'), gen: 2, x, topics: { btc: [ep, 2] } })
    expect(second.frames('joined').at(-1)!.json).toMatchObject({ topic: 'btc', lost: true })
    await node.server.topic('btc').publish('m11')
    await settle()
    expect([offsets(second).at(-1), second.welcome?.['resumed'], second.refusal]).toEqual([11, true, undefined])
  })

  it.each([
    ['of another epoch', ['other', 1]],
    ['beyond the end', [undefined, 99]],
  ] as const)('tells a client with a position %s that it lost messages', async (_, [epoch, offset]) => {
    const node = cluster().node('a')
    const first = await node.hello({ sid: sid('1'), x })
    await node.session.join('btc')
    const ep = first.frames('joined')[0]!.json['ep'] as string
    await node.server.topic('btc').publish('m1')
    first.drop()
    const second = await node.hello({ sid: sid('1'), gen: 2, x, topics: { btc: [epoch ?? ep, offset] } })
    expect(second.frames('joined')[0]!.json).toMatchObject({ lost: true, off: 1 })
  })

  it('sends nothing after leave, also after the session moved', async () => {
    const { node: make } = cluster()
    const [a, b] = [make('a'), make('b')]
    const first = await a.hello({ sid: sid('1'), x })
    await a.session.join('btc')
    await a.session.leave('btc')
    expect(first.frames('left').length).toBe(1)
    await a.server.topic('btc').publish('m1')
    const second = await b.hello({ sid: sid('1'), gen: 2, x })
    await b.server.topic('btc').publish('m2')
    await settle()
    expect([offsets(first), offsets(second), second.frames('joined')]).toEqual([[], [], []])
  })

  it('joined twice sends once', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('1'), x })
    await node.session.join('btc')
    await node.session.join('btc')
    await node.server.topic('btc').publish('m1')
    await settle()
    expect(offsets(socket)).toEqual([1])
  })

  it('with the same key adds nothing', async () => {
    const node = cluster().node('a')
    const topic = node.server.topic('btc')
    expect([
      await topic.publish('x', { key: 'k' }),
      await topic.publish('x', { key: 'k' }),
      await topic.publish('y'),
    ]).toEqual([1, 1, 2])
  })

  it('is not sent to a client that does not support topics', async () => {
    const node = cluster().node('a')
    const first = await node.hello({ sid: sid('1') })
    await node.session.join('btc')
    await node.server.topic('btc').publish('m1')
    await settle()
    expect(first.frames('joined').length + offsets(first).length).toBe(0)
  })

  it('does not wait for a slow client, which reads what it missed later', async () => {
    const node = cluster({ highWaterMark: 100 }).node('a')
    const [slow, fast] = [await node.hello({ sid: sid('1'), x }), await node.hello({ sid: sid('2'), x })]
    for (const session of node.sessions) await session.join('btc')
    slow.slow = true
    for (let number = 1; number <= 40; number++) await node.server.topic('btc').publish('x'.repeat(20))
    await settle()
    expect([offsets(fast).length, offsets(slow).length < 7]).toEqual([40, true])
    for (let turn = 0; turn < 40; turn++) {
      slow.write()
      await settle()
    }
    expect(offsets(slow)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  })

  it('tells a slow client that it lost what the topic no longer has', async () => {
    const node = cluster({ highWaterMark: 100, topics: { messages: 5 } }).node('a')
    const slow = await node.hello({ sid: sid('1'), x })
    await node.session.join('btc')
    slow.slow = true
    for (let number = 1; number <= 40; number++) await node.server.topic('btc').publish('x'.repeat(20))
    for (let turn = 0; turn < 40; turn++) {
      slow.write()
      await settle()
    }
    await node.server.topic('btc').publish('last')
    await settle()
    slow.write()
    await settle()
    expect(slow.frames('joined').at(-1)!.json).toMatchObject({ lost: true })
    expect(slow.frames('topic').at(-1)!.payload).toBe('last')
  })

  it.each([[''], ['a b'], ['{x}'], ['x'.repeat(201)], [5]])('must not be named %j', async (name) => {
    const node = cluster().node('a')
    await node.hello({ sid: sid('1'), x })
    await expect(node.session.join(name as string)).rejects.toMatchObject({ code: 'ERR_OPTION' })
    expect(() => node.server.topic(name as string)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })
})
