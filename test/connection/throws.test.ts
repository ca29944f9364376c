import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createConnection } from '../../src/create-connection.js'
import type { Connection } from '../../src/core/connection.types.js'
import { ConnectionError, type ErrorCode } from '../../src/core/errors.js'
import { TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { types } from '../support/setup.js'
import { codesOf, live, seams, watchEscapes, type Bite, type Life, type Seam, type Trap } from './support/life.js'

/** One that throws in the middle of everything: the life with it is compared with one in which the call did what is said here. */
interface Row {
  readonly seam: Seam
  /** How the app hears of it: an `error` event with this code, the `error` of a `close` event, or a throw to the caller. */
  readonly told:
    { readonly event: ErrorCode } | { readonly close: ErrorCode } | { readonly caller: ErrorCode } | 'console'
  /** What the call of the twin does; left out: what it always does. `refused`: its attempt is refused by the server. */
  readonly like?: (() => unknown) | 'refused'
  /** It may be asynchronous. */
  readonly async?: boolean
}

const environment = { event: 'ERR_ENVIRONMENT' } as const
const policy = { event: 'ERR_POLICY' } as const

const rows: readonly Row[] = [
  ...types
    .filter((type) => type !== 'error')
    .map((type): Row => ({ seam: `on ${type}`, told: { event: 'ERR_LISTENER' }, async: true })),
  { seam: 'on error', told: 'console', async: true },
  { seam: 'subscribe', told: { event: 'ERR_LISTENER' }, async: true },
  { seam: 'inspect option', told: { event: 'ERR_INSPECTOR' }, async: true },
  { seam: 'inspect', told: { event: 'ERR_INSPECTOR' }, async: true },
  { seam: 'url', told: { close: 'ERR_PROVIDER' }, like: 'refused', async: true },
  { seam: 'prepare', told: { close: 'ERR_PREPARE' }, like: 'refused', async: true },
  { seam: 'transport.connect', told: { close: 'ERR_TRANSPORT' }, like: 'refused' },
  { seam: 'codec.encode', told: { caller: 'ERR_ENCODE' } },
  { seam: 'codec.decode', told: { event: 'ERR_DECODE' }, like: () => 'decoded' },
  { seam: 'retry', told: policy, like: () => undefined },
  { seam: 'backoff', told: policy },
  { seam: 'heartbeat.ping', told: policy },
  { seam: 'heartbeat.classify', told: policy, like: () => undefined },
  { seam: 'heartbeat.answer', told: policy },
  { seam: 'environment.online', told: environment, like: () => true },
  { seam: 'environment.subscribe', told: environment, like: () => () => {} },
  { seam: 'environment.unsubscribe', told: environment },
  { seam: 'clock.now', told: environment },
  { seam: 'clock.wall', told: environment },
  { seam: 'clock.setTimeout', told: environment },
  { seam: 'clock.clearTimeout', told: environment },
  { seam: 'random', told: environment },
]

/** XState takes several times as long for an event, so fewer calls are tried with it. */
const dense = process.env['DEFAULT_ENGINE'] === 'xstate' ? 5 : 25

/** Which calls of a seam are tried: all, or where they are many, these and more and more rarely later ones. */
function callsToTry(count: number): number[] {
  const calls: number[] = []
  for (let call = 1; call <= count; call += 1 + Math.floor(call / dense)) calls.push(call)
  return calls
}

let escapes: ReturnType<typeof watchEscapes>

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  escapes = watchEscapes()
})

afterEach(async () => {
  await escapes.stop()
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  expect(escapes.escaped).toEqual([])
})

describe('a life in which nothing throws', () => {
  test('calls every seam, ends with nothing left, and reports only the one bad message', async () => {
    const life = await live()
    expect([...seams].filter((seam) => !life.calls.has(seam))).toEqual([])
    expect(codesOf(life.errors)).toEqual(['ERR_DECODE'])
    expect(life.left).toEqual({ sockets: 0, timers: 0, subscriptions: 0 })
    expect(new Set(life.states)).toEqual(
      new Set(['connecting', 'open', 'backoff', 'suspended', 'closing', 'ended'] as const),
    )
    expect(life.where.get('on state')).toEqual(new Set(life.states))
  })

  test('calls no function of the app inside a turn of the chart, but for the clock and what drops a socket', async () => {
    const { insideTurns } = await live()
    // The timers of the chart are set in its turns; and a socket goes with the state that owns it, at once.
    expect(insideTurns).toEqual(
      new Set(['clock.now', 'clock.wall', 'clock.setTimeout', 'clock.clearTimeout', 'socket.abandon']),
    )
  })
})

describe.each(rows)('a throw in $seam', ({ seam, told, like, async = false }) => {
  test.each<Bite>(async ? ['throw', 'reject'] : ['throw'])(
    'leaves the connection as if it had not happened, and is told once (A02): %s',
    { timeout: 60_000 },
    async (bite) => {
      const complain = vi.spyOn(console, 'error').mockImplementation(() => {})
      const peaceful = await live()
      const count = peaceful.calls.get(seam) ?? 0
      expect(count).toBeGreaterThan(0)
      for (const call of callsToTry(count)) {
        complain.mockClear()
        const trap: Trap = { seam, call, bite }
        const life = await live(trap)
        expect(life.bitAt, `${seam}, call ${call}`).toBeGreaterThanOrEqual(0)
        const twin = await twinOf(trap, life, like, peaceful)
        expect({ call, states: life.states }).toEqual({ call, states: twin.states })
        expect(life.left).toEqual({ sockets: 0, timers: 0, subscriptions: seam === 'environment.unsubscribe' ? 1 : 0 })
        checkReport(life, twin, told, complain.mock.calls.flat())
      }
    },
  )
})

/** What is no throw and no answer either. */
const nonsense: readonly (readonly [seam: Seam, answer: unknown, code: ErrorCode])[] = [
  ['retry', 'yes', 'ERR_POLICY'],
  ['backoff', NaN, 'ERR_POLICY'],
  ['backoff', -1, 'ERR_POLICY'],
  ['random', 1, 'ERR_ENVIRONMENT'],
  ['random', NaN, 'ERR_ENVIRONMENT'],
]

test.each(nonsense)(
  'an answer of %s that is %s is told as a throw is, and the default takes its place',
  async (...row) => {
    const [seam, answer, code] = row
    const peaceful = await live()
    for (const call of callsToTry(peaceful.calls.get(seam) ?? 0)) {
      const life = await live({ seam, call, bite: () => answer })
      expect({ call, states: life.states }).toEqual({ call, states: peaceful.states })
      expect(codesOf(life.errors).toSorted()).toEqual(['ERR_DECODE', code].toSorted())
      expect(life.left).toEqual({ sockets: 0, timers: 0, subscriptions: 0 })
    }
  },
)

describe('an error that nobody listens for (A03)', () => {
  const thrower = (): never => {
    throw new Error('listener')
  }

  test.each(['document', 'WorkerLocation'])('goes to reportError where the global scope has a %s', (name) => {
    const report = vi.fn<(error: unknown) => void>()
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {})
    vi.stubGlobal('reportError', report)
    vi.stubGlobal(name, {})
    const { connection } = bare()
    // A page that runs in Node, as with jsdom.
    connection.subscribe(thrower)
    expect([report.mock.calls.length, complain.mock.calls.length]).toEqual([0, 1])
    const versions = Object.getOwnPropertyDescriptor(process, 'versions')!
    Object.defineProperty(process, 'versions', { value: {}, configurable: true })
    try {
      connection.subscribe(thrower)
      report.mockImplementation(thrower)
      connection.subscribe(thrower)
    } finally {
      Object.defineProperty(process, 'versions', versions)
    }
    expect(report.mock.calls[0]).toEqual([expect.objectContaining({ code: 'ERR_LISTENER' })])
    // One that throws leaves the console.
    expect([report.mock.calls.length, complain.mock.calls.length]).toEqual([2, 2])
  })

  test('goes to console.error elsewhere, as does what a listener of error throws, and comes from nowhere else', () => {
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {})
    // As in Bun and Deno, where it ends the process.
    vi.stubGlobal('reportError', thrower)
    const { connection } = bare()
    connection.subscribe(thrower)
    expect(complain.mock.calls).toEqual([[expect.objectContaining({ code: 'ERR_LISTENER' })]])
    const off = connection.on('error', thrower)
    connection.subscribe(thrower)
    expect(complain.mock.calls.slice(1)).toEqual([[new Error('listener')]])
    off()
    void connection.close()
    expect(connection.state).toBe('ended')
  })

  test('ends nothing where the console throws or is missing', () => {
    const { connection } = bare()
    vi.spyOn(console, 'error').mockImplementation(thrower)
    connection.subscribe(thrower)
    vi.stubGlobal('console', undefined)
    connection.subscribe(thrower)
    vi.unstubAllGlobals()
    expect(connection.state).toBe('idle')
  })

  function bare(): { connection: Connection } {
    return {
      connection: createConnection('ws://server.test/', {
        autoOpen: false,
        transport: new FakeTransport(),
        clock: new TestClock(),
      }),
    }
  }
})

async function twinOf(trap: Trap, life: Life, like: Row['like'], peaceful: Life): Promise<Life> {
  if (like === undefined) return peaceful
  return like === 'refused' ? live(undefined, [life.bitAt]) : live({ ...trap, bite: like })
}

function checkReport(life: Life, twin: Life, told: Row['told'], complaints: readonly unknown[]): void {
  // What throws before anybody can listen goes to the console; so does a listener of `error` that throws.
  const heard = [...life.errors, ...complaints.filter((each) => each instanceof ConnectionError)]
  expect(complaints.filter((each) => !(each instanceof ConnectionError))).toHaveLength(told === 'console' ? 1 : 0)
  const errors = codesOf(heard)
  const inCloses = (each: Life): (ErrorCode | undefined)[] => each.closes.map(({ error }) => error?.code)
  if (typeof told === 'object' && 'event' in told) {
    expect(errors.toSorted()).toEqual([...codesOf(twin.errors), told.event].toSorted())
    expect(heard.filter(({ cause }) => String(cause).includes('bites'))).toHaveLength(1)
  } else {
    expect(errors).toEqual(codesOf(twin.errors))
  }
  if (typeof told === 'object' && 'close' in told) {
    // Where the twin's attempt was refused, this one failed by itself.
    const expected = inCloses(twin).map((code) => (code === 'ERR_SOCKET' ? told.close : code))
    expect(inCloses(life)).toEqual(expected)
    expect(expected).toContain(told.close)
  } else {
    expect(inCloses(life)).toEqual(inCloses(twin))
  }
  const thrown = typeof told === 'object' && 'caller' in told ? [told.caller] : []
  expect(life.thrown.map((each) => (each instanceof ConnectionError ? each.code : each))).toEqual(thrown)
}
