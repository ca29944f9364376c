import { describe, expect, it } from 'vitest'
import { memoryStore, type SessionStore } from '../../src/server/index.js'
import { cluster, sid, type TestNode } from './cluster.js'

/** Memory that counts as shared, as a store of several processes does. */
function sharedMemory(): SessionStore {
  const memory = memoryStore()
  return { open: async (...given) => Object.assign(await memory.open(...given), { shared: true }) }
}

describe('drain', () => {
  it('lets the sessions go one by one, spread over within', async () => {
    const { node: make, clock } = cluster({}, sharedMemory())
    const node = make('a')
    const sockets = []
    for (let number = 0; number < 10; number++) sockets.push(await node.hello({ sid: sid(String(number)) }))
    const drained = node.server.drain({ within: 1_000 })
    const left: number[] = []
    for (let time = 0; time < 10; time++) {
      await clock.advance(0)
      left.push(sockets.filter(({ closed }) => closed === undefined).length)
      await clock.advance(100)
    }
    await drained
    expect(left).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    expect(node.server.size).toBe(0)
  })

  it('sends each client elsewhere with 1012 and a hint from 50 to 550 ms', async () => {
    const { node: make, clock } = cluster({}, sharedMemory())
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    const drained = node.server.drain({ within: 0 })
    await clock.advance(0)
    await drained
    const wait = Number(/retry-after=(\d+)ms/.exec(socket.closed!.reason)![1])
    expect([socket.closed!.code, wait >= 50, wait <= 550]).toEqual([1012, true, true])
  })

  it('waits for the running handler, and the next node need not ask', async () => {
    const { node: make, clock } = cluster({}, sharedMemory())
    const [a, b] = [make('a'), make('b')]
    const socket = await a.hello({ sid: sid('s') })
    let finish: (() => void) | undefined
    a.session.on('message', () => new Promise<void>((resolve) => (finish = resolve)))
    socket.message(1)
    const drained = a.server.drain({ within: 0 })
    await clock.advance(100)
    expect(socket.closed).toBeUndefined()
    finish!()
    await drained
    const second = await b.hello({ sid: sid('s'), gen: 2 })
    expect([second.welcome?.['rx'], b.count('handover'), a.session.state]).toEqual([1, 0, 'moved'])
  })

  it.each([
    ['drain', (server: TestNode['server']) => server.drain({ within: 0 })],
    ['close', (server: TestNode['server']) => server.close()],
  ])('resolves once the sockets are closed, so that the process may exit: %s', async (_, leave) => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const [polite, silent] = [await node.hello({ sid: sid('s') }), await node.hello({ sid: sid('t') })]
    polite.answers = silent.answers = false
    let over = false
    const left = leave(node.server).then(() => (over = true))
    await clock.advance(500)
    expect([polite.closed?.code, silent.closed?.code, over]).toEqual([1012, 1012, false])
    polite.drop()
    await clock.advance(1_499)
    expect([over, silent.terminated]).toEqual([false, false])
    await clock.advance(1)
    await left
    expect([polite.terminated, silent.terminated]).toEqual([false, true])
  })

  it('ends within its time although a handler does not finish', async () => {
    const { node: make, clock } = cluster({ handover: 500 }, sharedMemory())
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', () => new Promise(() => {}))
    socket.message(1)
    let over = false
    void node.server.drain({ within: 1_000 }).then(() => (over = true))
    await clock.advance(1_499)
    expect(over).toBe(false)
    await clock.advance(1)
    expect([over, socket.terminated]).toEqual([true, true])
  })

  it('refuses sockets and hellos that still come', async () => {
    const { node: make, clock } = cluster({}, sharedMemory())
    const node = make('a')
    const early = node.socket()
    const drained = node.server.drain({ within: 0 })
    await clock.advance(0)
    await drained
    const late = node.socket()
    expect([early.closed?.code, late.closed?.code]).toEqual([1012, 1012])
  })

  it('tells clients of a store that is not shared what was handled, exactly', async () => {
    const { node: make, clock } = cluster()
    const node = make('a')
    const socket = await node.hello({ sid: sid('s') })
    node.session.on('message', () => {})
    for (const number of [1, 2, 3]) socket.message(number)
    const drained = node.server.drain({ within: 0 })
    await clock.advance(0)
    await drained
    expect(socket.refusal).toEqual({ reason: 'drained', rx: 3, exact: true })
  })
})

describe('close', () => {
  it('closes all sockets with 1012 and gives the sessions back', async () => {
    const { node: make } = cluster()
    const [a, b] = [make('a'), make('b')]
    const [socket, stranger] = [await a.hello({ sid: sid('s') }), a.socket()]
    await a.server.close()
    const second = await b.hello({ sid: sid('s'), gen: 2 })
    expect([socket.closed?.code, stranger.closed?.code, second.welcome?.['resumed'], b.count('handover')]).toEqual([
      1012,
      1012,
      true,
      0,
    ])
    await expect(a.server.send(sid('s'), 'x')).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
  })
})
