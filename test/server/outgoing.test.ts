import { describe, expect, it } from 'vitest'
import { cluster, settle, sid } from './cluster.js'

describe('send', () => {
  it('resolves with the number of the message, which the client gets in order', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    const numbers = await Promise.all(['x', 'y', 'z'].map((message) => node.session.send(message)))
    await settle()
    expect([numbers, socket.sent.slice(1)]).toEqual([
      [1, 2, 3],
      ['d1:x', 'd2:y', 'd3:z'],
    ])
  })

  it('takes strings and bytes, which may be changed afterward', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    socket.drop()
    const bytes = Uint8Array.of(1, 2, 3)
    const sent = node.session.send(bytes)
    bytes.fill(0)
    await sent
    const second = await node.hello({ sid: sid('s'), gen: 2 })
    expect(second.frames('data').map(({ payload }) => [...(payload as Uint8Array)])).toEqual([[1, 2, 3]])
  })

  it.each([[5], [{}], [undefined]])('rejects with ERR_DATA for %s', async (message) => {
    const node = cluster().node('a')
    await node.hello({ sid: sid('s') })
    await expect(node.session.send(message as never)).rejects.toMatchObject({ code: 'ERR_DATA' })
  })

  it('keeps messages for a client that is away', async () => {
    const node = cluster().node('a')
    const first = await node.hello({ sid: sid('s') })
    first.drop()
    await node.session.send('x')
    await node.server.send(sid('s'), 'y')
    const second = await node.hello({ sid: sid('s'), gen: 2 })
    expect(second.frames('data').map(({ payload }) => payload)).toEqual(['x', 'y'])
  })

  it('sends again what the client has not received, byte for byte', async () => {
    const node = cluster().node('a')
    const first = await node.hello({ sid: sid('s') })
    for (const message of ['x', 'y', 'z']) await node.session.send(message)
    first.drop()
    const second = await node.hello({ sid: sid('s'), gen: 2, rx: 1 })
    expect([first.sent.slice(2), second.sent.slice(1)]).toEqual([
      ['d2:y', 'd3:z'],
      ['d2:y', 'd3:z'],
    ])
    expect(node.metrics).toContainEqual({ type: 'replayed', messages: 2, bytes: 2 })
  })

  it('reaches a session from a node that does not have it', async () => {
    const { node: make } = cluster()
    const [a, b] = [make('a'), make('b')]
    const socket = await a.hello({ sid: sid('s') })
    expect(await b.server.send(sid('s'), 'from b')).toBe(1)
    await settle()
    expect(socket.sent.at(-1)).toBe('d1:from b')
  })

  it('from many nodes gives each message one number', async () => {
    const { node: make } = cluster()
    const [a, b, c] = [make('a'), make('b'), make('c')]
    const socket = await a.hello({ sid: sid('s') })
    const sends = [a, b, c].flatMap((node) =>
      Array.from({ length: 50 }, async () => node.server.send(sid('s'), node.server.node)),
    )
    const numbers = await Promise.all(sends)
    await settle()
    const all = Array.from({ length: 150 }, (_, index) => index + 1)
    expect(numbers.sort((x, y) => x - y)).toEqual(all)
    expect(socket.numbers).toEqual(all)
  })

  it('with the same key adds nothing', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    const first = await node.session.send('x', { key: 'k' })
    const again = await node.server.send(sid('s'), 'x', { key: 'k' })
    await node.session.send('y')
    await settle()
    expect([first, again, socket.numbers]).toEqual([1, 1, [1, 2]])
  })

  it('rejects with ERR_SESSION_ENDED once the session is over', async () => {
    const node = cluster().node('a')
    await node.hello({ sid: sid('s') })
    const { session } = node
    await session.close()
    await expect(session.send('x')).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
    await expect(node.server.send(sid('s'), 'x')).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
    await expect(node.server.send(sid('never'), 'x')).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
  })

  it('rejects with ERR_STORE if the store fails', async () => {
    const node = cluster().node('a')
    await node.hello({ sid: sid('s') })
    await node.kill()
    await expect(node.session.send('x')).rejects.toMatchObject({ code: 'ERR_STORE' })
  })
})

describe('delivered', () => {
  it('resolves once the client has acknowledged', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    for (const message of ['x', 'y']) await node.session.send(message)
    const done: string[] = []
    void node.session.delivered(1).then(() => done.push('first'))
    void node.session.delivered().then(() => done.push('all'))
    await settle()
    expect(done).toEqual([])
    socket.acknowledge(1)
    await settle()
    expect(done).toEqual(['first'])
    socket.receive('p2')
    await settle()
    expect(done).toEqual(['first', 'all'])
  })

  it('resolves when the next hello tells it', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    await node.session.send('x')
    const delivered = node.session.delivered()
    socket.drop()
    await node.hello({ sid: sid('s'), gen: 2, rx: 1 })
    await expect(delivered).resolves.toBeUndefined()
  })

  it('rejects when the session ends, and with the reason of its signal', async () => {
    const node = cluster().node('a')
    await node.hello({ sid: sid('s') })
    await node.session.send('x')
    const aborted = node.session.delivered(1, { signal: AbortSignal.abort(new Error('enough')) })
    await expect(aborted).rejects.toThrow('enough')
    const delivered = node.session.delivered()
    delivered.catch(() => {})
    await node.session.close()
    await expect(delivered).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
  })
})

describe('an acknowledgment of the client', () => {
  it('of what an earlier link sent is taken before it is sent again, and spares that', async () => {
    const node = cluster({ highWaterMark: 1 }).node('a')
    const first = await node.hello({ sid: sid('s') })
    for (const message of ['1', '2', '3', '4']) await node.session.send(message)
    await settle()
    expect(first.numbers).toEqual([1, 2, 3, 4])
    first.drop()
    // Its app has taken message 3 meanwhile.
    const second = node.socket()
    second.slow = true
    second.hello({ sid: sid('s'), gen: 2 })
    await settle()
    second.acknowledge(3)
    second.write()
    await settle()
    await node.session.send('5')
    for (let turn = 0; turn < 3; turn++) {
      second.write()
      await settle()
    }
    expect([second.closed, second.numbers]).toEqual([undefined, [1, 4, 5]])
    await node.session.delivered(3)
    expect(node.session.state).toBe('attached')
  })

  it('of more than was sent closes the socket with 4400', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    await node.session.send('x')
    socket.acknowledge(2)
    expect(socket.closed?.code).toBe(4400)
  })

  it('makes room in the outbox', async () => {
    const node = cluster({ outbox: { messages: 2 } }).node('a')
    const socket = await node.hello({ sid: sid('s') })
    for (const message of ['x', 'y']) await node.session.send(message)
    await expect(node.session.send('z')).rejects.toMatchObject({ code: 'ERR_SESSION_FULL' })
    socket.acknowledge(1)
    await settle()
    await expect(node.session.send('z')).resolves.toBe(3)
  })
})

describe('a full outbox', () => {
  it('rejects, by default, and so counts bytes', async () => {
    const node = cluster({ outbox: { bytes: 10 } }).node('a')
    await node.hello({ sid: sid('s') })
    await node.session.send('x'.repeat(10))
    await expect(node.session.send('y')).rejects.toMatchObject({ code: 'ERR_SESSION_FULL' })
  })

  it('waits with overflow wait, here and from another node', async () => {
    const { node: make, clock } = cluster({ outbox: { messages: 1, overflow: 'wait' } })
    const [a, b] = [make('a'), make('b')]
    const socket = await a.hello({ sid: sid('s') })
    await a.session.send('x')
    const done: string[] = []
    void a.session.send('y').then(() => done.push('y'))
    void b.server.send(sid('s'), 'z').then(() => done.push('z'))
    await clock.advance(1_000)
    expect(done).toEqual([])
    socket.acknowledge(1)
    await settle()
    socket.acknowledge(2)
    await clock.advance(1_000)
    expect(done.sort()).toEqual(['y', 'z'])
  })

  it('stops waiting when its signal aborts', async () => {
    const node = cluster({ outbox: { messages: 1, overflow: 'wait' } }).node('a')
    await node.hello({ sid: sid('s') })
    await node.session.send('x')
    const controller = new AbortController()
    const waiting = node.session.send('y', { signal: controller.signal })
    await settle()
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  it('ends the session with overflow end: the client learns that it lost messages', async () => {
    const node = cluster({ outbox: { messages: 1, overflow: 'end' } }).node('a')
    const socket = await node.hello({ sid: sid('s') })
    await node.session.send('x')
    await expect(node.session.send('y')).rejects.toMatchObject({ code: 'ERR_SESSION_FULL' })
    expect([socket.refusal, node.session.state]).toEqual([{ reason: 'overflow', rx: 0, exact: true }, 'ended'])
  })
})

describe('a slow socket', () => {
  it('gets no more than highWaterMark at once; the rest waits in the store', async () => {
    const node = cluster({ highWaterMark: 100 }).node('a')
    const socket = await node.hello({ sid: sid('s') })
    socket.slow = true
    for (let number = 1; number <= 50; number++) await node.session.send('x'.repeat(20))
    expect(socket.numbers.length).toBeLessThan(7)
    for (let turn = 0; turn < 50; turn++) {
      socket.write()
      await settle()
    }
    expect(socket.numbers).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
  })

  it('of a client that came back gets its replay in order, with what is sent meanwhile', async () => {
    const node = cluster({ highWaterMark: 100 }).node('a')
    const first = await node.hello({ sid: sid('s') })
    first.drop()
    for (let number = 1; number <= 600; number++) await node.session.send('x'.repeat(20))
    const socket = node.socket()
    socket.slow = true
    socket.hello({ sid: sid('s'), gen: 2 })
    await settle()
    for (let turn = 0; turn < 400; turn++) {
      if (turn < 20) void node.session.send('y')
      socket.write()
      await settle()
    }
    expect(socket.numbers).toEqual(Array.from({ length: 620 }, (_, index) => index + 1))
  })
})

describe('limits', () => {
  it('end a replay that is too large for its principal', async () => {
    const node = cluster({ limits: { replayedBytesPerMinute: 1_000 } }).node('a')
    const first = await node.hello({ sid: sid('s') })
    first.drop()
    for (let number = 1; number <= 30; number++) await node.session.send('x'.repeat(100))
    const second = await node.hello({ sid: sid('s'), gen: 2 })
    expect([second.numbers.length, second.closed?.code]).toEqual([10, 1013])
  })
})
