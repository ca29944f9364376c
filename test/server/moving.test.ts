import { describe, expect, it, onTestFinished } from 'vitest'
import { memoryStore, serverDefaults } from '../../src/server/index.js'
import type { TestClock } from '../../src/tools/testing/browser.js'
import { cluster, settle, sid, type TestNode } from './cluster.js'
import type { FakeSocket } from './fake-socket.js'

describe('a session that moves', () => {
  it('goes on at the next node, which knows how far it came', async () => {
    const { node: make, clock } = cluster()
    const [a, b] = [make('a'), make('b')]
    const first = await a.hello({ sid: sid('s') })
    a.session.on('message', () => {})
    for (const number of [1, 2, 3]) first.message(number)
    await clock.advance(50)
    const second = await b.hello({ sid: sid('s'), gen: 2 })
    expect(second.welcome).toMatchObject({ rx: 3, seen: 3, resumed: true })
    expect([a.session.state, a.server.size, b.session.state, first.closed?.code]).toEqual([
      'moved',
      0,
      'attached',
      4409,
    ])
  })

  it('waits for the running handler of the last node, and does not repeat it', async () => {
    const { node: make, clock } = cluster()
    const [a, b] = [make('a'), make('b')]
    const effects: string[] = []
    const first = await a.hello({ sid: sid('s') })
    let finish: (() => void) | undefined
    a.session.on('message', async (message) => {
      await new Promise<void>((resolve) => (finish = resolve))
      effects.push(`a ${String(message)}`)
    })
    for (const number of [1, 2]) first.message(number)
    const second = b.socket()
    second.hello({ sid: sid('s'), gen: 2 })
    await clock.advance(1_000)
    expect([second.welcome, effects]).toEqual([undefined, []])
    finish!()
    await settle()
    expect(second.welcome).toMatchObject({ rx: 1, seen: 1 })
    b.session.on('message', (message) => effects.push(`b ${String(message)}`))
    second.message(2)
    expect(effects).toEqual(['a m1', 'b m2'])
  })

  it('does not wait for a node that is dead', async () => {
    const { node: make, clock } = cluster()
    const [a, b] = [make('a'), make('b')]
    const first = await a.hello({ sid: sid('s') })
    a.session.on('message', () => new Promise(() => {}))
    first.message(1)
    await a.kill()
    const second = b.socket()
    second.hello({ sid: sid('s'), gen: 2 })
    await clock.advance(1_000)
    expect(second.welcome).toMatchObject({ rx: 0, seen: 0, resumed: true })
    expect(b.metrics).toContainEqual(expect.objectContaining({ type: 'handover', result: 'dead' }))
  })

  it('stays with a node whose handler does not finish in time: the client is told to come back', async () => {
    const { node: make, clock } = cluster({ handover: 500 })
    const [a, b] = [make('a'), make('b')]
    const first = await a.hello({ sid: sid('s') })
    a.session.on('message', () => new Promise(() => {}))
    first.message(1)
    const second = b.socket()
    second.hello({ sid: sid('s'), gen: 2 })
    await clock.advance(1_000)
    expect([second.welcome, second.closed?.code, b.server.size]).toEqual([undefined, 1013, 0])
  })

  it('comes back to a node whose earlier object is still leaving', async () => {
    const { node: make } = cluster({ processed: () => new Promise((resolve) => setImmediate(() => resolve(0))) })
    const [a, b] = [make('a'), make('b')]
    const first = await a.hello({ sid: sid('s') })
    let finish: (() => void) | undefined
    a.session.on('message', () => new Promise<void>((resolve) => (finish = resolve)))
    first.message(1)
    b.socket().hello({ sid: sid('s'), gen: 2 })
    await settle()
    await b.kill()
    const third = a.socket()
    third.hello({ sid: sid('s'), gen: 3 })
    await settle()
    finish!()
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    await settle()
    expect([third.welcome, third.closed]).toMatchObject([{ rx: 1, seen: 1, resumed: true }, undefined])
  })

  it('aborts the signal of the running handler', async () => {
    const { node: make } = cluster()
    const [a, b] = [make('a'), make('b')]
    const first = await a.hello({ sid: sid('s') })
    a.session.on(
      'message',
      (_, { signal }) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    )
    first.message(1)
    const second = await b.hello({ sid: sid('s'), gen: 2 })
    expect(second.welcome).toMatchObject({ rx: 1 })
  })

  it('back to the first node is another object there', async () => {
    const { node: make } = cluster()
    const [a, b] = [make('a'), make('b')]
    await a.hello({ sid: sid('s') })
    await b.hello({ sid: sid('s'), gen: 2 })
    await a.hello({ sid: sid('s'), gen: 3 })
    expect(a.sessions.map(({ state }) => state)).toEqual(['moved', 'attached'])
    expect([b.session.state, a.server.size, b.server.size]).toEqual(['moved', 1, 0])
  })

  it('ignores what still arrives on the socket of the last node', async () => {
    const { node: make, clock } = cluster()
    const [a, b] = [make('a'), make('b')]
    const first = await a.hello({ sid: sid('s') })
    const effects: unknown[] = []
    a.session.on('message', (message) => effects.push(message))
    await b.hello({ sid: sid('s'), gen: 2 })
    first.readyState = 1
    first.message(1, 'late')
    await clock.advance(100)
    expect(effects).toEqual([])
  })

  it('leaves a late hello of an abandoned link without effect', async () => {
    const { node: make } = cluster()
    const [a, b] = [make('a'), make('b')]
    await a.hello({ sid: sid('s') })
    const second = await b.hello({ sid: sid('s'), gen: 3 })
    const late = await a.hello({ sid: sid('s'), gen: 2 })
    expect([late.closed?.code, second.closed, b.session.state]).toEqual([4409, undefined, 'attached'])
  })

  it('keeps messages that were sent while no node had it', async () => {
    const { node: make } = cluster()
    const [a, b] = [make('a'), make('b')]
    await a.hello({ sid: sid('s') })
    await a.session.send('x')
    await a.kill()
    await b.server.send(sid('s'), 'y')
    const second = await b.hello({ sid: sid('s'), gen: 2 })
    expect(second.frames('data').map(({ payload }) => payload)).toEqual(['x', 'y'])
  })

  it('is not superseded by an earlier hello that is answered later', async () => {
    const { node: make } = cluster()
    const node = make('a', { processed: () => new Promise((resolve) => held.push(() => resolve(0))) })
    const held: (() => void)[] = []
    const born = await node.hello({ sid: sid('s') })
    born.drop()
    await node.session[Symbol.asyncDispose]()
    const [b, c] = [make('b', { processed: () => new Promise((resolve) => held.push(() => resolve(0))) }), make('c')]
    await c.hello({ sid: sid('t') })
    const [early, late] = [b.socket(), b.socket()]
    early.hello({ sid: sid('t'), gen: 2 })
    await settle()
    late.hello({ sid: sid('t'), gen: 3 })
    await settle()
    for (const answer of held) answer()
    await settle()
    expect([early.closed?.code, late.welcome?.['resumed'], late.closed]).toEqual([4409, true, undefined])
  })
})

describe('after a node that died', () => {
  const died = async (
    tx: number | undefined,
    processed?: () => number,
  ): Promise<Record<string, unknown> | undefined> => {
    const { node: make, clock } = cluster(processed === undefined ? {} : { processed })
    const [a, b] = [make('a'), make('b')]
    const first = await a.hello({ sid: sid('s') })
    a.session.on('message', () => {})
    for (const number of [1, 2]) first.message(number)
    await clock.advance(50)
    // Handled, and not stored: the node dies first.
    first.message(3)
    await a.kill()
    const second = b.socket()
    second.hello({ sid: sid('s'), gen: 2, tx })
    await clock.advance(1_000)
    b.session.on('message', () => {})
    await b.session.close()
    return second.refusal
  }

  it('a session that ends says that what the client had sent to it may have been handled', async () => {
    expect(await died(4)).toEqual({ reason: 'ended', rx: 2, exact: false, tried: 4 })
  })

  it('a session that ends names no bound if the client does not tell what it had sent', async () => {
    expect(await died(undefined)).toEqual({ reason: 'ended', rx: 2, exact: false })
  })

  it('a session that ends is exact if the app knows what was processed', async () => {
    expect(await died(4, () => 3)).toEqual({ reason: 'ended', rx: 3, exact: true })
  })
})

describe('with processed', () => {
  it('an effect that was committed is not repeated, although its node died before it could say so', async () => {
    const database = { effects: [] as string[], number: 0 }
    const { node: make, clock } = cluster({ processed: () => database.number })
    const [a, b] = [make('a'), make('b')]
    const handle = (message: unknown, { number }: { number: number }): void => {
      database.effects.push(String(message))
      database.number = number
    }
    const first = await a.hello({ sid: sid('s') })
    a.session.on('message', handle)
    for (const number of [1, 2]) first.message(number)
    await a.kill()
    const second = b.socket()
    second.hello({ sid: sid('s'), gen: 2 })
    await clock.advance(1_000)
    b.session.on('message', handle)
    // The client has no acknowledgment, so it sends all that the server has not seen.
    expect(second.welcome).toMatchObject({ seen: 2 })
    second.message(3)
    expect(database.effects).toEqual(['m1', 'm2', 'm3'])
  })

  it.each([[-1], [1.5], ['2']])('that returns %s, the client is asked to come later', async (number) => {
    const { node: make } = cluster({ processed: () => number as number })
    const [a, b] = [make('a'), make('b')]
    await a.hello({ sid: sid('s') })
    const second = await b.hello({ sid: sid('s'), gen: 2 })
    expect([second.closed?.code, b.errors.length]).toEqual([1013, 1])
  })
})

/** A session of `a` that another node has taken without asking. */
async function replaced(): Promise<{
  a: TestNode
  first: FakeSocket
  clock: TestClock
  /** The other node still owns it, and heard nothing of an end. */
  isUntouched: () => Promise<boolean>
}> {
  const store = memoryStore()
  const { node: make, clock } = cluster({}, store)
  const a = make('a')
  const first = await a.hello({ sid: sid('s') })
  const { ttl, tombstone, outbox } = serverDefaults
  const nothing = (): void => {}
  let ended = 0
  const events = { letGo: nothing, appended: nothing, ended: () => ended++, reconnected: nothing, published: nothing }
  const other = await store.open({ name: 'other', ttl, tombstone, outbox, topic: { messages: 10 } }, events)
  onTestFinished(() => other.close())
  const take = async (): Promise<void> => {
    await other.claim({ id: sid('s'), gen: 2, rx: 0, epoch: '', principal: 'ann' })
    await other.take(sid('s'), 2, 'other/1')
  }
  await take()
  return { a, first, clock, isUntouched: async () => ended === 0 && (await other.commit(sid('s'), 'other/1', 1)) }
}

describe('an owner that another has replaced without asking', () => {
  it('does not end the session of its successor when its handler throws', async () => {
    const { a, first, isUntouched } = await replaced()
    a.session.on('message', () => Promise.reject(new Error('the row has moved on')))
    for (const number of [1, 2]) first.message(number)
    await settle()
    expect([a.session.state, first.closed?.code, a.count('fenced')]).toEqual(['moved', 4409, 1])
    expect(await isUntouched()).toBe(true)
  })

  it('does not end the session of its successor when the app closes it', async () => {
    const { a, first, isUntouched } = await replaced()
    await expect(a.session.close()).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
    expect([a.session.state, first.closed?.code, first.refusal]).toEqual(['moved', 4409, undefined])
    expect(await isUntouched()).toBe(true)
  })

  it('stops when its next commit is refused', async () => {
    const { a, first, clock } = await replaced()
    const effects: unknown[] = []
    a.session.on('message', (message) => effects.push(message))
    first.message(1)
    await clock.advance(50)
    expect([a.session.state, first.closed?.code, first.acknowledged]).toEqual(['moved', 4409, undefined])
    expect([a.count('fenced'), a.server.size]).toEqual([1, 0])
    first.message(2)
    expect(effects).toEqual(['m1'])
  })
})
