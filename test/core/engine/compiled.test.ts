import { describe, expect, test } from 'vitest'
import { compiledEngine, type CompiledEngine } from '../../../src/core/engine/compiled.js'
import { attachInspector } from '../../../src/core/engine/inspection.js'
import type { ConnectionInspection } from '../../../src/core/engine/inspection.types.js'
import { projectSnapshot } from '../../../src/core/engine/projection.js'
import { settle } from '../../../src/tools/testing/clock.js'
import { StepClock } from './support/clock.js'
import { StepHost, usualAnswers } from './support/host.js'

// What cannot be tested by comparing two engines.

interface Started {
  readonly engine: CompiledEngine
  readonly host: StepHost
  readonly log: string[]
  readonly clock: StepClock
  /** The snapshots that the observer received. */
  readonly reports: unknown[]
}

function started(): Started {
  const log: string[] = []
  const reports: unknown[] = []
  const clock = new StepClock(log)
  const host = new StepHost(usualAnswers, log)
  const engine = compiledEngine(host, clock)
  engine.start({ next: (snapshot) => reports.push(snapshot), error: (thrown) => expect.unreachable(String(thrown)) })
  log.length = 0
  return { engine, host, log, clock, reports }
}

test('an event before the start changes nothing', () => {
  const log: string[] = []
  const engine = compiledEngine(new StepHost(usualAnswers, log), new StepClock(log))
  const before = engine.snapshot
  engine.send({ type: 'OPEN' })
  expect(engine.snapshot).toBe(before)
  expect(log).toEqual([])
})

test('an event without effect keeps the snapshot object', () => {
  const { engine } = started()
  const before = engine.snapshot
  engine.send({ type: 'socket.opened', gen: 5 })
  expect(engine.snapshot).toBe(before)
})

test('a new engine is active, and stopped after stop()', () => {
  const { engine } = started()
  expect(engine.status).toBe('active')
  engine.stop()
  expect(engine.status).toBe('stopped')
})

test('stop() disposes of the socket and clears pending timers', () => {
  const { engine, log, clock } = started()
  engine.send({ type: 'OPEN' })
  log.length = 0
  engine.stop()
  expect(log.map((each) => each.split(' ')[0])).toEqual(['dispose', 'clear'])
  expect(clock.next).toBeUndefined()
})

test('the observer receives the first snapshot, then each new one', () => {
  const { engine, reports } = started()
  expect(reports).toEqual([engine.snapshot])
  engine.send({ type: 'OPEN' })
  expect(reports).toHaveLength(2)
  expect(reports[1]).toBe(engine.snapshot)
})

test('a transition without updates keeps the context object', () => {
  const { engine } = started()
  engine.send({ type: 'OPEN' })
  const before = engine.snapshot
  engine.send({ type: 'socket.resolved', gen: before.context.gen })
  expect(engine.snapshot.value).not.toBe(before.value)
  expect(engine.snapshot.context).toBe(before.context)
})

test('a host that throws on stop does not make stop() throw', () => {
  const { engine, host } = started()
  engine.send({ type: 'OPEN' })
  host.dispose = () => {
    throw new Error('dispose')
  }
  expect(() => engine.stop()).not.toThrow()
})

describe('an inspector', () => {
  const tasks = { enqueue: (task: () => void) => task(), fail: () => expect.unreachable() }

  test('receives a live socket as active when it is added', () => {
    const { engine } = started()
    engine.send({ type: 'OPEN' })
    const sockets: unknown[] = []
    attachInspector(engine, tasks, ({ type, actorRef }) => {
      if (actorRef.id === 'socket') sockets.push([type, actorRef.getSnapshot().status])
    })
    expect(sockets).toEqual([
      ['@xstate.actor', 'active'],
      ['@xstate.snapshot', 'active'],
    ])
  })

  test('receives no socket when it is added without one', () => {
    const shown: unknown[] = []
    attachInspector(started().engine, tasks, ({ type }) => shown.push(type))
    expect(shown).toEqual(['@xstate.actor', '@xstate.snapshot'])
  })

  test('costs nothing after it is removed, and others stay', () => {
    const { engine } = started()
    const reports: string[] = []
    const [first, second] = ['first', 'second'].map((name) => attachInspector(engine, tasks, () => reports.push(name)))
    reports.length = 0
    first!()
    engine.send({ type: 'HEALTHY' })
    expect(engine.watchers).toHaveLength(1)
    expect(new Set(reports)).toEqual(new Set(['second']))
    second!()
    expect(engine.watchers).toEqual([])
  })

  test('is reported as an inspector if it throws or rejects', async () => {
    const reported: unknown[] = []
    const fail = (code: string, _: string, cause: unknown): void => void reported.push([code, cause])
    const { engine } = started()
    const [thrown, rejected] = [new Error('thrown'), new Error('rejected')]
    const observer = ({ type }: ConnectionInspection): unknown => {
      if (type === '@xstate.actor') throw thrown
      return Promise.reject(rejected)
    }
    attachInspector(engine, { ...tasks, fail }, observer)
    await settle()
    expect(reported).toEqual([
      ['ERR_INSPECTOR', thrown],
      ['ERR_INSPECTOR', rejected],
    ])
  })
})

test('a snapshot is reported with any state value', () => {
  for (const value of [null, 'text', { outer: { inner: 'leaf', none: null } }]) {
    expect(projectSnapshot({ status: 'active', value })).toMatchObject({ status: 'active', value })
  }
})
