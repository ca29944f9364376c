import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { cluster, settle, sid, type TestNode } from './cluster.js'
import type { FakeSocket } from './fake-socket.js'

let ids = 0
const newId = (): string => sid(`n${++ids}-`)

const lastSafe = Number.MAX_SAFE_INTEGER

/** A session of ann's with one handled message, whose answer she has not received. */
async function victim(
  options: Parameters<typeof cluster>[0] = {},
): Promise<
  ReturnType<typeof cluster> & { node: (name: string) => TestNode; it: TestNode; link: FakeSocket; ep: string }
> {
  const made = cluster(options)
  const node = made.node('a')
  const link = await node.hello({ sid: sid('s'), auth: 'ann' })
  node.session.on('message', async () => void (await node.session.send('private')))
  link.message(1)
  await made.clock.advance(50)
  return { ...made, it: node, link, ep: link.welcome!['ep'] as string }
}

/** Its owner has lost nothing: neither her link, nor her generation, nor a message. */
async function isUnharmed({ it: node, link, ep }: Awaited<ReturnType<typeof victim>>): Promise<void> {
  expect([link.closed, link.terminated, node.session.state]).toEqual([undefined, false, 'attached'])
  link.message(2)
  await settle()
  expect(link.numbers).toEqual([1, 2])
  link.drop()
  const again = await node.hello({ sid: sid('s'), auth: 'ann', gen: 2, ep })
  expect(again.welcome).toMatchObject({ seen: 2, resumed: true })
  expect(again.numbers).toEqual([1, 2])
}

describe('a stolen session id', () => {
  it.each([
    ['with the next generation', { gen: 2 }],
    ['with the highest generation', { gen: lastSafe }],
    ['with a used generation', { gen: 1 }],
    ['without an epoch', { gen: 2, ep: undefined }],
    ['with another epoch', { gen: 2, ep: 'guessed' }],
    ['with more received than was sent', { gen: 2, rx: 100 }],
    ['that acknowledges what its owner has not received', { gen: 2, rx: 1 }],
    ['that asks for topics', { gen: 2, x: ['topics'], topics: { btc: ['e', 0] as const } }],
  ])('is useless to another principal, %s', async (_, hello) => {
    const given = await victim()
    const thief = await given.it.hello({ sid: sid('s'), auth: 'bob', ep: given.ep, ...hello })
    expect([thief.refusal, thief.closed?.code, thief.sent.length]).toEqual([{ reason: 'forbidden' }, 4403, 1])
    await isUnharmed(given)
  })

  it('is useless without credentials, and the session is not looked up', async () => {
    const given = await victim({
      authenticate: ({ auth }) => (auth === 'ann' ? { principal: 'ann' } : undefined),
    })
    for (const auth of [undefined, '', 'guess', { principal: 'ann' }]) {
      const thief = await given.it.hello({ sid: sid('s'), auth, gen: lastSafe })
      expect([thief.sent, thief.closed?.code]).toEqual([[], 4401])
    }
    await isUnharmed(given)
  })

  it('is useless to another principal once the session is over: nothing is told about it', async () => {
    const given = await victim()
    await given.it.session.close()
    const thief = await given.it.hello({ sid: sid('s'), auth: 'bob', gen: 2, ep: given.ep })
    expect([thief.refusal, thief.closed?.code]).toEqual([{ reason: 'forbidden' }, 4403])
    const owner = await given.it.hello({ sid: sid('s'), auth: 'ann', gen: 2, ep: given.ep })
    expect(owner.refusal).toMatchObject({ reason: 'ended', rx: 1, exact: true })
  })

  it('is useless on another node', async () => {
    const given = await victim()
    const thief = await given.node('b').hello({ sid: sid('s'), auth: 'bob', gen: 2, ep: given.ep })
    expect([thief.refusal, thief.closed?.code]).toEqual([{ reason: 'forbidden' }, 4403])
    await isUnharmed(given)
  })

  it('is counted by its close code', async () => {
    const given = await victim()
    await given.it.hello({ sid: sid('s'), auth: 'bob', gen: 2 })
    expect(given.it.metrics).toContainEqual({ type: 'refused', code: 4403 })
  })
})

describe('a hello that is replayed', () => {
  it('is superseded, and the session goes on', async () => {
    const given = await victim()
    for (let turn = 0; turn < 3; turn++) {
      const replayed = await given.it.hello({ sid: sid('s'), auth: 'ann' })
      expect([replayed.refusal, replayed.closed?.code, replayed.numbers]).toEqual([{ reason: 'superseded' }, 4409, []])
    }
    await isUnharmed(given)
  })

  it('is superseded while the session is away', async () => {
    const given = await victim()
    given.link.drop()
    const replayed = await given.it.hello({ sid: sid('s'), auth: 'ann' })
    expect(replayed.refusal).toEqual({ reason: 'superseded' })
    const owner = await given.it.hello({ sid: sid('s'), auth: 'ann', gen: 2, ep: given.ep })
    expect(owner.welcome).toMatchObject({ resumed: true })
  })
})

describe('a hello with numbers at the limit', () => {
  it('takes the highest generation, after which there is none', async () => {
    const node = cluster().node('a')
    const first = await node.hello({ sid: sid('s'), gen: lastSafe })
    expect(first.welcome).toBeDefined()
    const next = await node.hello({ sid: sid('s'), gen: lastSafe })
    expect(next.refusal).toEqual({ reason: 'superseded' })
  })

  it.each(['gen', 'rx'])('is invalid above it: %s', async (name) => {
    const node = cluster().node('a')
    for (const number of ['9007199254740992', '1e300', '1e999', '-1', '9007199254740991.5']) {
      const socket = node.socket()
      socket.receive(`h{"v":1,"sid":"${sid('s')}","gen":1,"rx":0,"${name}":${number}}`)
      await settle()
      expect([socket.closed?.code, socket.sent], number).toEqual([4400, []])
    }
    expect(node.server.size).toBe(0)
  })

  it('begins no session if it claims to have received something', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s'), rx: lastSafe })
    expect([socket.refusal, node.server.size]).toEqual([{ reason: 'unknown' }, 0])
  })

  it('can carry names of objects without an effect', async () => {
    const node = cluster().node('a')
    const socket = node.socket()
    const names = '"__proto__":{"sid":"x"},"constructor":1,"toString":2'
    socket.receive(`h{"v":1,"sid":"${sid('s')}","gen":1,"rx":0,"topics":{"__proto__":["e",1]},"x":["topics"],${names}}`)
    await settle()
    expect(socket.welcome).toMatchObject({ resumed: false })
    expect(({} as Record<string, unknown>)['sid']).toBeUndefined()
  })
})

describe('limits', () => {
  it('refuse the hellos of a principal beyond hellosPerMinute, and no one else', async () => {
    const { node: make, clock } = cluster({ limits: { hellosPerMinute: 5 } })
    const node = make('a')
    const codes = []
    for (let n = 0; n < 8; n++) codes.push((await node.hello({ sid: newId(), auth: 'ann' })).closed?.code)
    expect(codes).toEqual([...Array<undefined>(5).fill(undefined), 1013, 1013, 1013])
    expect((await node.hello({ sid: newId(), auth: 'bob' })).welcome).toBeDefined()
    await clock.advance(61_000)
    expect((await node.hello({ sid: newId(), auth: 'ann' })).welcome).toBeDefined()
  })

  it('count hellos that are said on one link', async () => {
    const node = cluster({ limits: { hellosPerMinute: 5 } }).node('a')
    const socket = node.socket()
    for (let n = 0; n < 50; n++) {
      socket.hello({ sid: newId(), ep: 'unknown' })
      await settle()
    }
    expect([socket.frames('refusal').length, socket.closed?.code]).toEqual([5, 1013])
  })

  it('refuse sessions of a principal beyond the limit, and keep the existing ones', async () => {
    const node = cluster({ limits: { sessions: 3 } }).node('a')
    const ids = [newId(), newId(), newId()]
    for (const id of ids) expect((await node.hello({ sid: id, auth: 'ann' })).welcome).toBeDefined()
    const more = await node.hello({ sid: newId(), auth: 'ann' })
    expect([more.closed?.code, node.server.size]).toEqual([1013, 3])
    for (const id of ids) {
      expect((await node.hello({ sid: id, auth: 'ann', gen: 2 })).welcome).toMatchObject({ resumed: true })
    }
    expect((await node.hello({ sid: newId(), auth: 'bob' })).welcome).toBeDefined()
  })

  it('free the place of a session that has ended', async () => {
    const node = cluster({ limits: { sessions: 1 } }).node('a')
    await node.hello({ sid: newId(), auth: 'ann' })
    await node.session.close()
    expect((await node.hello({ sid: newId(), auth: 'ann' })).welcome).toBeDefined()
  })

  it('bound the bytes that one principal can have sent again', async () => {
    const { node: make, clock } = cluster({ limits: { replayedBytesPerMinute: 10_000 } })
    const node = make('a')
    const first = await node.hello({ sid: sid('s'), auth: 'ann' })
    for (let n = 0; n < 8; n++) await node.session.send('x'.repeat(1_000))
    await settle()
    expect(first.numbers).toHaveLength(8)
    // It acknowledges nothing, and asks for all of it again and again.
    let [replayed, refused] = [0, 0]
    for (let gen = 2; gen < 30; gen++) {
      const again = await node.hello({ sid: sid('s'), auth: 'ann', gen })
      replayed += again.numbers.length
      if (again.closed?.code === 1013) refused++
    }
    expect(replayed * 1_000).toBeLessThanOrEqual(10_000)
    expect(refused).toBe(27)
    // Another principal's replays still go through.
    await node.hello({ sid: sid('t'), auth: 'bob' })
    await node.session.send('y')
    expect((await node.hello({ sid: sid('t'), auth: 'bob', gen: 2 })).numbers).toEqual([1])
    // The owner loses nothing by it.
    await clock.advance(61_000)
    const later = await node.hello({ sid: sid('s'), auth: 'ann', gen: 30 })
    expect([later.welcome?.['resumed'], later.numbers]).toEqual([true, [1, 2, 3, 4, 5, 6, 7, 8]])
  })

  it('count the messages of topics that a hello asks for, and not those that follow', async () => {
    const { node: make, clock } = cluster({ limits: { replayedBytesPerMinute: 10_000 } })
    const node = make('a')
    const hello = { sid: sid('s'), auth: 'ann', x: ['topics'] }
    const first = await node.hello(hello)
    await node.session.join('btc')
    await settle()
    const epoch = first.frames('joined')[0]!.json['ep'] as string
    for (let n = 0; n < 24; n++) await node.server.topic('btc').publish('x'.repeat(1_000))
    await settle()
    expect([first.frames('topic').length, first.closed]).toEqual([24, undefined])
    let [replayed, refused] = [0, 0]
    for (let gen = 2; gen < 20; gen++) {
      const again = await node.hello({ ...hello, gen, topics: { btc: [epoch, 16] } })
      replayed += again.frames('topic').length
      if (again.closed?.code === 1013) refused++
    }
    expect([replayed, refused]).toEqual([10, 17])
    await clock.advance(61_000)
    const later = await node.hello({ ...hello, gen: 20, topics: { btc: [epoch, 16] } })
    expect([later.frames('topic').length, later.closed]).toEqual([8, undefined])
  })

  it('do not count what is sent for the first time as a replay', async () => {
    const node = cluster({ limits: { replayedBytesPerMinute: 1_000 } }).node('a')
    const socket = await node.hello({ sid: sid('s') })
    for (let n = 0; n < 20; n++) await node.session.send('x'.repeat(500))
    await settle()
    expect([socket.numbers.length, socket.closed]).toEqual([20, undefined])
  })

  it('bound the sockets that have not said hello, and free their places', async () => {
    const { node: make, clock } = cluster({ limits: { unauthenticated: 10 } })
    const node = make('a')
    const silent = Array.from({ length: 10 }, () => node.socket())
    const more = Array.from({ length: 5 }, () => node.socket())
    expect(silent.map(({ closed }) => closed)).toEqual(silent.map(() => undefined))
    expect(more.map(({ closed }) => closed?.code)).toEqual(more.map(() => 1013))
    await clock.advance(5_000)
    expect(silent.map(({ closed }) => closed?.code)).toEqual(silent.map(() => 4408))
    const users = await Promise.all(Array.from({ length: 10 }, () => node.hello({ sid: newId() })))
    expect(users.every(({ welcome }) => welcome !== undefined)).toBe(true)
    // Sockets with a session don't count.
    expect((await node.hello({ sid: newId() })).welcome).toBeDefined()
  })

  it('count no socket twice, however it ends', async () => {
    const node = cluster({
      limits: { unauthenticated: 3 },
      authenticate: ({ auth }) => (auth === 'ann' ? { principal: 'ann' } : undefined),
    }).node('a')
    for (let turn = 0; turn < 5; turn++) {
      node.socket().drop()
      node.socket().receive('nonsense')
      await node.hello({ sid: newId(), auth: 'guess' })
      await node.hello({ sid: newId(), auth: 'ann', gen: 2, ep: 'unknown' }).then((socket) => socket.drop())
      await node.hello({ sid: newId(), auth: 'ann' }).then((socket) => socket.drop())
      // Its hello is being answered when it ends.
      const quick = node.socket()
      quick.hello({ sid: newId(), auth: 'ann' })
      quick.drop()
      await settle()
    }
    const three = [node.socket(), node.socket(), node.socket()]
    expect(three.map(({ closed }) => closed)).toEqual([undefined, undefined, undefined])
    expect(node.socket().closed?.code).toBe(1013)
  })
})

describe('secrets', () => {
  it('appear in no error, metric, log or inspected object', async () => {
    const id = newId()
    const secrets = [id, 'TOKEN-sentinel', 'PAYLOAD-sentinel', 'NOTE-sentinel']
    const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(() => {}),
    )
    const shown: string[] = []
    const stored = cluster({
      authenticate: ({ auth }) => {
        if (auth === 'NOTE-sentinel') throw new Error('the database is down')
        return auth === 'TOKEN-sentinel' ? { principal: 'ann' } : undefined
      },
    })
    const node = stored.node('a')
    const hello = { sid: id, auth: 'TOKEN-sentinel' }
    const first = await node.hello(hello)
    const { session } = node
    session.on('message', async (message) => {
      await session.send(message)
      if (String(message).endsWith('fail')) throw new Error('a handler failed')
    })
    first.message(1, 'PAYLOAD-sentinel')
    await stored.clock.advance(50)
    for (const event of ['away', 'attached', 'ended'] as const) session.on(event, (given) => shown.push(inspect(given)))
    await node.hello({ ...hello, auth: 'NOTE-sentinel', gen: 2 })
    await node.hello({ ...hello, auth: 'wrong', gen: 2 })
    await node.hello(hello)
    const second = await node.hello({ ...hello, gen: 2 })
    second.message(7, 'PAYLOAD-sentinel')
    const third = await node.hello({ ...hello, gen: 3 })
    third.acknowledge(99)
    const fourth = await node.hello({ ...hello, gen: 4 })
    fourth.message(2, 'PAYLOAD-sentinel fail')
    await settle()
    await node.server.send(id, 'PAYLOAD-sentinel').catch((thrown: unknown) => shown.push(inspect(thrown)))
    await session.delivered().catch((thrown: unknown) => shown.push(inspect(thrown)))
    await session.send({} as never).catch((thrown: unknown) => shown.push(inspect(thrown)))
    await node.hello({ ...hello, gen: 5 })
    await stored.node('b').hello({ ...hello, gen: 6 })

    expect(node.errors.map(({ code }) => code).toSorted()).toEqual(['ERR_HANDLER', 'ERR_LISTENER'])
    for (const error of node.errors) shown.push(inspect(error, { depth: 20 }), JSON.stringify(error), error.stack ?? '')
    for (const metric of node.metrics) shown.push(inspect(metric))
    for (const socket of [first, second, third, fourth]) {
      if (socket.closed !== undefined) shown.push(inspect(socket.closed))
      for (const { json } of [...socket.frames('welcome'), ...socket.frames('refusal')]) shown.push(inspect(json))
    }
    for (const spy of spies) {
      shown.push(...spy.mock.calls.map((call) => inspect(call, { depth: 20 })))
      spy.mockRestore()
    }
    shown.push(session.label, session.principal, node.server.node)
    expect(shown.length).toBeGreaterThan(30)
    const found = secrets.filter((secret) => shown.some((text) => text.includes(secret)))
    expect(found).toEqual([])
  })

  it('are not in the label of a session, which is the same on each node', async () => {
    const { node: make } = cluster()
    const [a, b] = [make('a'), make('b')]
    await a.hello({ sid: sid('s') })
    await b.hello({ sid: sid('s'), gen: 2 })
    expect(a.session.label).toMatch(/^[0-9a-f]{8}$/)
    expect(b.session.label).toBe(a.session.label)
  })
})
