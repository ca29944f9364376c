import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Connection, ConnectionEventMap } from '../../src/core/connection.types.js'
import type { ConnectionState } from '../../src/core/status.types.js'
import { ConnectionError } from '../../src/core/errors.js'
import { textHeartbeat } from '../../src/core/policies/heartbeat.js'
import { settle } from '../../src/tools/testing/clock.js'
import { setup, types, type Setup } from '../support/setup.js'
import { watchEscapes } from './support/life.js'

type Type = keyof ConnectionEventMap<unknown, unknown>

/** The public methods, each with what holds when it returns, from wherever it was called. */
interface Method {
  readonly call: (connection: Connection) => unknown
  readonly after?: (connection: Connection, before: ConnectionState) => void
  /** What it may throw, or reject with, in these states. */
  readonly refuses?: readonly ConnectionState[]
}

const inSome =
  (...states: ConnectionState[]) =>
  (connection: Connection): void =>
    expect(states).toContain(connection.state)

const methods: Record<string, Method> = {
  open: { call: (connection) => connection.open(), after: inSome('connecting', 'open') },
  reconnect: { call: (connection) => connection.reconnect(), after: inSome('connecting') },
  close: { call: (connection) => void connection.close(), after: inSome('closing', 'ended') },
  markHealthy: {
    call: (connection) => connection.markHealthy(),
    after: ({ status }) => expect(status.state === 'open' && !status.stable).toBe(false),
  },
  send: { call: (connection) => connection.send('from a listener'), refuses: ['closing', 'ended'] },
  withdraw: {
    call: (connection) => connection.withdraw(),
    after: ({ counters }) => expect(counters.queued).toBe(0),
  },
  opened: { call: (connection) => connection.opened(), refuses: ['ended', 'closing'] },
  ended: { call: (connection) => void connection.ended() },
  drained: { call: (connection) => connection.drained(), refuses: ['ended'] },
  on: { call: (connection) => connection.on('state', () => {})() },
  subscribe: { call: (connection) => connection.subscribe(() => {})() },
  inspect: { call: (connection) => connection.inspect(() => {})() },
  messages: { call: (connection) => connection.messages().return!() },
  binaryType: { call: (connection) => (connection.binaryType = 'blob') },
  'everything that is read': {
    call: ({ state, status, readyState, url, protocol, extensions, bufferedAmount, counters, getSnapshot }) => {
      expect(getSnapshot()).toBe(status)
      expect(status).toMatchObject({ state, readyState })
      expect([typeof url, typeof protocol, typeof extensions, typeof bufferedAmount]).not.toContain('undefined')
      expect(counters.queued).toBeGreaterThanOrEqual(0)
    },
  },
}

/** Where a method is called: inside the nth event of this type. */
interface Place {
  readonly type: Type | 'subscribe'
  readonly nth: number
}

/** An event as one listener received it: the type and the field that distinguishes it. */
function label(type: Type, event: unknown): string {
  if (type === 'state') return `state ${(event as { state: string }).state}`
  if (type === 'close') return `close ${(event as { code: number }).code}`
  return type === 'error' ? `error ${(event as ConnectionError).code}` : type
}

interface Played {
  readonly first: readonly string[]
  readonly second: readonly string[]
  /** The state in which the method was called; `undefined` if that place was not reached. */
  readonly calledIn: ConnectionState | undefined
  /** The index of the first listener's event that was outdated after the call. */
  readonly outdated: number | undefined
  readonly seen: ReadonlyMap<Place['type'], number>
}

/**
 * Runs a connection through every kind of event; in one of them a listener calls a method. `again` checks the result
 * once the method has returned.
 */
async function play(place: Place, method: Method): Promise<Played> {
  const first: string[] = []
  const second: string[] = []
  const seen = new Map<Place['type'], number>()
  let calledIn: ConnectionState | undefined
  let outdated: number | undefined
  const failures: unknown[] = []
  let depth = 0
  const context = setup<string, string>({
    autoOpen: false,
    heartbeat: textHeartbeat({ interval: 20_000, timeout: 10_000, ping: 'ping', pong: 'pong' }),
    codec: {
      encode: (message) => message,
      decode: (frame) => {
        if (frame === 'garbage') throw new SyntaxError('garbage')
        return frame as string
      },
    },
    backoff: () => 1_000,
    highWaterMark: 100,
  })
  const { connection, transport } = context
  const reach = (type: Place['type']): void => {
    const count = (seen.get(type) ?? 0) + 1
    seen.set(type, count)
    if (type !== place.type || count !== place.nth) return
    calledIn = connection.state
    const { status } = connection
    try {
      const returned = method.call(connection)
      if (returned instanceof Promise) returned.catch((thrown: unknown) => check(thrown))
      method.after?.(connection, calledIn)
    } catch (thrown) {
      check(thrown)
    }
    if ((type === 'state' || type === 'backoff') && connection.status !== status) outdated = first.length - 1
  }
  const check = (thrown: unknown): void => {
    const documented = thrown instanceof ConnectionError && thrown.code === 'ERR_ENDED'
    if (!documented || !method.refuses?.includes(calledIn!)) {
      // A pending promise that is settled later is not a refusal.
      if (!(documented && connection.state === 'ended' && method.refuses !== undefined)) failures.push(thrown)
    }
  }
  for (const type of types) {
    connection.on(type, (event) => {
      if (depth > 0) failures.push(new Error(`${type} is fired inside another event`))
      depth++
      first.push(label(type, event))
      reach(type)
      depth--
      if (transport.alive > 1) failures.push(new Error('two sockets'))
    })
    connection.on(type, (event) => void second.push(label(type, event)))
  }
  let subscribed = false
  connection.subscribe(() => {
    if (subscribed) reach('subscribe')
    subscribed = true
  })
  await live(context)
  expect(failures).toEqual([])
  return { first, second, calledIn, outdated, seen }
}

/** Does what the state allows: the method may have closed the connection. */
async function live(context: Setup<string, string>): Promise<void> {
  const { connection, transport, clock, environment } = context
  const check = async (): Promise<void> => {
    await settle()
    expect(transport.alive).toBeLessThanOrEqual(1)
  }
  const serve = async (): Promise<void> => {
    await check()
    if (transport.alive > 0 && !transport.last.open) transport.last.accept()
    await check()
  }
  const send = (message: string, ttl?: number): void => {
    const over = connection.state === 'closing' || connection.state === 'ended'
    if (!over) connection.send(message, ttl === undefined ? {} : { ttl })
  }
  const socket = (): (typeof transport)['last'] => transport.last
  send('early')
  connection.open()
  await serve()
  if (transport.sockets.length === 0) return end(context)
  socket().message('hello')
  socket().message('garbage')
  socket().bufferedAmount = 1_000
  send('waits')
  send('expires', 1)
  await clock.advance(20)
  socket().bufferedAmount = 0
  await clock.advance(20)
  await clock.advance(20_000)
  socket().message('pong')
  await clock.advance(1_000)
  await check()
  socket().end({ code: 1011 })
  await check()
  environment.emit('offline')
  environment.emit('online')
  await clock.advance(1_000)
  await serve()
  socket().end({ code: 1006 })
  await clock.advance(1_000)
  await serve()
  void connection.close()
  await check()
  socket().end({ code: 1000 })
  await check()
  await end(context)
}

/** After any call the connection can be closed, and nothing is left. */
async function end({ connection, transport, clock, environment }: Setup<string, string>): Promise<void> {
  const closed = connection.close()
  await clock.advance(2_000)
  await closed
  expect(connection.state).toBe('ended')
  expect(transport.alive).toBe(0)
  expect(clock.pending).toBe(0)
  expect(environment.listeners.size).toBe(0)
  expect(connection.counters.queued).toBe(0)
}

let escapes: ReturnType<typeof watchEscapes>

beforeEach(() => {
  escapes = watchEscapes()
})

afterEach(async () => {
  await escapes.stop()
  expect(escapes.escaped).toEqual([])
})

const nothing: Method = { call: () => {} }

test('a run without commands inside listeners fires events of every type', async () => {
  const { seen } = await play({ type: 'open', nth: 0 }, nothing)
  expect([...seen.keys()].toSorted()).toEqual([...types, 'subscribe'].toSorted())
})

test('queued messages are sent before a close requested by a listener of the state open', async () => {
  const { connection, transport } = setup()
  connection.send('queued')
  connection.on('state', ({ state }) => {
    if (state === 'open') void connection.close()
  })
  await settle()
  transport.last.accept()
  expect(transport.last.actions.map(({ type }) => type)).toEqual(['send', 'close'])
})

test('a state listener that opens the connection while it ends leaves no pending close() promise', async () => {
  const { connection, transport, accept } = setup()
  const socket = await accept()
  connection.on('close', () => connection.open())
  const closed = connection.close()
  socket.end({ code: 1000 })
  await closed
  await settle()
  expect(connection.state).toBe('connecting')
  expect(transport.alive).toBe(1)
})

test('commands of a listener after close() and open() apply to the new run, not to the ended one', async () => {
  const { connection, transport, accept, of } = setup()
  const did: Promise<void>[] = []
  const read: unknown[] = []
  const off = connection.on('backoff', () => {
    off()
    void connection.close()
    expect(connection.counters.queued).toBe(0)
    connection.open()
    connection.send('new')
    did.push(connection.opened(), connection.drained())
    void connection
      .messages()
      .next()
      .then(({ value }) => read.push(value))
  })
  connection.send('old')
  await settle()
  transport.last.refuse()
  const socket = await accept()
  socket.message('hello')
  await Promise.all(did)
  expect(socket.sent).toEqual(['new'])
  expect(read).toEqual(['hello'])
  expect(of('dropped')).toEqual([{ data: 'old', reason: 'ended' }])
})

test('messages dropped at the end are reported before the end', async () => {
  const { connection, transport, events } = setup({ retry: () => false })
  connection.send('old')
  await settle()
  transport.last.refuse()
  const order = events.map(([type]) => type).filter((type) => type === 'dropped' || type === 'close')
  expect(order).toEqual(['dropped', 'close'])
})

describe('a message is not accepted if the connection is closed during the call', () => {
  const ended = expect.objectContaining({ code: 'ERR_ENDED' }) as unknown

  test.each(['idle', 'open'] as const)('by the listener for an expired message, while %s', async (state) => {
    const { connection, transport, clock, accept, of } = setup({ autoOpen: state !== 'idle', highWaterMark: 50 })
    const socket = state === 'open' ? await accept() : undefined
    connection.on('dropped', () => void connection.close())
    if (socket !== undefined) socket.bufferedAmount = 100
    connection.send('first', { ttl: 10 })
    if (socket !== undefined) socket.bufferedAmount = 0
    clock.block(20)
    const result = connection.send('second')
    await clock.advance(5_000)
    expect([connection.state, connection.counters.queued, clock.pending]).toEqual(['ended', 0, 0])
    const sent = transport.sockets.flatMap(({ sent: each }) => each)
    const dropped = of('dropped').map(({ data, reason }) => [data, reason])
    // It was accepted first, so it is either sent or reported.
    expect([result, sent, dropped]).toEqual(
      state === 'open'
        ? ['sent', ['second'], [['first', 'expired']]]
        : [
            'queued',
            [],
            [
              ['first', 'expired'],
              ['second', 'ended'],
            ],
          ],
    )
  })

  test('by encode', async () => {
    for (const state of ['idle', 'open'] as const) {
      const { connection, transport, clock, accept } = setup<string, string>({
        autoOpen: state !== 'idle',
        codec: { encode: (text) => (void connection.close(), text), decode: String },
      })
      if (state === 'open') await accept()
      expect(() => connection.send('x')).toThrow(ended)
      await clock.advance(5_000)
      expect([connection.counters.queued, transport.sockets.flatMap(({ sent }) => sent)]).toEqual([0, []])
    }
  })

  test('by the iterable of sendMany()', async () => {
    for (const state of ['idle', 'open'] as const) {
      const { connection, transport, clock, accept, of } = setup({ autoOpen: state !== 'idle' })
      if (state === 'open') await accept()
      function* batch(): Iterable<string> {
        yield '1'
        void connection.close()
        yield '2'
      }
      expect(() => connection.sendMany(batch())).toThrow(ended)
      await clock.advance(5_000)
      expect([connection.counters.queued, transport.sockets.flatMap(({ sent }) => sent)]).toEqual([0, []])
      expect(of('dropped')).toEqual([])
    }
  })
})

test('drained() inside an inspector, during the retry decision, leaves no timer behind', async () => {
  const { connection, clock, accept } = setup({ queue: { bytes: 0 }, highWaterMark: 50 })
  const socket = await accept()
  socket.bufferedAmount = 100
  expect(() => connection.send('never fits')).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))
  let asked = 0
  const off = connection.inspect((event) => {
    if (event.type !== '@xstate.event' || event.event.type !== 'socket.closed') return
    asked++
    connection.drained().catch(() => {})
  })
  socket.end({ code: 1011 })
  off()
  expect(asked).toBeGreaterThan(0)
  void connection.close()
  await clock.advance(1_000)
  expect([connection.state, clock.pending]).toEqual(['ended', 0])
})

describe.each(Object.keys(methods))('%s inside a listener (A01)', (name) => {
  test.each([...types, 'subscribe'] as const)(
    'of %s takes effect before it returns and does not affect other listeners',
    async (type) => {
      const { seen } = await play({ type, nth: 0 }, nothing)
      const count = seen.get(type)!
      const states = new Set<ConnectionState>()
      for (let nth = 1; nth <= count; nth++) {
        const { first, second, calledIn, outdated } = await play({ type, nth }, methods[name]!)
        // The next listener does not receive an event that the method has outdated.
        expect(second).toEqual(first.filter((_, index) => index !== outdated))
        states.add(calledIn!)
      }
      expect(states.size).toBeGreaterThan(0)
      if (type === 'state')
        expect(states).toEqual(new Set(['connecting', 'open', 'backoff', 'suspended', 'closing', 'ended']))
    },
  )
})
