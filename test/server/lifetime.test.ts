import { describe, expect, it } from 'vitest'
import { cluster, settle, sid } from './cluster.js'

describe('a silent client', () => {
  it('is pinged after half of idle, and terminated after all of it', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    await clock.advance(22_000)
    expect(socket.pings).toBe(0)
    await clock.advance(2_000)
    expect([socket.pings, socket.terminated]).toEqual([1, false])
    await clock.advance(20_000)
    expect([socket.pings, socket.terminated]).toEqual([1, false])
    await clock.advance(3_000)
    expect([socket.terminated, node.session.state]).toEqual([true, 'away'])
  })

  it('that answers is kept', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    for (let time = 0; time < 20; time++) {
      await clock.advance(10_000)
      if (time % 2 === 0) socket.emit('pong')
      else socket.receive('p0')
    }
    expect([socket.terminated, node.session.state]).toEqual([false, 'attached'])
  })

  it('is not judged while its socket is paused', async () => {
    const { node: make, clock } = cluster({ inbox: { messages: 1 } })
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', () => new Promise(() => {}))
    for (const number of [1, 2]) socket.message(number)
    await clock.advance(100_000)
    expect([socket.paused, socket.terminated]).toEqual([true, false])
  })
})

describe('a session without a link', () => {
  it('survives for ttl from the end of its link, and no longer', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const ended: string[] = []
    const first = await node.hello({ sid: sid('s') })
    node.session.on('ended', ({ reason }) => ended.push(reason))
    for (let time = 0; time < 30; time++) {
      await clock.advance(10_000)
      first.emit('pong')
    }
    first.drop()
    await clock.advance(119_000)
    const second = await node.hello({ sid: sid('s'), gen: 2 })
    expect(second.welcome).toMatchObject({ resumed: true })
    second.drop()
    await clock.advance(122_000)
    const third = await node.hello({ sid: sid('s'), gen: 3 })
    expect([third.refusal?.['reason'], ended, node.server.size]).toEqual(['expired', ['expired'], 0])
  })

  it('that expired still tells exactly what was handled', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const first = await node.hello({ sid: sid('s') })
    node.session.on('message', () => {})
    for (const number of [1, 2]) first.message(number)
    first.drop()
    await clock.advance(200_000)
    const second = await node.hello({ sid: sid('s'), gen: 2 })
    expect(second.refusal).toMatchObject({ reason: 'expired', rx: 2, exact: true })
  })

  it('that died with its node tells what was handled for certain, and no more', async () => {
    const { node: make, clock } = cluster()
    const [a, b] = [make('a'), make('b')]
    const first = await a.hello({ sid: sid('s') })
    a.session.on('message', () => {})
    first.message(1)
    await clock.advance(50)
    first.message(2)
    await a.kill()
    await clock.advance(200_000)
    const second = await b.hello({ sid: sid('s'), gen: 2 })
    expect(second.refusal).toMatchObject({ reason: 'expired', rx: 1, exact: false })
  })

  it('that only receives does not expire while it is attached', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    for (let time = 0; time < 100; time++) {
      await clock.advance(10_000)
      socket.receive('p0')
    }
    await node.session.send('x')
    expect(socket.numbers).toEqual([1])
  })
})

describe('goodbye', () => {
  it('ends the session, and is answered', async () => {
    const node = cluster().node('a')
    const ended: string[] = []
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('ended', ({ reason }) => ended.push(reason))
    node.session.on('message', () => {})
    socket.message(1)
    await settle()
    socket.receive('b0')
    await settle()
    expect([socket.sent.at(-1)?.slice(0, 1), socket.closed?.code, ended, node.server.size]).toEqual([
      'b',
      1000,
      ['goodbye'],
      0,
    ])
    const late = await node.hello({ sid: sid('s'), gen: 2 })
    expect(late.refusal).toMatchObject({ reason: 'ended' })
  })
})

describe('close of a session', () => {
  it('tells the client what was handled, and closes the link with the code', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', () => {})
    for (const number of [1, 2]) socket.message(number)
    await clock.advance(50)
    await node.session.close(4000, 'bye')
    expect([socket.refusal, socket.closed]).toEqual([
      { reason: 'ended', rx: 2, exact: true },
      { code: 4000, reason: 'bye' },
    ])
  })

  it.each([
    [999, ''],
    [1005, ''],
    [1006, ''],
    [2000, ''],
    [5000, ''],
    [1000.5, ''],
    ['1000', ''],
    [1000, 'x'.repeat(124)],
    [1000, 5],
  ])('rejects with ERR_CLOSE_ARGUMENT for %j and %j, and the session goes on', async (code, reason) => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    const closed = node.session.close(code as number, reason as string)
    await expect(closed).rejects.toMatchObject({ code: 'ERR_CLOSE_ARGUMENT' })
    expect([node.session.state, socket.closed]).toEqual(['attached', undefined])
  })

  it('inside a handler does not wait for it: its message is uncertain', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', () => node.session.close())
    for (const number of [1, 2]) socket.message(number)
    await settle()
    expect(socket.refusal).toEqual({ reason: 'ended', rx: 0, exact: false, tried: 1 })
  })

  it('rejects with ERR_STORE if the store fails, and the client is asked to come later', async () => {
    const node = cluster().node('a')
    const socket = node.socket()
    socket.hello({ sid: sid('s') })
    await settle()
    const { session } = node
    await node.kill()
    await expect(session.close()).rejects.toMatchObject({ code: 'ERR_STORE' })
    expect(socket.refusal).toBeUndefined()
  })
})

describe('a session for logs', () => {
  it('has a label that does not reveal its id', async () => {
    const node = cluster().node('a')
    await node.hello({ sid: sid('s') })
    expect([/^[\da-f]{8}$/.test(node.session.label), node.session.label.includes('s')]).toEqual([true, false])
  })
})
