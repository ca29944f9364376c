import { describe, expect, test } from 'vitest'
import type { AnyStateNode } from 'xstate'
import { connectionMachine } from '../../machines/index.js'
import type { ChartHost, Why } from '../../machines/index.js'
import { CoreChartHost } from '../../src/core/chart-host.js'
import type { Core } from '../../src/core/core.js'
import {
  delays,
  explore,
  oneFactEach,
  stateName,
  step,
  timerIds,
  usual,
  variantsAt,
  type Edge,
  type Snapshot,
} from './model.js'

const { places, edges } = explore()
const nodes = descend(connectionMachine.root)
const states = [
  'idle',
  'deciding',
  'backoff.scheduled',
  'backoff.hastened',
  'suspended',
  'ended',
  'connecting.resolving',
  'connecting.handshaking',
  'connecting.preparing',
  'open (resting, settling)',
  'open (resting, stable)',
  'open (waiting, settling)',
  'open (waiting, stable)',
  'open (probing, settling)',
  'open (probing, stable)',
  'open (grace, settling)',
  'open (grace, stable)',
  'closing',
]

function descend(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(descend)]
}

const before = ({ from }: Edge): Snapshot => from.snapshot
const after = ({ outcome }: Edge): Snapshot => outcome.snapshot
const describeEdge = (edge: Edge): string =>
  `${stateName(before(edge))} × ${JSON.stringify(edge.event)} → ${stateName(after(edge))}`

/** Returns edges that break a rule, and asserts that some edges are covered by it. */
function broken(about: readonly Edge[], rule: (edge: Edge) => boolean): string[] {
  expect(about.length).toBeGreaterThan(0)
  return [...new Set(about.filter((edge) => !rule(edge)).map(describeEdge))]
}

describe('names in the chart', () => {
  const { delays: delaysOf, guards, actions, actors } = connectionMachine.implementations
  const nameOf = (reference: unknown): unknown =>
    typeof reference === 'object' && reference !== null ? (reference as { type?: unknown }).type : reference
  const transitions = nodes.flatMap((node) => [...node.transitions.values()].flat())

  test('of `after` delays are all declared and all used', () => {
    // XState and the compiler accept an unknown name: it fires at once.
    const used = nodes.flatMap((node) => node.after.map(({ delay }) => delay))
    expect(new Set(used)).toEqual(new Set(Object.keys(delaysOf)))
    expect(new Set(delays)).toEqual(new Set(used))
  })

  test('of guards are all declared and all used', () => {
    const used = transitions.flatMap(({ guard }) => (guard === undefined ? [] : [nameOf(guard)]))
    expect(new Set(used)).toEqual(new Set(Object.keys(guards)))
  })

  test('of actions are all declared and all used', () => {
    // XState adds functions, not names, to set and clear timers.
    const used = [...nodes.flatMap(({ entry, exit }) => [...entry, ...exit]), ...transitions.flatMap((t) => t.actions)]
      .filter((action) => typeof action !== 'function')
      .map(nameOf)
    expect(new Set(used)).toEqual(new Set(Object.keys(actions)))
  })

  test('include one declared actor, invoked by `live` alone', () => {
    expect(nodes.flatMap(({ invoke }) => invoke.map(({ src }) => src))).toEqual(Object.keys(actors))
    expect(nodes.filter(({ invoke }) => invoke.length > 0).map(({ key }) => key)).toEqual(['live'])
  })

  test('include no wildcard, eventless transition or final state, so that every step has a named cause', () => {
    expect(nodes.flatMap((node) => [...node.transitions.keys()]).filter((type) => type.includes('*'))).toEqual([])
    expect(nodes.filter(({ always }) => (always ?? []).length > 0).map(({ id }) => id)).toEqual([])
    expect(nodes.filter(({ type }) => type === 'final' || type === 'history').map(({ id }) => id)).toEqual([])
  })

  test('a loop in the chart ends in an error', () => {
    expect(connectionMachine.config).toMatchObject({ options: { maxIterations: 1000 } })
  })
})

describe('reachability', () => {
  test('covers exactly the 18 states', () => {
    const reached = new Set([...places.values()].map(({ snapshot }) => stateName(snapshot)))
    expect(reached).toEqual(new Set(states))
    expect(states).toHaveLength(18)
  })

  test('covers every atomic state of the chart', () => {
    const reached = new Set([...places.values()].flatMap(({ snapshot }) => snapshot._nodes.map(({ id }) => id)))
    expect(nodes.filter(({ id }) => !reached.has(id)).map(({ id }) => id)).toEqual([])
  })

  test('covers every transition of the chart', () => {
    const taken = new Set<string>()
    for (const edge of edges) {
      const { outcome, event } = edge
      const touched = outcome.snapshot !== before(edge) || outcome.effects.length + outcome.started.length > 0
      if (touched) taken.add(event.type)
    }
    const handled = nodes.flatMap((node) =>
      [...node.transitions].filter(([, all]) => all.some(({ target }) => target !== undefined)).map(([type]) => type),
    )
    expect(taken).toEqual(new Set(handled))
  })

  test.each(states)('continues from %s: OPEN and CLOSE have their targets', (state) => {
    const here = [...places.values()].filter(({ snapshot }) => stateName(snapshot) === state)
    expect(here.length).toBeGreaterThan(0)
    for (const { snapshot } of here) {
      const opened = stateName(step(snapshot, { type: 'OPEN' }, usual).snapshot)
      const wantsToBeOpen = /^(connecting|open)/.test(state)
      expect(opened).toBe(wantsToBeOpen ? state : 'connecting.resolving')
      const closed = stateName(step(snapshot, { type: 'CLOSE' }, usual).snapshot)
      expect(closed).toBe(wantsToBeOpen || state === 'closing' ? 'closing' : 'ended')
    }
  })

  test('allows opening the link and ending the connection from every state', () => {
    const next = new Map<string, Set<string>>()
    for (const edge of edges) {
      const targets = next.get(stateName(before(edge))) ?? new Set()
      next.set(stateName(before(edge)), targets.add(stateName(after(edge))))
    }
    for (const state of states) {
      const seen = new Set([state])
      for (const each of seen) for (const target of next.get(each) ?? []) seen.add(target)
      expect([state, seen.has('open (resting, stable)'), seen.has('ended')]).toEqual([state, true, true])
    }
  })
})

describe('readyState', () => {
  const tags = { idle: 'CLOSED', deciding: 'CLOSED', suspended: 'CLOSED', ended: 'CLOSED', closing: 'CLOSING' } as const
  const prefixes = { backoff: 'CLOSED', connecting: 'CONNECTING', open: 'OPEN' } as const

  test.each(states)('%s has exactly one tag', (state) => {
    const expected = { ...tags, ...prefixes }[state.split(/[ .]/)[0]!]
    expect(expected).toBeDefined()
    const here = [...places.values()].filter(({ snapshot }) => stateName(snapshot) === state)
    for (const { snapshot } of here) expect([...snapshot.tags]).toEqual([expected])
  })
})

describe('a generation', () => {
  const stale = edges.filter(({ current }) => !current)
  const inLive = (snapshot: Snapshot): boolean => 'live' in snapshot.value

  test('older or newer than the current one makes an event inert everywhere', () => {
    expect(new Set(stale.map((edge) => stateName(before(edge))))).toEqual(new Set(states))
    expect(
      broken(stale, (edge) => {
        const { snapshot, effects, started, canceled } = edge.outcome
        return snapshot === before(edge) && effects.length + started.length + canceled.length === 0
      }),
    ).toEqual([])
  })

  test('is increased by entering live and by nothing else', () => {
    const grown = (edge: Edge): number => after(edge).context.gen - before(edge).context.gen
    expect(broken(edges, (edge) => grown(edge) === (edge.outcome.effects.includes('dial') ? 1 : 0))).toEqual([])
    const entering = edges.filter((edge) => !inLive(before(edge)) && inLive(after(edge)))
    expect(broken(entering, (edge) => grown(edge) === 1)).toEqual([])
  })

  test('has its socket disposed of whenever live is left, before another dial', () => {
    const leaving = edges.filter((edge) => inLive(before(edge)) && !inLive(after(edge)))
    expect(broken(leaving, ({ outcome }) => outcome.effects[0] === 'dispose')).toEqual([])
    const dialling = edges.filter((edge) => inLive(before(edge)) && edge.outcome.effects.includes('dial'))
    expect(broken(dialling, ({ outcome }) => outcome.effects.join(', ') === 'dispose, dial')).toEqual([])
    const outside = edges.filter((edge) => !inLive(before(edge)))
    expect(broken(outside, ({ outcome }) => !outcome.effects.includes('dispose'))).toEqual([])
  })

  test('has a socket in live and nowhere else', () => {
    for (const { snapshot } of places.values()) {
      expect([stateName(snapshot), Object.keys(snapshot.children)]).toEqual([
        stateName(snapshot),
        inLive(snapshot) ? ['socket'] : [],
      ])
    }
  })
})

describe('the failure count', () => {
  const reset = edges.filter((edge) => before(edge).context.failures > 0 && after(edge).context.failures === 0)

  test('is reset by OPEN, by RECONNECT after a loss, and by a stable link, and by nothing else', () => {
    const ways = new Set(
      reset.map((edge) => {
        const arrives = stateName(after(edge)).endsWith('stable)')
        return arrives
          ? 'stable'
          : edge.column === 'RECONNECT'
            ? `${stateName(before(edge))} ${edge.column}`
            : edge.column
      }),
    )
    expect(ways).toEqual(new Set(['OPEN', 'ended RECONNECT', 'stable']))
  })

  test('is reset by OPEN whenever that opens', () => {
    const opening = edges.filter((edge) => edge.column === 'OPEN' && edge.outcome.effects.includes('dial'))
    expect(broken(opening, (edge) => after(edge).context.failures === 0)).toEqual([])
  })

  test('is increased by every loss and by nothing else', () => {
    const more = (edge: Edge): number => after(edge).context.failures - before(edge).context.failures
    const isLoss = (edge: Edge): boolean => edge.outcome.effects.includes('decideRetry')
    expect(broken(edges.filter(isLoss), (edge) => more(edge) === 1)).toEqual([])
    expect(broken(edges, (edge) => isLoss(edge) || more(edge) <= 0)).toEqual([])
  })
})

describe('a wait', () => {
  const key = (id: string): string => `xstate.after.${id}`

  /** The delays of each state. */
  function waitsOf(state: string): string[] {
    const [, heartbeat, stability] = /^open \((\w+), (\w+)\)$/.exec(state) ?? []
    const live = 'connection.live'
    if (heartbeat !== undefined) {
      const delay = { resting: 'checkInterval', waiting: 'timeout', probing: 'probe', grace: 'grace' }[heartbeat]
      return [
        key(`${delay}.${live}.open.heartbeat.${heartbeat}`),
        ...(stability === 'settling' ? [key(`stableAfter.${live}.open.stability.settling`)] : []),
      ]
    }
    if (state.startsWith('connecting')) return [key(`connectTimeout.${live}.connecting`)]
    if (state === 'closing') return [key(`closeTimeout.${live}.closing`)]
    return timerIds.wait.filter((id) => id === `closed.${state}`).map((id) => key(`wait.connection.${id}`))
  }

  test('ends only by the delays of its own state, whatever led to it', () => {
    expect(
      broken(edges, (edge) => {
        const running = new Set(waitsOf(stateName(before(edge))))
        // A timer's own event removes it.
        running.delete(edge.event.type)
        const { started, canceled } = edge.outcome
        const restarted = started.filter(({ id }) => running.has(id) && !canceled.includes(id))
        for (const id of canceled) running.delete(id)
        for (const { id } of started) running.add(id)
        const expected = waitsOf(stateName(after(edge)))
        const unchanged = after(edge) === before(edge)
        return (
          unchanged ||
          (restarted.length === 0 && JSON.stringify([...running].toSorted()) === JSON.stringify(expected.toSorted()))
        )
      }),
    ).toEqual([])
  })

  test('does not exist in idle, deciding and ended', () => {
    expect(['idle', 'deciding', 'ended'].flatMap(waitsOf)).toEqual([])
  })

  test('is always a number, whatever led to it', () => {
    const started = edges.flatMap(({ outcome }) => outcome.started)
    expect(started.length).toBeGreaterThan(0)
    expect(started.filter(({ delay }) => !(typeof delay === 'number' && delay >= 0))).toEqual([])
  })

  test('lasts as long as the retry decision or the environment requires', () => {
    const said = (edge: Edge): number | undefined =>
      'delay' in edge.event ? edge.event.delay : 'wait' in edge.event ? edge.event.wait : undefined
    const waiting = edges.filter((edge) => edge.outcome.started.some(({ id }) => id.includes('.wait.')))
    expect(broken(waiting, (edge) => after(edge).context.wait === said(edge))).toEqual([])
    expect(broken(waiting, ({ outcome }) => outcome.started[0]?.delay === outcome.snapshot.context.wait)).toEqual([])
  })

  test('requested by the server is shortened only by the app or a lost network', () => {
    const hinted = edges.filter(
      (edge) =>
        stateName(before(edge)) === 'backoff.scheduled' && before(edge).context.hinted && after(edge) !== before(edge),
    )
    expect(new Set(hinted.map(({ column }) => column))).toEqual(
      new Set(['OPEN', 'CLOSE', 'RECONNECT', 'after wait', 'environment.offline', 'environment.bfcached']),
    )
  })
})

describe('the context', () => {
  const reasons: Record<Why, true> = {
    new: true,
    open: true,
    reconnect: true,
    retry: true,
    online: true,
    closed: true,
    'connect-timeout': true,
    'heartbeat-timeout': true,
    offline: true,
    bfcached: true,
    close: true,
    'close-timeout': true,
    refused: true,
  }

  test('contains numbers, booleans, a reason and the host, in every state', () => {
    const seen = new Set<string>()
    for (const { snapshot } of [...places.values(), ...edges.map(({ outcome }) => outcome)]) {
      const { host, why, ...rest } = snapshot.context
      expect(JSON.stringify(host)).toBe('"[host]"')
      expect(reasons).toHaveProperty([why])
      expect(Object.values(rest).filter((value) => !['number', 'boolean'].includes(typeof value))).toEqual([])
      expect(Object.keys(rest).toSorted()).toEqual(['failures', 'gen', 'hinted', 'lastCount', 'wait'])
      seen.add(why)
    }
    expect(seen).toEqual(new Set(Object.keys(reasons)))
  })

  test('survives JSON and structuredClone', () => {
    for (const { snapshot } of places.values()) {
      const { host: _, ...rest } = snapshot.context
      expect(JSON.parse(JSON.stringify(snapshot.context))).toEqual({ ...rest, host: '[host]' })
      expect(structuredClone({ ...snapshot.context, host: hiddenHost() })).toEqual({ ...rest, host: {} })
    }
  })

  test('reveals nothing of the host of a connection', () => {
    const host = hiddenHost()
    expect(JSON.stringify({ host })).toBe('{"host":"[host]"}')
    expect(Reflect.ownKeys(host)).toEqual([])
    expect(structuredClone(host)).toEqual({})
  })

  /** The real one, around a secret. */
  function hiddenHost(): ChartHost {
    return new CoreChartHost({ options: { url: 'wss://secret' } } as unknown as Core)
  }

  test('is fed by events of numbers, booleans and their type', () => {
    const values = variantsAt(3).flatMap(({ event }) => Object.entries(event))
    expect(values.filter(([key, value]) => key !== 'type' && !['number', 'boolean'].includes(typeof value))).toEqual([])
  })
})

test('the graph has its known size', () => {
  expect(edges.length).toBe(places.size * variantsAt(1).length * oneFactEach.length)
  expect(places.size).toBeGreaterThan(states.length)
})
