import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createConnection } from '../../src/create-connection.js'
import type { Connection } from '../../src/core/connection.types.js'
import { ConnectionError, type ErrorCode } from '../../src/core/errors.js'
import { TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { types } from '../support/setup.js'
import { codesOf, run, seams, watchEscapes, type Bite, type Run, type Seam, type Trap } from './support/life.js'

/**
 * A failing function in the middle of a run. The run is compared with a twin in which the call did what `like` says.
 */
interface Row {
  readonly seam: Seam
  /**
   * How the app learns of it: an `error` event with this code, the `error` of a `close` event, or a throw to the
   * caller.
   */
  readonly reported:
    { readonly event: ErrorCode } | { readonly close: ErrorCode } | { readonly caller: ErrorCode } | 'console'
  /** What the call does in the twin; by default what it always does. `refused`: the server refuses its attempt. */
  readonly like?: (() => unknown) | 'refused'
  /** The function may be asynchronous. */
  readonly async?: boolean
}

const environment = { event: 'ERR_ENVIRONMENT' } as const
const policy = { event: 'ERR_POLICY' } as const

const rows: readonly Row[] = [
  ...types
    .filter((type) => type !== 'error')
    .map((type): Row => ({ seam: `on ${type}`, reported: { event: 'ERR_LISTENER' }, async: true })),
  { seam: 'on error', reported: 'console', async: true },
  { seam: 'subscribe', reported: { event: 'ERR_LISTENER' }, async: true },
  { seam: 'inspect option', reported: { event: 'ERR_INSPECTOR' }, async: true },
  { seam: 'inspect', reported: { event: 'ERR_INSPECTOR' }, async: true },
  { seam: 'url', reported: { close: 'ERR_PROVIDER' }, like: 'refused', async: true },
  { seam: 'prepare', reported: { close: 'ERR_PREPARE' }, like: 'refused', async: true },
  { seam: 'transport.connect', reported: { close: 'ERR_TRANSPORT' }, like: 'refused' },
  { seam: 'codec.encode', reported: { caller: 'ERR_ENCODE' } },
  { seam: 'codec.decode', reported: { event: 'ERR_DECODE' }, like: () => 'decoded' },
  { seam: 'retry', reported: policy, like: () => undefined },
  { seam: 'backoff', reported: policy },
  { seam: 'heartbeat.ping', reported: policy },
  { seam: 'heartbeat.classify', reported: policy, like: () => undefined },
  { seam: 'heartbeat.answer', reported: policy },
  { seam: 'environment.online', reported: environment, like: () => true },
  { seam: 'environment.subscribe', reported: environment, like: () => () => {} },
  { seam: 'environment.unsubscribe', reported: environment },
  { seam: 'clock.now', reported: environment },
  { seam: 'clock.wall', reported: environment },
  { seam: 'clock.setTimeout', reported: environment },
  { seam: 'clock.clearTimeout', reported: environment },
  { seam: 'random', reported: environment },
]

/** XState takes several times as long per event, so fewer calls are tried with it. */
const dense = process.env['DEFAULT_ENGINE'] === 'xstate' ? 5 : 25

/** The calls of a seam to try: all, or if there are many, the first ones and increasingly sparse later ones. */
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

describe('a run without faults', () => {
  test('calls every seam, ends without leaks, and reports only the one bad message', async () => {
    const life = await run()
    expect([...seams].filter((seam) => !life.calls.has(seam))).toEqual([])
    expect(codesOf(life.errors)).toEqual(['ERR_DECODE'])
    expect(life.left).toEqual({ sockets: 0, timers: 0, subscriptions: 0 })
    expect(new Set(life.states)).toEqual(
      new Set(['connecting', 'open', 'backoff', 'suspended', 'closing', 'ended'] as const),
    )
    expect(life.where.get('on state')).toEqual(new Set(life.states))
  })

  test('calls app functions inside a chart turn only for the clock and for dropping a socket', async () => {
    const { insideTurns } = await run()
    // The chart sets its timers in its turns, and drops a socket together with the state that owns it.
    expect(insideTurns).toEqual(
      new Set(['clock.now', 'clock.wall', 'clock.setTimeout', 'clock.clearTimeout', 'socket.abandon']),
    )
  })
})

describe.each(rows)('a throw in $seam', ({ seam, reported, like, async = false }) => {
  test.each<Bite>(async ? ['throw', 'reject'] : ['throw'])(
    'has no effect on the connection and is reported once (A02): %s',
    { timeout: 60_000 },
    async (bite) => {
      const complain = vi.spyOn(console, 'error').mockImplementation(() => {})
      const peaceful = await run()
      const count = peaceful.calls.get(seam) ?? 0
      expect(count).toBeGreaterThan(0)
      for (const call of callsToTry(count)) {
        complain.mockClear()
        const trap: Trap = { seam, call, bite }
        const life = await run(trap)
        expect(life.bitAt, `${seam}, call ${call}`).toBeGreaterThanOrEqual(0)
        const twin = await twinOf(trap, life, like, peaceful)
        expect({ call, states: life.states }).toEqual({ call, states: twin.states })
        expect(life.left).toEqual({ sockets: 0, timers: 0, subscriptions: seam === 'environment.unsubscribe' ? 1 : 0 })
        checkReport(life, twin, reported, complain.mock.calls.flat())
      }
    },
  )
})

/** Values that are neither a throw nor a valid answer. */
const nonsense: readonly (readonly [seam: Seam, answer: unknown, code: ErrorCode])[] = [
  ['retry', 'yes', 'ERR_POLICY'],
  ['backoff', NaN, 'ERR_POLICY'],
  ['backoff', -1, 'ERR_POLICY'],
  ['random', 1, 'ERR_ENVIRONMENT'],
  ['random', NaN, 'ERR_ENVIRONMENT'],
]

test.each(nonsense)('for %s the answer %s is reported like a throw, and the default applies', async (...row) => {
  const [seam, answer, code] = row
  const peaceful = await run()
  for (const call of callsToTry(peaceful.calls.get(seam) ?? 0)) {
    const life = await run({ seam, call, bite: () => answer })
    expect({ call, states: life.states }).toEqual({ call, states: peaceful.states })
    expect(codesOf(life.errors).toSorted()).toEqual(['ERR_DECODE', code].toSorted())
    expect(life.left).toEqual({ sockets: 0, timers: 0, subscriptions: 0 })
  }
})

describe('an error without a listener (A03)', () => {
  const thrower = (): never => {
    throw new Error('listener')
  }

  test.each(['document', 'WorkerLocation'])('goes to reportError if the global scope has a %s', (name) => {
    const report = vi.fn<(error: unknown) => void>()
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {})
    vi.stubGlobal('reportError', report)
    vi.stubGlobal(name, {})
    const { connection } = bare()
    // A page emulated in Node, as with jsdom.
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
    // A reportError that throws leaves the console.
    expect([report.mock.calls.length, complain.mock.calls.length]).toEqual([2, 2])
  })

  test('goes to console.error elsewhere, as does an exception of an error listener', () => {
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

  test('does no harm if the console throws or is missing', () => {
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

async function twinOf(trap: Trap, life: Run, like: Row['like'], peaceful: Run): Promise<Run> {
  if (like === undefined) return peaceful
  return like === 'refused' ? run(undefined, [life.bitAt]) : run({ ...trap, bite: like })
}

function checkReport(life: Run, twin: Run, reported: Row['reported'], complaints: readonly unknown[]): void {
  // Exceptions before any listener can exist go to the console; so do those of an `error` listener.
  const heard = [...life.errors, ...complaints.filter((each) => each instanceof ConnectionError)]
  expect(complaints.filter((each) => !(each instanceof ConnectionError))).toHaveLength(reported === 'console' ? 1 : 0)
  const errors = codesOf(heard)
  const inCloses = (each: Run): (ErrorCode | undefined)[] => each.closes.map(({ error }) => error?.code)
  if (typeof reported === 'object' && 'event' in reported) {
    expect(errors.toSorted()).toEqual([...codesOf(twin.errors), reported.event].toSorted())
    expect(heard.filter(({ cause }) => String(cause).includes('bites'))).toHaveLength(1)
  } else {
    expect(errors).toEqual(codesOf(twin.errors))
  }
  if (typeof reported === 'object' && 'close' in reported) {
    // The twin's attempt was refused; this one failed by itself.
    const expected = inCloses(twin).map((code) => (code === 'ERR_SOCKET' ? reported.close : code))
    expect(inCloses(life)).toEqual(expected)
    expect(expected).toContain(reported.close)
  } else {
    expect(inCloses(life)).toEqual(inCloses(twin))
  }
  const thrown = typeof reported === 'object' && 'caller' in reported ? [reported.caller] : []
  expect(life.thrown.map((each) => (each instanceof ConnectionError ? each.code : each))).toEqual(thrown)
}
