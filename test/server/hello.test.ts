import { describe, expect, it } from 'vitest'
import { cluster, settle, sid } from './cluster.js'

describe('a hello', () => {
  it('begins a session', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('s') })
    expect(socket.welcome).toEqual({
      ep: expect.any(String) as string,
      rx: 0,
      seen: 0,
      tail: 0,
      resumed: false,
      ttl: 120_000,
    })
    expect([node.session.id, node.session.state, node.session.principal, node.server.size]).toEqual([
      sid('s'),
      'attached',
      'ann',
      1,
    ])
  })

  it('resumes a session, and the server says how far it came', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const first = await node.hello({ sid: sid('s') })
    node.session.on('message', () => {})
    for (const number of [1, 2, 3]) first.message(number)
    await clock.advance(50)
    first.drop()
    expect(node.session.state).toBe('away')
    const second = await node.hello({ sid: sid('s'), gen: 2, ep: first.welcome!['ep'] as string })
    expect(second.welcome).toMatchObject({ rx: 3, seen: 3, resumed: true })
    expect([node.sessions.length, node.session.state]).toEqual([1, 'attached'])
  })

  it('names messages that arrived and are not acknowledged, so that they are not sent again', async () => {
    const node = cluster().node('a')
    const first = await node.hello({ sid: sid('s') })
    node.session.on('message', () => new Promise(() => {}))
    for (const number of [1, 2, 3]) first.message(number)
    first.drop()
    const second = await node.hello({ sid: sid('s'), gen: 2 })
    expect(second.welcome).toMatchObject({ rx: 0, seen: 3 })
  })

  it("closes the session's earlier socket with 4409", async () => {
    const node = cluster().node('a')
    const first = await node.hello({ sid: sid('s') })
    await node.hello({ sid: sid('s'), gen: 2 })
    expect(first.closed).toMatchObject({ code: 4409 })
    expect(node.session.state).toBe('attached')
  })

  it('with a used generation is refused as superseded, and the session stays with its socket', async () => {
    const node = cluster().node('a')
    const first = await node.hello({ sid: sid('s'), gen: 3 })
    const late = await node.hello({ sid: sid('s'), gen: 3 })
    expect([late.refusal, late.closed?.code]).toEqual([{ reason: 'superseded' }, 4409])
    node.session.on('message', () => {})
    first.message(1)
    await settle()
    expect([first.closed, node.session.state]).toEqual([undefined, 'attached'])
  })

  it('of another principal is refused as forbidden, and the session stays with its socket', async () => {
    const node = cluster().node('a')
    const first = await node.hello({ sid: sid('s'), auth: 'ann' })
    const thief = await node.hello({ sid: sid('s'), gen: 9, auth: 'bob' })
    expect([thief.refusal, thief.closed?.code]).toEqual([{ reason: 'forbidden' }, 4403])
    const second = await node.hello({ sid: sid('s'), gen: 2, auth: 'ann' })
    expect([first.closed?.code, second.welcome?.['resumed']]).toEqual([4409, true])
  })

  it('that authenticate refuses is closed with 4401', async () => {
    const node = cluster({ authenticate: () => undefined }).node('a')
    const socket = await node.hello({ sid: sid('s') })
    expect([socket.closed?.code, node.server.size]).toEqual([4401, 0])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('database down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('database down'))],
    ['returns no principal', () => ({ principal: '' })],
  ])('is asked to come later when authenticate %s', async (_, authenticate) => {
    const node = cluster({ authenticate }).node('a')
    const socket = await node.hello({ sid: sid('s') })
    expect([socket.closed?.code, node.errors.map(({ code }) => code)]).toEqual([1013, ['ERR_LISTENER']])
  })

  it('is awaited for helloTimeout, then the socket is closed with 4408', async () => {
    const { node: make, clock } = cluster()
    const socket = make('a').socket()
    await clock.advance(4_999)
    expect(socket.closed).toBeUndefined()
    await clock.advance(1)
    expect(socket.closed?.code).toBe(4408)
  })

  it.each([
    ['another frame', 'd1:x'],
    ['no JSON', 'h{'],
    ['a short id', 'h{"v":1,"sid":"x","gen":1,"rx":0}'],
    ['generation 0', `h{"v":1,"sid":"${sid('s')}","gen":0,"rx":0}`],
    ['generation 2^53', `h{"v":1,"sid":"${sid('s')}","gen":9007199254740992,"rx":0}`],
    ['another version', `h{"v":2,"sid":"${sid('s')}","gen":1,"rx":0}`],
    ['more than 4 KiB', `h{"v":1,"sid":"${sid('s')}","gen":1,"rx":0,"auth":"${'x'.repeat(4_096)}"}`],
  ])('that is %s is closed with 4400', async (_, frame) => {
    const node = cluster().node('a')
    const socket = node.socket()
    socket.receive(frame)
    await settle()
    expect([socket.closed?.code, node.server.size]).toEqual([4400, 0])
  })

  it('may come again on the same link after the session was refused', async () => {
    const node = cluster().node('a')
    const socket = await node.hello({ sid: sid('old'), gen: 7, ep: 'gone' })
    expect(socket.refusal).toMatchObject({ reason: 'unknown' })
    socket.hello({ sid: sid('new') })
    await settle()
    expect([socket.welcome?.['resumed'], node.session.id]).toEqual([false, sid('new')])
  })

  it('with more received than was sent is refused as rewound', async () => {
    const node = cluster().node('a')
    const first = await node.hello({ sid: sid('s') })
    first.drop()
    const second = await node.hello({ sid: sid('s'), gen: 2, rx: 5 })
    expect(second.refusal).toMatchObject({ reason: 'rewound' })
  })

  it('takes what the app has processed as handled', async () => {
    const { node: make, clock } = cluster({ processed: () => 4 })
    const [a, b] = [make('a'), make('b')]
    const first = await a.hello({ sid: sid('s') })
    a.session.on('message', (_, { number }) => (number > 2 ? new Promise(() => {}) : undefined))
    for (const number of [1, 2, 3, 4, 5]) first.message(number)
    await clock.advance(50)
    // The node dies after the fourth effect was committed.
    await a.kill()
    const second = await b.hello({ sid: sid('s'), gen: 2 })
    expect(second.welcome).toMatchObject({ seen: 4 })
  })
})
