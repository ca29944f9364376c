import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Driver, hint, type DriverOptions } from './driver.js'
import { explore, start, stateName, step, usual, variantsAt } from './model.js'
import type { Column, Edge, Facts, Place, Step, Variant } from './model.js'

// Every edge of the graph, at the end of a shortest path to it, is caused on a real connection from outside: by its
// methods, a scripted server, the clock, the environment and the policies. After each step the public state must match
// the chart.

/** All steps of a path share one environment. */
interface Setting {
  readonly name: string
  readonly facts: Facts
  readonly options: DriverOptions
  /** The differences between this setting and the usual one. */
  readonly concerns: (column: Column, state: string) => boolean
}

const settings: readonly Setting[] = [
  { name: 'as usual', facts: usual, options: {}, concerns: () => true },
  {
    name: 'where no ping is sent',
    facts: { ...usual, canPing: false },
    options: { canPing: false },
    // Here any message proves liveness, so a message that fills a reader would also end `waiting`.
    concerns: (column, state) =>
      state.startsWith('open') &&
      (column.startsWith('environment.') || (column === 'socket.resumed' && state.startsWith('open (resting'))),
  },
  {
    name: 'dialed offline',
    facts: { ...usual, dialledOffline: true },
    options: { online: false },
    concerns: (column, state) => state.startsWith('connecting') && column === 'environment.online',
  },
]

/** The conditions of an edge beside the setting; they come with its last step. */
const circumstances: readonly Partial<Facts>[] = [{}, { paused: true }, { moving: true }, { heard: true }]

const takes = (column: Column): ((facts: Partial<Facts>) => boolean) => {
  const looks = ['after checkInterval', 'after timeout', 'after probe', 'after grace'].includes(column)
  const isDue = column === 'after timeout' || column === 'after probe'
  return ({ paused, moving, heard }) =>
    paused === true ? looks : moving === true ? isDue : heard === true ? column === 'after checkInterval' : true
}

/** Transient states, and losses for which no server can give a hint, end a path. */
function isNoWay({ from, column, current, outcome }: Edge): boolean {
  const before = stateName(from.snapshot)
  const leavesUndialled =
    before === 'connecting.resolving' && ['closing', 'deciding'].includes(stateName(outcome.snapshot))
  return leavesUndialled || !current || column === 'socket.resumed'
}

function along(...steps: readonly Pick<Variant, 'column'>[]): Place {
  let place: Place = { snapshot: start().snapshot, path: [] }
  for (const { column } of steps) {
    const variant = variantsAt(place.snapshot.context.gen).find((each) => each.column === column)!
    const next: Step = { ...variant, facts: usual }
    place = { snapshot: step(place.snapshot, next.event, usual).snapshot, path: [...place.path, next] }
  }
  return place
}

const columnsOf = (...columns: readonly Column[]): { column: Column }[] => columns.map((column) => ({ column }))

/** An older generation has left a pending caller: a provider, or a socket and a hook. */
const beginnings = [
  along(),
  along(...columnsOf('OPEN', 'RECONNECT')),
  along(...columnsOf('OPEN', 'socket.resolved', 'socket.opened', 'RECONNECT')),
]

/** `stableAfter` expires when the path says so, and otherwise never. */
async function stableAfterOf(path: readonly Step[], options: DriverOptions): Promise<DriverOptions> {
  const at = path.findIndex(({ column }) => column === 'after stableAfter')
  if (at < 0) return {}
  const rehearsal = new Driver(options)
  await rehearsal.run(path.slice(0, at))
  return { stableAfter: rehearsal.model.now - rehearsal.model.openedAt + 1 }
}

interface Journey {
  readonly changes: boolean
  readonly title: string
  readonly path: readonly Step[]
  readonly options: DriverOptions
}

function journeysOf({ name, facts, options, concerns }: Setting, from: Place): Map<string, Journey[]> {
  const journeys = new Map<string, Journey[]>()
  const hasPast = from.path.length > 0
  // The number of a future generation is unknown outside.
  const isNobodys = ({ event }: Variant, gen: number): boolean =>
    'gen' in event && (event.gen > gen || (event.gen < gen && !hasPast))
  const { edges } = explore([facts], { from, without: isNobodys, avoid: isNoWay })
  expect(edges.length).toBeGreaterThan(0)
  for (const edge of edges) {
    const state = stateName(edge.from.snapshot)
    const changes = edge.outcome.snapshot !== edge.from.snapshot
    // Current events are caused where no generation came before.
    if (edge.current === hasPast || !concerns(edge.column, state)) continue
    // A timer that is not running cannot fire. Counting timers after every step shows that it is not running.
    if (edge.column.startsWith('after ') && !changes) continue
    for (const circumstance of circumstances.filter(takes(edge.column))) {
      const last: Step = { ...edge, facts: { ...facts, ...circumstance } }
      const named = Object.keys(circumstance).join()
      const setting = facts === usual ? '' : `, ${name}`
      const title = `${edge.column}${edge.current ? '' : ', stale'}${named === '' ? '' : `, ${named}`}${setting}`
      journeys.set(state, [
        ...(journeys.get(state) ?? []),
        { title, path: [...edge.from.path, last], options, changes },
      ])
    }
  }
  return journeys
}

const driven = new Set<string>()
/** Whether it changes anything. */
const edgesMet = new Map<string, boolean>()

for (const setting of settings) {
  describe(setting.name, () => {
    const journeys = new Map<string, Journey[]>()
    for (const beginning of setting.facts === usual ? beginnings : [along()]) {
      for (const [state, some] of journeysOf(setting, beginning)) {
        journeys.set(state, [...(journeys.get(state) ?? []), ...some])
        for (const { title, changes } of some) {
          const key = `${state} × ${title}`
          edgesMet.set(key, changes || edgesMet.get(key) === true)
        }
      }
    }
    test.each([...journeys.keys()])('%s behaves like the chart at every event', { timeout: 60_000 }, async (state) => {
      for (const { title, path, options } of journeys.get(state)!) {
        const driver = new Driver({ ...options, ...(await stableAfterOf(path, options)) })
        const key = `${state} × ${title}`
        let impossible: string[]
        try {
          impossible = await driver.run(path)
        } catch (thrown) {
          throw new Error(`${key}, by way of ${path.map(({ column }) => column).join(', ')}`, { cause: thrown })
        }
        if (impossible.length === 0) driven.add(key)
      }
      expect(journeys.get(state)!.length).toBeGreaterThan(0)
    })
  })
}

const every = [...new Set([...explore([usual]).places.values()].map(({ snapshot }) => stateName(snapshot)))]
const allBut = (...states: readonly string[]): string[] => every.filter((state) => !states.includes(state))
const open = every.filter((state) => state.startsWith('open'))

/**
 * Events that no app, server or environment can cause, and where. The chart ignores all of them, as `table.test.ts`
 * asserts.
 */
const notFromOutside: Record<string, readonly string[]> = {
  // A promise settles once. On the way to these three it has not yet, so the answer can come too late.
  'socket.resolved': allBut('connecting.resolving', 'suspended', 'backoff.hastened'),
  'socket.prepared': allBut('connecting.preparing'),
  // The turn of a retry decision is over before a promise can settle.
  'socket.resolved, stale': ['deciding'],
  'socket.prepared, stale': ['deciding'],
  // No socket was created on the way here.
  'socket.opened': ['idle', 'connecting.resolving', 'suspended'],
  'socket.alive': ['idle', 'connecting.resolving', 'suspended'],
  'socket.closed': ['idle'],
  // Only an open link can be paused, and the core sets the generation, so it is never an old one.
  'socket.resumed': allBut(...open),
  'socket.resumed, stale': allBut('idle'),
  // A decision is made while a loss is handled; if CLOSE or OPEN preempts it, it arrives in these two states.
  'policy.retry': allBut('deciding', 'ended'),
  'policy.stop': allBut('deciding', 'ended'),
  'policy.retry, stale': allBut('idle', 'connecting.resolving'),
  'policy.stop, stale': allBut('idle', 'connecting.resolving'),
}

describe('the set of driven edges', () => {
  const left = [...edgesMet.keys()].filter((key) => !driven.has(key))

  test('covers every edge except those that cannot be caused from outside', () => {
    const listed = Object.entries(notFromOutside).flatMap(([title, states]) =>
      states.map((state) => `${state} × ${title}`),
    )
    expect(driven.size).toBeGreaterThan(0)
    expect([...edgesMet.keys()].filter((key) => !driven.has(key)).toSorted()).toEqual(listed.toSorted())
    expect(left.length).toBeGreaterThan(0)
  })

  test('covers every edge that changes anything', () => {
    const changing = [...edgesMet].filter(([, changes]) => changes).map(([key]) => key)
    expect(changing.length).toBeGreaterThan(0)
    expect(changing.filter((key) => !driven.has(key))).toEqual([])
  })

  test('reaches every state', () => {
    expect(every).toHaveLength(18)
    expect(new Set([...driven].map((key) => key.split(' × ')[0]))).toEqual(new Set(every))
  })
})

describe('random walks', () => {
  const commands = ['OPEN', 'CLOSE', 'RECONNECT', 'HEALTHY'] as const
  /** The steps of a successful attempt. */
  const onward: readonly Column[] = ['OPEN', 'socket.resolved', 'socket.opened', 'socket.prepared']

  /** One step: its index, and the decision on a loss it may cause. */
  const throws = fc.record({
    kind: fc.constantFrom('onward', 'onward', 'onward', 'time', 'anything'),
    pick: fc.nat({ max: 1_000 }),
    retry: fc.integer({ min: 0, max: 9 }).map((one) => one > 0),
    reason: fc.constantFrom('', '', '', hint),
    meanwhile: fc.constantFrom(undefined, undefined, undefined, ...commands),
  })
  type Throw = typeof throws extends fc.Arbitrary<infer T> ? T : never

  const stepOf = (driver: Driver, column: Column): Step => ({
    ...variantsAt(driver.model.gen).find((each) => each.column === column)!,
    facts: usual,
  })

  async function take(driver: Driver, { kind, pick, retry, reason, meanwhile }: Throw): Promise<void> {
    const { model } = driver
    driver.reason = reason
    driver.decideRetry = () => retry
    driver.whileJudging = meanwhile && (() => driver.stepWhileJudging(stepOf(driver, meanwhile)))
    if (kind === 'time') {
      await driver.advance((model.next()?.due ?? model.now + 1_000) - model.now)
      return
    }
    const possible = variantsAt(model.gen)
      // A pause takes time; the paths above cover what happens meanwhile.
      .filter(({ column }) => !column.startsWith('after ') && column !== 'socket.resumed')
      .filter(({ column, current }) => kind === 'anything' || (current && onward.includes(column)))
      .map((variant): Step => ({ ...variant, facts: usual }))
      .filter((each) => driver.can(each))
    await driver.step(possible[pick % possible.length]!)
  }

  async function end(driver: Driver): Promise<void> {
    const { model, connection, transport, clock } = driver
    driver.whileJudging = undefined
    if (model.state !== 'ended') await driver.step(stepOf(driver, 'CLOSE'))
    await driver.advance(model.host.closeTimeout)
    expect([model.state, connection.state, transport.alive, clock.pending]).toEqual(['ended', 'ended', 0, 0])
    const made = transport.sockets.length
    await driver.advance(3_600_000)
    expect([connection.state, transport.sockets.length]).toEqual(['ended', made])
  }

  test(
    'keep the connection equal to the chart in any order of events, and leave nothing after the end',
    { timeout: 60_000 },
    async () => {
      const seen = new Set<string>()
      const walk = fc.asyncProperty(fc.array(throws, { maxLength: 60, size: 'max' }), async (all) => {
        const driver = new Driver({ stableAfter: 1_500 })
        for (const each of all) {
          await take(driver, each)
          seen.add(driver.model.state)
        }
        await end(driver)
      })
      await fc.assert(walk, { numRuns: 200 })
      // `deciding` is transient, and `grace` too without a gap in time.
      const lasting = every.filter((state) => state !== 'deciding' && !state.startsWith('open (grace'))
      expect(lasting.filter((state) => !seen.has(state))).toEqual([])
    },
  )
})
