// What each store must do. The files beside this one run it for each kind.
import { afterEach, describe, expect, test } from 'vitest'
import type {
  Claim,
  ClaimRequest,
  OpenStore,
  SessionStore,
  StoreEvents,
  StoreNode,
} from '../../../src/server/stores/store.js'

/** One kind of store. */
export interface Subject {
  /** The store as one process has it. Those of one test share their sessions, and no other test has them. */
  store(): Promise<SessionStore>
  /** Lets time pass on the store's clock. */
  pass(ms: number): Promise<void>
  /** How long a session lives, and how long it is remembered. Milliseconds. */
  readonly ttl: number
  readonly tombstone: number
}

type Recorded = { readonly [K in keyof StoreEvents]: Parameters<StoreEvents[K]>[] }

/** A node and what the store told it. */
export interface Node extends OpenStore {
  readonly name: string
  readonly events: Recorded
}

let lastNumber = 0
const unique = (prefix: string): string => `${prefix}${process.pid}x${++lastNumber}`
/** 22 characters of base64url, as the protocol demands. */
const newId = (): string => Buffer.from(String(++lastNumber).padStart(16, `${process.pid}s`)).toString('base64url')

const bytes = (...given: number[]): Uint8Array => new Uint8Array(given)
const plain = (rows: readonly (readonly [number, string | Uint8Array])[] | 'lost') =>
  rows === 'lost' ? rows : rows.map(([number, data]) => [number, typeof data === 'string' ? data : [...data]])

/** Opens a store, and records what it tells. */
export async function openNode(
  store: SessionStore,
  limits: Pick<StoreNode, 'ttl' | 'tombstone'> & Partial<StoreNode>,
): Promise<Node> {
  const events: Recorded = { letGo: [], appended: [], ended: [], published: [], reconnected: [] }
  const node = {
    name: unique('n'),
    outbox: { messages: 1_000, bytes: 1_000_000 },
    topic: { messages: 100 },
    ...limits,
  }
  const opened = await store.open(node, {
    letGo: (request) => void events.letGo.push([request]),
    appended: (id) => void events.appended.push([id]),
    ended: (id, reason) => void events.ended.push([id, reason]),
    published: (topic) => void events.published.push([topic]),
    reconnected: () => void events.reconnected.push([]),
  })
  return Object.assign(opened, { name: node.name, events })
}

/** Waits for what another process causes, without a fixed time. */
export async function eventually(check: () => unknown, pass: Subject['pass']): Promise<void> {
  for (let turn = 0; ; turn++) {
    try {
      return void (await check())
    } catch (thrown) {
      if (turn === 2_000) throw thrown
      await pass(5)
    }
  }
}

export function conformance(kind: string, setUp: () => Promise<Subject>): void {
  describe(kind, () => {
    let subject: Subject
    const nodes: Node[] = []

    afterEach(async () => {
      await Promise.all(nodes.splice(0).map((node) => node.close()))
    })

    async function open(limits: Partial<StoreNode> = {}): Promise<Node> {
      const { ttl, tombstone } = subject
      const node = await openNode(await subject.store(), { ttl, tombstone, ...limits })
      nodes.push(node)
      return node
    }

    const fact = (title: string, body: () => Promise<void>): void => {
      test(title, async () => {
        subject = await setUp()
        await body()
      })
    }

    const hello = (id: string, more: Partial<ClaimRequest> = {}): ClaimRequest => ({
      id,
      gen: 1,
      rx: 0,
      epoch: '',
      principal: 'ann',
      ...more,
    })

    /** A session that this node owns. */
    async function owned(
      node: Node,
      id = newId(),
      token = `${node.name}/1`,
    ): Promise<{ id: string; token: string; epoch: string }> {
      const claim = await node.claim(hello(id))
      if (claim.status !== 'new') throw new Error(claim.status)
      await node.take(id, 1, token)
      return { id, token, epoch: claim.epoch }
    }

    describe('claim', () => {
      fact('creates a session without an owner', async () => {
        const node = await open()
        const claim = await node.claim(hello(newId()))
        expect(claim).toEqual({
          status: 'new',
          rx: 0,
          tail: 0,
          epoch: expect.any(String) as string,
          owner: '',
          tried: 0,
          topics: [],
        })
        expect((claim as Extract<Claim, { epoch: string }>).epoch).not.toBe('')
      })
      fact('resumes a session and says who owns it, how far it came, and its topics', async () => {
        const node = await open()
        const { id, token, epoch } = await owned(node)
        await node.commit(id, token, 7)
        await node.append(id, 'a')
        await node.append(id, 'b')
        await node.join(id, 'btc')
        await node.join(id, 'eth')
        await node.join(id, 'btc')
        await node.leave(id, 'eth')
        const claim = await node.claim(hello(id, { gen: 2, rx: 1, epoch }))
        expect(claim).toEqual({ status: 'resumed', rx: 7, tail: 2, epoch, owner: token, tried: 0, topics: ['btc'] })
      })
      fact('resumes a session whose first welcome was lost', async () => {
        const node = await open()
        const { id } = await owned(node)
        expect(await node.claim(hello(id, { gen: 2 }))).toMatchObject({ status: 'resumed' })
      })
      fact('refuses a generation that was used', async () => {
        const node = await open()
        const { id } = await owned(node)
        await node.claim(hello(id, { gen: 3 }))
        for (const gen of [1, 2, 3]) expect((await node.claim(hello(id, { gen }))).status).toBe('superseded')
      })
      fact('takes generations beyond 2³¹', async () => {
        const node = await open()
        const { id } = await owned(node)
        expect(await node.claim(hello(id, { gen: 2 ** 53 - 2 }))).toMatchObject({ status: 'resumed' })
        expect((await node.claim(hello(id, { gen: 2 ** 53 - 2 }))).status).toBe('superseded')
        expect(await node.claim(hello(id, { gen: 2 ** 53 - 1 }))).toMatchObject({ status: 'resumed' })
        expect(await node.take(id, 2 ** 53 - 1, `${node.name}/2`)).toBe(0)
      })
      fact('refuses another principal, and tells it nothing of the session', async () => {
        const node = await open()
        const { id, token } = await owned(node)
        await node.commit(id, token, 4)
        expect(await node.claim(hello(id, { gen: 2, principal: 'bob' }))).toEqual({ status: 'forbidden' })
        await node.end(id, { reason: 'ended', rx: 4, tried: 4 })
        expect(await node.claim(hello(id, { gen: 2, principal: 'bob' }))).toEqual({ status: 'forbidden' })
      })
      fact('does not know a session that a client had elsewhere', async () => {
        const node = await open()
        expect(await node.claim(hello(newId(), { gen: 4, rx: 3, epoch: 'elsewhere' }))).toEqual({ status: 'unknown' })
        expect(await node.claim(hello(newId(), { rx: 3 }))).toEqual({ status: 'unknown' })
      })
      fact('refuses another epoch of a session', async () => {
        const node = await open()
        const { id, token } = await owned(node)
        await node.commit(id, token, 2)
        expect(await node.claim(hello(id, { gen: 2, epoch: 'another' }))).toEqual({
          status: 'store',
          rx: 2,
          exact: false,
        })
      })
      fact('refuses a client that has more than the store', async () => {
        const node = await open()
        const { id, token, epoch } = await owned(node)
        await node.append(id, 'a')
        expect(await node.claim(hello(id, { gen: 2, rx: 2, epoch }))).toEqual({
          status: 'rewound',
          rx: 0,
          exact: false,
        })
        await node.release(id, 3, token, '')
        expect(await node.claim(hello(id, { gen: 3, rx: 2, epoch }))).toEqual({ status: 'rewound', rx: 3, exact: true })
      })
      fact('refuses a client whose messages are gone', async () => {
        const node = await open()
        const { id, epoch } = await owned(node)
        for (const data of ['a', 'b', 'c']) await node.append(id, data)
        await node.trim(id, 2)
        expect(await node.claim(hello(id, { gen: 2, rx: 2, epoch }))).toMatchObject({ status: 'resumed' })
        expect(await node.claim(hello(id, { gen: 3, rx: 1, epoch }))).toEqual({ status: 'range', rx: 0, exact: false })
        await node.trim(id, 3)
        expect(await node.claim(hello(id, { gen: 4, rx: 3, epoch }))).toMatchObject({ status: 'resumed', tail: 3 })
        expect(await node.claim(hello(id, { gen: 5, rx: 2, epoch }))).toMatchObject({ status: 'range' })
      })
      fact('fences earlier generations also when it refuses', async () => {
        const node = await open()
        const { id, epoch } = await owned(node)
        await node.claim(hello(id, { gen: 2, epoch }))
        expect((await node.claim(hello(id, { gen: 4, rx: 9, epoch }))).status).toBe('rewound')
        expect(await node.take(id, 2, `${node.name}/2`)).toBe(-1)
        expect((await node.claim(hello(id, { gen: 3, epoch }))).status).toBe('superseded')
      })
      fact('lets one of two win that come with the same generation', async () => {
        const [a, b] = [await open(), await open()]
        for (let gen = 2; gen < 22; gen++) {
          const id = newId()
          await owned(a, id)
          const claims = await Promise.all([a.claim(hello(id, { gen })), b.claim(hello(id, { gen }))])
          expect(claims.map(({ status }) => status).sort()).toEqual(['resumed', 'superseded'])
        }
      })
      fact('lets one of two create a session', async () => {
        const [a, b] = [await open(), await open()]
        for (let round = 0; round < 20; round++) {
          const id = newId()
          const claims = await Promise.all([a.claim(hello(id)), b.claim(hello(id))])
          expect(claims.map(({ status }) => status).sort()).toEqual(['new', 'superseded'])
        }
      })
    })

    describe('time', () => {
      fact('a session expires after its ttl, and is remembered exactly if its owner has let go', async () => {
        const node = await open()
        const { id, token, epoch } = await owned(node)
        await node.append(id, 'a')
        await node.release(id, 5, token, '')
        await subject.pass(subject.ttl * 1.5)
        expect(await node.claim(hello(id, { gen: 2, epoch }))).toEqual({ status: 'expired', rx: 5, exact: true })
        expect(await node.append(id, 'b')).toBe('ended')
        expect(await node.range(id, 0, 10)).toEqual([])
        expect(await node.take(id, 2, token)).toBe(-1)
      })
      fact(
        'a session that expires while it is owned is remembered without exactness, until its owner lets go',
        async () => {
          const node = await open()
          const { id, token, epoch } = await owned(node)
          await node.commit(id, token, 3)
          await subject.pass(subject.ttl * 1.5)
          expect(await node.claim(hello(id, { gen: 2, epoch }))).toEqual({ status: 'expired', rx: 3, exact: false })
          await node.release(id, 6, token, '')
          expect(await node.claim(hello(id, { gen: 3, epoch }))).toEqual({ status: 'expired', rx: 6, exact: true })
        },
      )
      fact(
        'after an owner that died, a refusal is exact only once all that it may have handled is handled',
        async () => {
          const node = await open()
          const { id, epoch } = await owned(node)
          const token = `${node.name}/2`
          await node.claim(hello(id, { gen: 2, epoch }))
          await node.take(id, 2, token, 9)
          await node.commit(id, token, 5)
          expect(await node.claim(hello(id, { gen: 3, epoch }))).toMatchObject({ status: 'resumed', rx: 5, tried: 9 })
          await node.release(id, 6, token, '')
          const refused = { rx: 6, exact: false, tried: 9 }
          expect(await node.claim(hello(id, { gen: 4, rx: 7, epoch }))).toEqual({ status: 'rewound', ...refused })
          await subject.pass(subject.ttl * 1.5)
          expect(await node.claim(hello(id, { gen: 5, epoch }))).toEqual({ status: 'expired', ...refused })
          await node.release(id, 9, token, '')
          expect(await node.claim(hello(id, { gen: 6, epoch }))).toMatchObject({
            status: 'expired',
            rx: 9,
            exact: true,
          })
        },
      )
      fact('after an owner that died, a refusal names no bound if it is unknown what that one had', async () => {
        const node = await open()
        const { id, epoch } = await owned(node)
        const token = `${node.name}/2`
        await node.claim(hello(id, { gen: 2, epoch }))
        await node.take(id, 2, token, Number.MAX_SAFE_INTEGER)
        await node.release(id, 6, token, '')
        await node.end(id, { reason: 'ended', rx: 6, tried: 6 })
        const claim = await node.claim(hello(id, { gen: 3, epoch }))
        expect(claim).toEqual({ status: 'ended', rx: 6, exact: false, tried: undefined })
      })
      fact('commits keep a session alive', async () => {
        const node = await open()
        const { id, token, epoch } = await owned(node)
        for (let round = 0; round < 5; round++) {
          await subject.pass(subject.ttl / 2)
          expect(await node.commit(id, token, 0)).toBe(true)
        }
        await node.append(id, 'a')
        expect(plain(await node.range(id, 0, 10))).toEqual([[1, 'a']])
        expect(await node.claim(hello(id, { gen: 2, epoch }))).toMatchObject({ status: 'resumed', tail: 1 })
      })
      fact('a message of a session that is kept alive is kept as long', async () => {
        const node = await open()
        const { id, token } = await owned(node)
        await node.append(id, 'early')
        for (let round = 0; round < 8; round++) {
          await subject.pass(subject.ttl / 2)
          await node.commit(id, token, 0)
        }
        expect(plain(await node.range(id, 0, 10))).toEqual([[1, 'early']])
      })
      fact('a claim and a take keep a session alive', async () => {
        const node = await open()
        const { id, epoch } = await owned(node)
        for (let gen = 2; gen < 6; gen++) {
          await subject.pass(subject.ttl / 2)
          expect(await node.claim(hello(id, { gen, epoch }))).toMatchObject({ status: 'resumed' })
        }
        await subject.pass(subject.ttl / 2)
        expect(await node.take(id, 5, `${node.name}/2`)).toBe(0)
        await subject.pass(subject.ttl / 2)
        expect(await node.claim(hello(id, { gen: 6, epoch }))).toMatchObject({ status: 'resumed' })
      })
      fact('an owner that commits after its session has expired is told so', async () => {
        const node = await open()
        const { id, token } = await owned(node)
        await subject.pass(subject.ttl * 1.5)
        expect(await node.commit(id, token, 1)).toBe(false)
        await eventually(() => expect(node.events.ended).toEqual([[id, 'expired']]), subject.pass)
      })
      fact('a tombstone is forgotten', async () => {
        const node = await open()
        const { id, epoch } = await owned(node)
        await node.end(id, { reason: 'ended', rx: 1, tried: 1 })
        await subject.pass(subject.tombstone * 0.6)
        expect(await node.claim(hello(id, { gen: 2, epoch }))).toMatchObject({ status: 'ended' })
        await subject.pass(subject.tombstone + subject.ttl)
        expect(await node.claim(hello(id, { gen: 3, epoch }))).toEqual({ status: 'unknown' })
      })
      fact('a session that is kept alive outlives the time of a tombstone', async () => {
        const node = await open()
        const { id, token, epoch } = await owned(node)
        for (let passed = 0; passed < subject.tombstone + 2 * subject.ttl; passed += subject.ttl / 2) {
          await subject.pass(subject.ttl / 2)
          await node.commit(id, token, 0)
        }
        expect(await node.claim(hello(id, { gen: 2, epoch }))).toMatchObject({ status: 'resumed', owner: token })
      })
      fact('a key is remembered for the ttl, and no longer', async () => {
        const node = await open()
        const { id, token } = await owned(node)
        expect(await node.append(id, 'a', 'k')).toBe(1)
        await subject.pass(subject.ttl / 2)
        await node.commit(id, token, 0)
        expect(await node.append(id, 'a', 'k')).toBe(1)
        await subject.pass(subject.ttl * 0.75)
        await node.commit(id, token, 0)
        expect(await node.append(id, 'a', 'k')).toBe(2)
      })
    })

    describe('append, range and trim', () => {
      fact('number messages from 1 and keep text and binary as they are', async () => {
        const node = await open()
        const { id } = await owned(node)
        const given = ['', 'text', 'ünï 😀', bytes(), bytes(0, 255, 10, 13, 128), '\0', bytes(100, 49)]
        for (const [index, data] of given.entries()) expect(await node.append(id, data)).toBe(index + 1)
        const rows = await node.range(id, 0, 100)
        expect(plain(rows)).toEqual(
          given.map((data, index) => [index + 1, typeof data === 'string' ? data : [...data]]),
        )
      })
      fact('keep all bytes', async () => {
        const node = await open()
        const { id } = await owned(node)
        const all = Uint8Array.from({ length: 1024 }, (_, index) => index)
        await node.append(id, all)
        // Not the memory of the caller, which may use it again.
        const sent = all.slice()
        all.fill(0)
        expect(plain(await node.range(id, 0, 1))).toEqual([[1, [...sent]]])
      })
      fact('return what comes after a number, within a limit', async () => {
        const node = await open()
        const { id } = await owned(node)
        for (const data of 'abcdef') await node.append(id, data)
        expect(plain(await node.range(id, 2, 3))).toEqual([[3, 'c'], [4, 'd'], [5, 'e']]) // prettier-ignore
        expect(plain(await node.range(id, 5, 3))).toEqual([[6, 'f']])
        expect(await node.range(id, 6, 3)).toEqual([])
        expect(await node.range(id, 9, 3)).toEqual([])
      })
      fact('drop what the client has received, and number on', async () => {
        const node = await open()
        const { id } = await owned(node)
        for (const data of 'abcd') await node.append(id, data)
        await node.trim(id, 2)
        expect(plain(await node.range(id, 0, 10))).toEqual([[3, 'c'], [4, 'd']]) // prettier-ignore
        await node.trim(id, 1)
        expect(await node.range(id, 0, 10)).toHaveLength(2)
        await node.trim(id, 4)
        expect(await node.range(id, 0, 10)).toEqual([])
        expect(await node.append(id, 'e')).toBe(5)
        expect(plain(await node.range(id, 0, 10))).toEqual([[5, 'e']])
        await node.trim(id, 100)
        expect(await node.append(id, 'f')).toBe(6)
        expect(plain(await node.range(id, 5, 10))).toEqual([[6, 'f']])
      })
      fact('do not know a session that does not exist', async () => {
        const node = await open()
        const id = newId()
        expect(await node.append(id, 'a')).toBe('ended')
        expect(await node.append(id, 'a', 'k')).toBe('ended')
        expect(await node.range(id, 0, 10)).toEqual([])
        await node.trim(id, 4)
        await node.join(id, 'btc')
        await node.leave(id, 'btc')
        await node.end(id, { reason: 'ended', rx: 0, tried: 0 })
        await node.release(id, 4, `${node.name}/1`, '')
        expect(await node.take(id, 1, `${node.name}/1`)).toBe(-1)
        expect(await node.claim(hello(id))).toMatchObject({ status: 'new', rx: 0, tail: 0, topics: [] })
      })
      fact('return the same number for the same key, also when asked at once and from two nodes', async () => {
        const [a, b] = [await open(), await open()]
        const { id } = await owned(a)
        const first = await a.append(id, 'a', 'k')
        expect(await b.append(id, 'a', 'k')).toBe(first)
        expect(await a.append(id, 'b', 'another')).toBe(2)
        const numbers = await Promise.all([a, b, a, b, a, b].map((node) => node.append(id, 'c', 'same')))
        expect(numbers).toEqual([3, 3, 3, 3, 3, 3])
        expect(await a.append(id, 'd')).toBe(4)
        expect(plain(await a.range(id, 0, 10))).toEqual([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'd']]) // prettier-ignore
        await a.trim(id, 4)
        expect(await b.append(id, 'a', 'k')).toBe(1)
        expect(await a.range(id, 0, 10)).toEqual([])
      })
      fact('a key holds for one session', async () => {
        const node = await open()
        const [one, other] = [await owned(node), await owned(node)]
        await node.append(one.id, 'x')
        expect(await node.append(one.id, 'a', 'k')).toBe(2)
        expect(await node.append(other.id, 'b', 'k')).toBe(1)
      })
      fact('a key may be any text', async () => {
        const node = await open()
        const { id } = await owned(node)
        for (const [index, key] of ['', ' ', 'a b', 'ü', '}{:*>.', '\r\nX: y', 'x'.repeat(300)].entries()) {
          expect(await node.append(id, 'a', key)).toBe(index + 1)
          expect(await node.append(id, 'a', key)).toBe(index + 1)
        }
      })
      fact('refuse what exceeds the number of messages, and take it when there is room again', async () => {
        const node = await open({ outbox: { messages: 3, bytes: 1_000 } })
        const { id } = await owned(node)
        for (const data of 'abc') await node.append(id, data)
        expect(await node.append(id, 'd')).toBe('full')
        expect(await node.append(id, 'd', 'k')).toBe('full')
        await node.trim(id, 1)
        expect(await node.append(id, 'd', 'k')).toBe(4)
        expect(await node.append(id, 'd', 'k')).toBe(4)
        expect(await node.append(id, 'e')).toBe('full')
      })
      fact('refuse what exceeds the bytes, and take it when there is room again', async () => {
        const node = await open({ outbox: { messages: 100, bytes: 10 } })
        const { id } = await owned(node)
        expect(await node.append(id, bytes(1, 2, 3, 4))).toBe(1)
        expect(await node.append(id, 'üüü')).toBe(2)
        expect(await node.append(id, 'x')).toBe('full')
        expect(await node.append(id, '')).toBe(3)
        await node.trim(id, 1)
        expect(await node.append(id, '12345')).toBe('full')
        expect(await node.append(id, '1234')).toBe(4)
        expect(await node.append(id, '1')).toBe('full')
        await node.trim(id, 4)
        expect(await node.append(id, '12345678901')).toBe('full')
        expect(await node.append(id, '1234567890')).toBe(5)
        expect(await node.append(id, '1')).toBe('full')
      })
      fact('200 appenders on two nodes get the numbers from 1 to 200', async () => {
        // Longer than it takes on a slow machine.
        const limits = { ttl: 60_000 }
        const [a, b] = [await open(limits), await open(limits)]
        const { id } = await owned(a)
        const given = Array.from({ length: 200 }, (_, index) => `message ${index}`)
        const numbers = await Promise.all(given.map((data, index) => (index % 2 ? a : b).append(id, data)))
        expect([...numbers].sort((x, y) => Number(x) - Number(y))).toEqual(given.map((_, index) => index + 1))
        const rows: (readonly [number, string | Uint8Array])[] = []
        while (rows.length < 200) {
          const more = await b.range(id, rows.at(-1)?.[0] ?? 0, 64)
          expect(more.length).toBeGreaterThan(0)
          rows.push(...more)
        }
        const expected = numbers.map((number, index) => [number, given[index]] as const)
        expect(rows).toEqual(expected.sort(([x], [y]) => Number(x) - Number(y)))
      })
      fact('appends of one node are numbered in the order of the calls', async () => {
        const node = await open()
        const { id } = await owned(node)
        const numbers = await Promise.all(Array.from({ length: 50 }, (_, index) => node.append(id, String(index))))
        expect(numbers).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
      })
      fact('an append on another node is reported to the owner, one on its own node is not', async () => {
        const [a, b] = [await open(), await open()]
        const { id } = await owned(a)
        await a.append(id, 'a')
        await b.append(id, 'b')
        await eventually(() => expect(a.events.appended).toContainEqual([id]), subject.pass)
        const before = a.events.appended.length
        await a.append(id, 'c')
        await subject.pass(20)
        expect(a.events.appended).toHaveLength(before)
        expect(b.events.appended).toEqual([])
        expect(plain(await a.range(id, 0, 9))).toEqual([[1, 'a'], [2, 'b'], [3, 'c']]) // prettier-ignore
      })
    })

    describe('owners', () => {
      fact('a node that takes a session is told how far it came', async () => {
        const node = await open()
        const { id, token } = await owned(node)
        await node.commit(id, token, 12)
        await node.release(id, 14, token, '')
        await node.claim(hello(id, { gen: 2 }))
        expect(await node.take(id, 2, `${node.name}/2`)).toBe(14)
        expect(await node.claim(hello(id, { gen: 3 }))).toMatchObject({ owner: `${node.name}/2` })
      })
      fact('a take after a later claim is refused', async () => {
        const [a, b] = [await open(), await open()]
        const { id, token } = await owned(a)
        await a.claim(hello(id, { gen: 2 }))
        await b.claim(hello(id, { gen: 3 }))
        expect(await a.take(id, 2, `${a.name}/2`)).toBe(-1)
        expect(await a.commit(id, token, 1)).toBe(true)
        expect(await b.take(id, 3, `${b.name}/1`)).toBe(1)
        expect(await a.commit(id, token, 2)).toBe(false)
      })
      fact('a claim does not change the owner, so a commit that is under way succeeds', async () => {
        const [a, b] = [await open(), await open()]
        const { id, token } = await owned(a)
        await b.claim(hello(id, { gen: 2 }))
        expect(await a.commit(id, token, 5)).toBe(true)
        expect(await b.claim(hello(id, { gen: 3 }))).toMatchObject({ rx: 5, owner: token })
      })
      fact('only the owner commits', async () => {
        const [a, b] = [await open(), await open()]
        const { id, token } = await owned(a)
        expect(await b.commit(id, `${b.name}/1`, 9)).toBe(false)
        expect(await a.commit(id, `${a.name}/2`, 9)).toBe(false)
        expect(await a.commit(id, token, 3)).toBe(true)
        expect(await a.commit(id, token, 2)).toBe(true)
        expect(await a.claim(hello(id, { gen: 2 }))).toMatchObject({ rx: 3 })
        expect(a.events.ended).toEqual([])
      })
      fact('a commit to a session that the store has never had is refused and reported', async () => {
        const node = await open()
        const id = newId()
        expect(await node.commit(id, `${node.name}/1`, 1)).toBe(false)
        await eventually(() => expect(node.events.ended).toEqual([[id, 'unknown']]), subject.pass)
      })
      fact('a release keeps the maximum, and clears only its own token', async () => {
        const [a, b] = [await open(), await open()]
        const { id, token } = await owned(a)
        await a.commit(id, token, 8)
        await a.claim(hello(id, { gen: 2 }))
        await a.take(id, 2, `${a.name}/2`)
        await a.release(id, 5, token, '')
        expect(await b.claim(hello(id, { gen: 3 }))).toMatchObject({ rx: 8, owner: `${a.name}/2` })
        await a.release(id, 10, token, '')
        expect(await b.claim(hello(id, { gen: 4 }))).toMatchObject({ rx: 10, owner: `${a.name}/2` })
        await a.release(id, -1, `${a.name}/2`, '')
        expect(await b.claim(hello(id, { gen: 5 }))).toMatchObject({ rx: 10, owner: '' })
      })
      fact('a node that is asked to let go and does so is reported released', async () => {
        const [a, b] = [await open(), await open()]
        const { id, token } = await owned(a)
        await b.claim(hello(id, { gen: 2 }))
        const handover = b.handover({ id, gen: 2, owner: token, timeout: 5_000 })
        await eventually(() => expect(a.events.letGo.length).toBeGreaterThan(0), subject.pass)
        expect(a.events.letGo[0]).toEqual([{ id, gen: 2, owner: token, to: b.name }])
        await a.release(id, 4, token, b.name)
        expect(await handover).toBe('released')
        expect(await b.take(id, 2, `${b.name}/1`)).toBe(4)
        expect(b.events.letGo).toEqual([])
      })
      fact('a release of another token or another session is not an answer', async () => {
        const [a, b] = [await open(), await open()]
        const [one, other] = [await owned(a), await owned(a)]
        await a.claim(hello(one.id, { gen: 2 }))
        await a.take(one.id, 2, `${a.name}/2`)
        let result: string | undefined
        const handover = b.handover({ id: one.id, gen: 2, owner: `${a.name}/2`, timeout: 30_000 })
        void handover.then((given) => (result = given))
        await a.release(one.id, 4, one.token, b.name)
        await a.release(other.id, 4, other.token, b.name)
        await subject.pass(30)
        expect(result).toBeUndefined()
        await a.release(one.id, 5, `${a.name}/2`, b.name)
        expect(await handover).toBe('released')
      })
      fact('a node that does not answer is reported after the timeout', async () => {
        const [a, b] = [await open(), await open()]
        const { id, token } = await owned(a)
        let result: string | undefined
        void b.handover({ id, gen: 2, owner: token, timeout: 150 }).then((given) => (result = given))
        await eventually(() => expect(result).toBe('timeout'), subject.pass)
        expect(await a.commit(id, token, 1)).toBe(true)
      })
      fact('a node that has left is dead', async () => {
        const [a, b] = [await open(), await open()]
        const { id, token } = await owned(a)
        let result: string | undefined
        void b.handover({ id, gen: 2, owner: token, timeout: 30_000 }).then((given) => (result = given))
        await subject.pass(20)
        expect(result).toBeUndefined()
        await a.close()
        await eventually(() => expect(result).toBe('dead'), subject.pass)
        expect(await b.handover({ id, gen: 3, owner: token, timeout: 30_000 })).toBe('dead')
        const never = await owned(b, newId(), 'never/1')
        expect(await b.handover({ id: never.id, gen: 2, owner: 'never/1', timeout: 30_000 })).toBe('dead')
      })
      fact('a node that has left is not leased and does nothing', async () => {
        const node = await open()
        const { id, token } = await owned(node)
        expect(node.leased()).toBe(true)
        await node.close()
        await node.close()
        expect(node.leased()).toBe(false)
        await expect(node.commit(id, token, 1)).rejects.toThrow()
        await expect(node.append(id, 'a')).rejects.toThrow()
        const other = await open()
        expect(await other.claim(hello(id, { gen: 2 }))).toMatchObject({
          status: 'resumed',
          rx: 0,
          tail: 0,
          owner: token,
        })
      })
      fact('a name with a slash is refused', async () => {
        await expect(open({ name: 'a/b' })).rejects.toThrow('without a slash')
      })
    })

    describe('end', () => {
      fact('drops the outbox and remembers how far the session came', async () => {
        const node = await open()
        const { id, token, epoch } = await owned(node)
        await node.append(id, 'a')
        await node.append(id, 'b', 'k')
        await node.end(id, { reason: 'ended', rx: 6, tried: 6 })
        expect(await node.range(id, 0, 9)).toEqual([])
        expect(await node.append(id, 'c')).toBe('ended')
        expect(await node.commit(id, token, 7)).toBe(false)
        expect(await node.take(id, 1, token)).toBe(-1)
        expect(await node.claim(hello(id, { gen: 2, epoch }))).toEqual({ status: 'ended', rx: 6, exact: true })
        expect(await node.claim(hello(id, { gen: 2, epoch }))).toEqual({ status: 'superseded' })
      })
      fact('says which messages were cut off', async () => {
        const node = await open()
        const { id, epoch } = await owned(node)
        await node.end(id, { reason: 'overflow', rx: 6, tried: 8 })
        expect(await node.claim(hello(id, { gen: 2, epoch }))).toEqual({
          status: 'overflow',
          rx: 6,
          exact: false,
          tried: 8,
        })
        await node.end(id, { reason: 'ended', rx: 9, tried: 9 })
        expect(await node.claim(hello(id, { gen: 3, epoch }))).toEqual({
          status: 'overflow',
          rx: 6,
          exact: false,
          tried: 8,
        })
      })
      fact('keeps what was stored if it is more', async () => {
        const node = await open()
        const { id, token, epoch } = await owned(node)
        await node.commit(id, token, 9)
        await node.end(id, { reason: 'ended', rx: 3, tried: 3 })
        expect(await node.claim(hello(id, { gen: 2, epoch }))).toEqual({ status: 'ended', rx: 9, exact: true })
      })
      fact('of another node reports it to the owner, and is exact once that one has let go', async () => {
        const [a, b] = [await open(), await open()]
        const { id, token, epoch } = await owned(a)
        await a.commit(id, token, 2)
        await b.end(id, { reason: 'ended', rx: 0, tried: 0 })
        await eventually(() => expect(a.events.ended).toEqual([[id, 'ended']]), subject.pass)
        expect(b.events.ended).toEqual([])
        expect(await a.claim(hello(id, { gen: 2, epoch }))).toEqual({ status: 'ended', rx: 2, exact: false })
        await a.release(id, 5, token, '')
        expect(await a.claim(hello(id, { gen: 3, epoch }))).toEqual({ status: 'ended', rx: 5, exact: true })
      })
    })

    describe('topics', () => {
      fact('number messages from 1 and keep text and binary as they are', async () => {
        const node = await open()
        const topic = unique('t')
        const { epoch, ...empty } = await node.topic(topic)
        expect(empty).toEqual({ first: 1, tail: 0 })
        expect(await node.topicRange(topic, epoch, 0, 9)).toEqual([])
        for (const [index, data] of ['a', bytes(0, 200), 'ü', ''].entries())
          expect(await node.publish(topic, data)).toBe(index + 1)
        expect(plain(await node.topicRange(topic, epoch, 0, 9))).toEqual([[1, 'a'], [2, [0, 200]], [3, 'ü'], [4, '']]) // prettier-ignore
        expect(plain(await node.topicRange(topic, epoch, 1, 2))).toEqual([[2, [0, 200]], [3, 'ü']]) // prettier-ignore
        expect(await node.topicRange(topic, epoch, 4, 2)).toEqual([])
        expect(await node.topic(topic)).toEqual({ epoch, first: 1, tail: 4 })
      })
      fact('keep as many messages as the node says, and tell that others are lost', async () => {
        const node = await open({ topic: { messages: 3 } })
        const topic = unique('t')
        for (const data of 'abcde') await node.publish(topic, data)
        const { epoch, first, tail } = await node.topic(topic)
        expect([first, tail]).toEqual([3, 5])
        expect(plain(await node.topicRange(topic, epoch, 2, 9))).toEqual([[3, 'c'], [4, 'd'], [5, 'e']]) // prettier-ignore
        expect(await node.topicRange(topic, epoch, 1, 9)).toBe('lost')
        expect(await node.topicRange(topic, epoch, 6, 9)).toBe('lost')
        expect(await node.topicRange(topic, 'another', 3, 9)).toBe('lost')
      })
      fact('return the same offset for the same key', async () => {
        const [a, b] = [await open(), await open()]
        const topic = unique('t')
        expect(await a.publish(topic, 'a', 'k')).toBe(1)
        expect(await b.publish(topic, 'a', 'k')).toBe(1)
        expect(await b.publish(topic, 'b')).toBe(2)
        expect(await b.publish(unique('t'), 'a', 'k')).toBe(1)
        expect((await a.topic(topic)).tail).toBe(2)
      })
      fact('are reported to the nodes that follow them, and no longer after unfollow', async () => {
        const [a, b] = [await open(), await open()]
        const [topic, other] = [unique('t'), unique('t')]
        await a.follow(topic)
        await b.follow(topic)
        await b.publish(other, 'x')
        await b.publish(topic, 'a')
        for (const node of [a, b])
          await eventually(() => expect(node.events.published).toContainEqual([topic]), subject.pass)
        await a.unfollow(topic)
        a.events.published.length = 0
        b.events.published.length = 0
        await b.publish(topic, 'b')
        await eventually(() => expect(b.events.published).toContainEqual([topic]), subject.pass)
        await subject.pass(20)
        expect(a.events.published).toEqual([])
        expect(b.events.published).not.toContainEqual([other])
      })
      fact('may have any name', async () => {
        const node = await open()
        const { id, epoch } = await owned(node)
        const names = ['a b', 'ü.>*', '{x}', 'a:b', 'x'.repeat(256), '.'].map((name) => `${name}${unique('')}`)
        for (const name of names) {
          await node.follow(name)
          await node.join(id, name)
          expect(await node.publish(name, 'a')).toBe(1)
          expect((await node.topic(name)).tail).toBe(1)
          await eventually(() => expect(node.events.published).toContainEqual([name]), subject.pass)
        }
        const claim = await node.claim(hello(id, { gen: 2, epoch }))
        expect([...(claim as Extract<Claim, { epoch: string }>).topics].sort()).toEqual(names.sort())
      })
      fact('100 publishers on two nodes get the offsets from 1 to 100', async () => {
        const [a, b] = [await open(), await open()]
        const topic = unique('t')
        const { epoch } = await a.topic(topic)
        const offsets = await Promise.all(
          Array.from({ length: 100 }, (_, index) => (index % 2 ? a : b).publish(topic, String(index))),
        )
        expect([...offsets].sort((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
        const rows = await b.topicRange(topic, epoch, 0, 100)
        const expected = offsets.map((offset, index) => [offset, String(index)] as const)
        expect(rows).toEqual(expected.sort(([x], [y]) => x - y))
      })
    })
  })
}
