import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Driver, hint, type DriverOptions } from './driver.js'
import { explore, start, stateName, step, usual, variantsAt } from './model.js'
import type { Column, Edge, Facts, Place, Step, Variant } from './model.js'

// Every edge of the graph, at the end of a shortest path to it, is caused on a real connection from outside: by its methods, a
// scripted server, the clock, the environment and the policies. After each step what shows must be what the chart says.

/** The world of a path is one for all its steps. */
interface Setting {
  readonly name: string
  readonly facts: Facts
  readonly options: DriverOptions
  /** What goes otherwise in this setting than in the usual one. */
  readonly concerns: (column: Column, state: string) => boolean
}

const settings: readonly Setting[] = [
  { name: 'as usual', facts: usual, options: {}, concerns: () => true },
  {
    name: 'where no ping is sent',
    facts: { ...usual, canPing: false },
    options: { canPing: false },
    // Here any message proves life, so what fills a reader would also end `waiting`.
    concerns: (column, state) =>
      state.startsWith('open') &&
      (column.startsWith('environment.') || (column === 'socket.resumed' && state.startsWith('open (resting'))),
  },
  {
    name: 'dialled offline',
    facts: { ...usual, dialledOffline: true },
    options: { online: false },
    concerns: (column, state) => state.startsWith('connecting') && column === 'environment.online',
  },
]

/** What an edge may depend on beside the setting; it comes with its last step. */
const circumstances: readonly Partial<Facts>[] = [{}, { paused: true }, { moving: true }, { heard: true }]

const takes = (column: Column): ((facts: Partial<Facts>) => boolean) => {
  const looks = ['after checkInterval', 'after timeout', 'after probe', 'after grace'].includes(column)
  const isDue = column === 'after timeout' || column === 'after probe'
  return ({ paused, moving, heard }) =>
    paused === true ? looks : moving === true ? isDue : heard === true ? column === 'after checkInterval' : true
}

/** States that are passed through at once, and losses that no server can give a hint with, are ends and not ways. */
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

/** Where an older generation has left somebody who may still call: a provider, or a socket and a hook. */
const beginnings = [
  along(),
  along(...columnsOf('OPEN', 'RECONNECT')),
  along(...columnsOf('OPEN', 'socket.resolved', 'socket.opened', 'RECONNECT')),
]

/** `stableAfter` is such that it runs out when the path says so, and otherwise never. */
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
  // Nobody knows the number of a generation to come.
  const isNobodys = ({ event }: Variant, gen: number): boolean =>
    'gen' in event && (event.gen > gen || (event.gen < gen && !hasPast))
  const { edges } = explore([facts], { from, without: isNobodys, avoid: isNoWay })
  expect(edges.length).toBeGreaterThan(0)
  for (const edge of edges) {
    const state = stateName(edge.from.snapshot)
    const changes = edge.outcome.snapshot !== edge.from.snapshot
    // What is current is caused where nothing came before.
    if (edge.current === hasPast || !concerns(edge.column, state)) continue
    // A timer that does not run cannot fire. That it does not run is seen after every step, by counting.
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
    test.each([...journeys.keys()])(
      '%s does what the chart says, at every event',
      { timeout: 60_000 },
      async (state) => {
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
      },
    )
  })
}

const every = [...new Set([...explore([usual]).places.values()].map(({ snapshot }) => stateName(snapshot)))]
const allBut = (...states: readonly string[]): string[] => every.filter((state) => !states.includes(state))
const open = every.filter((state) => state.startsWith('open'))

/**
 * What no app, server or environment can cause, and where. All of it is ignored by the chart; that it is, `table.test.ts` asserts on
 * the chart alone.
 */
const notFromOutside: Record<string, readonly string[]> = {
  // A promise settles once. On the way to these three it has not yet, so that the answer can come too late.
  'socket.resolved': allBut('connecting.resolving', 'suspended', 'backoff.hastened'),
  'socket.prepared': allBut('connecting.preparing'),
  // The turn in which a loss is judged is over before a promise can settle.
  'socket.resolved, stale': ['deciding'],
  'socket.prepared, stale': ['deciding'],
  // On the way here no socket was made.
  'socket.opened': ['idle', 'connecting.resolving', 'suspended'],
  'socket.alive': ['idle', 'connecting.resolving', 'suspended'],
  'socket.closed': ['idle'],
  // Only an open link can be paused; and it is control that says of which generation it is, so never of an old one.
  'socket.resumed': allBut(...open),
  'socket.resumed, stale': allBut('idle'),
  // A verdict is given while a loss is judged; one that the app forestalled, by CLOSE or by OPEN, finds these two.
  'policy.retry': allBut('deciding', 'ended'),
  'policy.stop': allBut('deciding', 'ended'),
  'policy.retry, stale': allBut('idle', 'connecting.resolving'),
  'policy.stop, stale': allBut('idle', 'connecting.resolving'),
}

describe('what was driven', () => {
  const left = [...edgesMet.keys()].filter((key) => !driven.has(key))

  test('every edge is driven, save those that cannot be caused from outside', () => {
    const listed = Object.entries(notFromOutside).flatMap(([title, states]) =>
      states.map((state) => `${state} × ${title}`),
    )
    expect(driven.size).toBeGreaterThan(0)
    expect([...edgesMet.keys()].filter((key) => !driven.has(key)).toSorted()).toEqual(listed.toSorted())
    expect(left.length).toBeGreaterThan(0)
  })

  test('every edge that changes anything is driven', () => {
    const changing = [...edgesMet].filter(([, changes]) => changes).map(([key]) => key)
    expect(changing.length).toBeGreaterThan(0)
    expect(changing.filter((key) => !driven.has(key))).toEqual([])
  })

  test('every state is arrived at', () => {
    expect(every).toHaveLength(18)
    expect(new Set([...driven].map((key) => key.split(' × ')[0]))).toEqual(new Set(every))
  })
})

describe('random walks', () => {
  const commands = ['OPEN', 'CLOSE', 'RECONNECT', 'HEALTHY'] as const
  /** What an attempt that goes well consists of. */
  const onward: readonly Column[] = ['OPEN', 'socket.resolved', 'socket.opened', 'socket.prepared']

  /** One step: which, and how a loss is judged should it lead to one. */
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
    driver.judge = () => retry
    driver.whileJudging = meanwhile && (() => driver.stepWhileJudging(stepOf(driver, meanwhile)))
    if (kind === 'time') {
      await driver.advance((model.next()?.due ?? model.now + 1_000) - model.now)
      return
    }
    const possible = variantsAt(model.gen)
      // A pause takes time; what happens meanwhile is for the paths above.
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
    'whatever happens in whatever order, the connection is what the chart says, and nothing outlives its end',
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
      // `deciding` is passed through, and without a gap in time `grace` too.
      const lasting = every.filter((state) => state !== 'deciding' && !state.startsWith('open (grace'))
      expect(lasting.filter((state) => !seen.has(state))).toEqual([])
    },
  )
})
