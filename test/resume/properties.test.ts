// Any order of what app, server, network and clock may do, against a server that checks every frame.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createConnection } from '../../src/create-connection.js'
import type { Fate } from '../../src/core/features/delivery.js'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { resumable } from '../../src/resume/index.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { ModelServer } from './support/model-server.js'

const few = fc.integer({ min: 1, max: 4 })
const ways = fc.constantFrom('exact' as const, 'tried' as const, 'vague' as const)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), times: few }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sendMany' as const), times: few }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('publish' as const), times: few }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constant('read' as const), times: few }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('handle' as const), times: few }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('commit' as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pump' as const), times: few }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('pass' as const), times: fc.constantFrom(1, 100, 300, 12_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('skip' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reconnect' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuseNext' as const), how: ways }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuseNow' as const), how: ways }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const window = { messages: 5, bytes: 40 }

class World {
  readonly clock = new TestClock()
  readonly server = new ModelServer()
  readonly transport = new FakeTransport({ onSocket: (socket) => this.server.accept(socket) })
  readonly session = resumable({ window, ack: { every: 3, delay: 50 }, acknowledge: 'listeners' })
  readonly connection = createConnection('ws://server.test/', {
    transport: this.transport,
    clock: this.clock,
    backoff: fixedBackoff(100),
    queue: { messages: 10_000 },
    features: [this.session],
  })
  readonly fates = new Map<string, Fate[]>()
  readonly listed: Record<'undelivered' | 'uncertain' | 'dropped', unknown[]> = {
    undelivered: [],
    uncertain: [],
    dropped: [],
  }
  readonly errors: unknown[] = []
  /** Received in the current session. */
  heard: unknown[] = []
  allHeard: unknown[] = []
  #sent = 0

  constructor() {
    const { connection, session, server } = this
    connection.on('message', (message) => {
      this.heard.push(message)
      this.allHeard.push(message)
    })
    session.on('continuity', (event) => {
      if (event.kind !== 'lost') return
      expect(event.lastReceived).toBe(this.heard.length)
      this.heard = []
      for (const name of ['undelivered', 'uncertain'] as const) this.listed[name].push(...event[name])
    })
    connection.on('close', ({ uncertain, willRetry }) => {
      if (willRetry) expect(uncertain).toEqual({ messages: 0, bytes: 0 })
    })
    connection.on('state', ({ state }) => {
      if (state === 'ended') this.heard = []
    })
    // Also what a listener here expects in vain.
    connection.on('error', (error) => this.errors.push(error))
    connection.on('dropped', ({ data }) => this.listed.dropped.push(data))
    // Acknowledged only after the listeners have it.
    server.onAcknowledged = (known, number) => {
      if (known.id === session.id) expect(number).toBeLessThanOrEqual(this.heard.length)
    }
  }

  async do(each: Step): Promise<void> {
    const { connection, server, clock, transport } = this
    switch (each.do) {
      case 'send':
        for (let count = 0; count < each.times; count++) this.#send()
        break
      case 'sendMany':
        if (this.#accepts) connection.sendMany(Array.from({ length: each.times }, () => this.#next(['sent'])))
        break
      case 'publish':
        for (let count = 0; count < each.times; count++) server.publish()
        break
      case 'cut':
        if (transport.sockets.length > 0) transport.last.end()
        break
      case 'pass':
        await clock.advance(each.times)
        break
      case 'refuseNext':
        server.refusal = each.how
        break
      case 'refuseNow':
        server.refuseNow(each.how)
        break
      case 'reconnect':
        connection.reconnect()
        break
      case 'close':
        void connection.close()
        await clock.advance(3_000)
        connection.open()
        break
      case 'commit':
      case 'move':
      case 'skip':
        server[each.do]()
        // Where the node or its socket is gone, the link is, too.
        if (each.do === 'move' && transport.sockets.length > 0) transport.last.end()
        break
      default:
        server[each.do](each.times)
    }
    await settle()
    this.check()
  }

  get #accepts(): boolean {
    const { state } = this.connection
    return state !== 'closing' && state !== 'ended'
  }

  /** Messages are `c1`, `c2`, …, some of them longer. */
  #next(fates: Fate[]): string {
    const message = `c${++this.#sent}${'.'.repeat(this.#sent % 7 === 0 ? 30 : 0)}`
    this.fates.set(message, fates)
    return message
  }

  #send(): void {
    if (!this.#accepts) return
    const fates: Fate[] = []
    this.connection.send(this.#next(fates), { onFate: (fate) => fates.push(fate) })
  }

  check(): void {
    const { session, server, fates } = this
    const { messages, bytes } = session.unacknowledged
    expect(this.errors).toEqual([])
    expect(messages).toBeLessThanOrEqual(window.messages)
    // The last one may cross it.
    expect(bytes).toBeLessThan(window.bytes + 40)
    // Each at most once, in the order of acceptance.
    const order = server.handled.map((message) => parseInt(message.slice(1), 10))
    expect(order).toEqual([...new Set(order)].sort((a, b) => a - b))
    for (const [message, its] of fates) {
      const last = its.at(-1)
      if (last === 'delivered') expect(server.handled).toContain(message)
      if (last === 'undelivered' || last === 'ended') expect(server.handled).not.toContain(message)
      expect(its.length).toBeLessThanOrEqual(2)
    }
    // What it hears is what the server published, in order, without gaps in a session.
    const numbers = this.allHeard.map((message) => Number(String(message).slice(1)))
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    const known = server.sessions.get(session.id)
    if (known !== undefined) expect(this.heard).toEqual(known.out.slice(0, this.heard.length))
  }

  /** From here on all goes well. */
  async heal(): Promise<void> {
    const { server, connection, clock, session } = this
    server.refusal = undefined
    if (connection.state === 'ended') connection.open()
    for (let round = 0; round < 60; round++) {
      await clock.advance(100)
      server.read(1_000)
      await settle()
      server.handle(1_000)
      server.commit()
      server.pump(1_000)
      await settle()
      if (server.link?.over === true) this.transport.last.end()
    }
    expect([connection.state, session.state]).toEqual(['open', 'attached'])
    expect([session.unacknowledged, connection.counters.queued]).toEqual([{ messages: 0, bytes: 0 }, 0])
    expect(this.heard).toEqual(server.sessions.get(session.id)!.out)
    const told = (fate: Fate): string[] =>
      [...this.fates].flatMap(([message, its]) => (its.at(-1) === fate && its.length > 1 ? [message] : []))
    for (const name of ['undelivered', 'uncertain'] as const) {
      const followed = this.listed[name].filter((message) => (this.fates.get(String(message))?.length ?? 0) > 1)
      expect(followed).toEqual(told(name))
    }
    for (const [message, its] of this.fates) {
      const isReported = Object.values(this.listed).flat().includes(message)
      // `sendMany` reports no fates.
      const end = its.length === 1 && its[0] === 'sent' ? undefined : its.at(-1)
      if (end === undefined && !isReported) expect([message, server.handled.includes(message)]).toEqual([message, true])
      else if (end !== undefined) expect(['delivered', 'undelivered', 'uncertain', 'ended']).toContain(end)
    }
  }
}

/** XState takes several times as long per event. */
const runs = process.env['DEFAULT_ENGINE'] === 'xstate' ? 100 : 600

test('nothing is lost, doubled or reordered, and what is not certain is said', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const world = new World()
      await settle()
      for (const each of steps) await world.do(each)
      await world.heal()
      world.check()
    }),
    { numRuns: runs },
  )
})
