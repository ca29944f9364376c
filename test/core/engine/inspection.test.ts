import { describe, expect, test } from 'vitest'
import type { AnyActorRef, InspectionEvent } from 'xstate'
import type { Engine } from '../../../src/core/engine/engine.types.js'
import { attachInspector } from '../../../src/core/engine/inspection.js'
import type { ConnectionInspection, InspectionObserver } from '../../../src/core/engine/inspection.types.js'
import { inspectActor, introduce, projectInspection } from '../../../src/xstate/inspection.js'
import { settle } from '../../../src/tools/testing/clock.js'

const context = { gen: 1, failures: 2, wait: 3, hinted: true, lastCount: 4, why: 'retry', host: { url: 'x' }, url: 'x' }
const value = { closed: 'idle' }
const config = { id: 'connection' }
const state = { status: 'active', value, tags: new Set(['CLOSED']), context, output: 'x', error: 'x' }
const shown = {
  status: 'active',
  output: undefined,
  error: undefined,
  value,
  tags: ['CLOSED'],
  context: { gen: 1, failures: 2, wait: 3, hinted: true, lastCount: 4, why: 'retry' },
}

/** The part of an actor that is read. */
function actor(parts: object = {}): AnyActorRef {
  const all = { id: 'one', sessionId: 'x:0', logic: { config }, getSnapshot: () => state, ...parts }
  return all as unknown as AnyActorRef
}

const project = (event: object): ConnectionInspection | undefined =>
  projectInspection({ rootId: 'x:0', actorRef: actor(), ...event } as unknown as InspectionEvent)

describe('an actor is reported', () => {
  const actorOf = (actorRef: AnyActorRef): ConnectionInspection['actorRef'] =>
    project({ type: '@xstate.actor', actorRef })!.actorRef

  test('as root, with its chart and its previous state', () => {
    const root = actorOf(actor())
    expect(root).toMatchObject({ id: 'one', sessionId: 'x:0', logic: { config } })
    expect(root).not.toHaveProperty('_parent')
    expect(root.getSnapshot()).toEqual(shown)
    expect(root.getSnapshot().value).not.toBe(value)
    expect(root.send()).toBeUndefined()
  })

  test('as child, with its parent’s id and without its logic or input', () => {
    const socket = actor({
      id: 'socket',
      _parent: actor({ sessionId: 'x:7' }),
      getSnapshot: () => ({ status: 'active', input: { host: 'x' } }),
    })
    expect(actorOf(socket)).toEqual({
      id: 'socket',
      sessionId: 'x:0',
      _parent: { sessionId: 'x:7' },
      getSnapshot: expect.any(Function) as unknown,
      send: expect.any(Function) as unknown,
    })
    expect(actorOf(socket).getSnapshot()).toEqual({ status: 'active', output: undefined, error: undefined })
  })

  test.each([undefined, null, 'text', () => {}])('without a chart if it has %o in place of one', (odd) => {
    expect(actorOf(actor({ logic: { config: odd } }))).not.toHaveProperty('logic')
    expect(actorOf(actor({ logic: undefined }))).not.toHaveProperty('logic')
  })

  test('as active if it has no snapshot yet or cannot provide one', () => {
    const bare = { status: 'active', output: undefined, error: undefined }
    expect(actorOf(actor({ getSnapshot: () => undefined })).getSnapshot()).toEqual(bare)
    const throwing = actor({
      getSnapshot: () => {
        throw new Error('not yet')
      },
    })
    expect(actorOf(throwing).getSnapshot()).toEqual(bare)
  })

  test('with empty tags and context if its state has neither', () => {
    const plain = actor({ getSnapshot: () => ({ status: 'done', value: 'end' }) })
    expect(actorOf(plain).getSnapshot()).toMatchObject({ status: 'done', value: 'end', tags: [], context: {} })
  })
})

describe('the report of an event has', () => {
  const event = { type: 'socket.closed', gen: 1, code: 1006, delay: 5, hinted: false, wait: 6, reason: 'x', host: {} }
  const reports = { type: 'socket.closed', gen: 1, code: 1006, delay: 5, hinted: false, wait: 6 }

  test('its target, its source, and its numbers and flags', () => {
    expect(project({ type: '@xstate.event', event, sourceRef: actor({ id: 'other' }) })).toMatchObject({
      type: '@xstate.event',
      rootId: 'x:0',
      actorRef: { id: 'one' },
      sourceRef: { id: 'other' },
    })
    const projected = project({ type: '@xstate.event', event, sourceRef: undefined })
    expect(projected).toMatchObject({ sourceRef: undefined })
    expect((projected as { event: object }).event).toEqual(reports)
  })

  test('its result', () => {
    const projected = project({ type: '@xstate.snapshot', event, snapshot: state }) as {
      event: object
      snapshot: object
    }
    expect(projected).toMatchObject({ type: '@xstate.snapshot', rootId: 'x:0', actorRef: { id: 'one' } })
    expect(projected.event).toEqual(reports)
    expect(projected.snapshot).toEqual(shown)
  })

  test('only fields that are a number, a word or a flag', () => {
    const odd = { type: 'socket.closed', gen: 1, code: { toString: () => 'x' }, wait: null, hinted: undefined }
    const projected = project({ type: '@xstate.event', event: odd, sourceRef: undefined })
    expect((projected as { event: object }).event).toEqual({ type: 'socket.closed', gen: 1 })
    expect((projected as { event: object }).event).not.toHaveProperty('hinted')
  })

  test('nothing for an event of an unknown kind', () => {
    expect(project({ type: '@xstate.microstep', event, snapshot: state })).toBeUndefined()
  })
})

/** The part of an engine that is inspected. */
const engineOf = (ref: AnyActorRef): Engine =>
  ({ inspect: (tell: (event: ConnectionInspection) => void) => inspectActor(ref, tell) }) as unknown as Engine

describe('an observer', () => {
  function root(): { ref: AnyActorRef; emit: (event: object) => void; observers: Set<unknown> } {
    const observers = new Set<(event: unknown) => void>()
    const inspect = (observer: (event: unknown) => void): { unsubscribe(): void } => {
      observers.add(observer)
      return { unsubscribe: () => observers.delete(observer) }
    }
    const children = { socket: actor({ id: 'socket', _parent: actor() }), gone: undefined }
    const ref = actor({ system: { inspect }, getSnapshot: () => ({ ...state, children }) })
    const emit = (event: object): void => observers.forEach((each) => each({ rootId: 'x:0', actorRef: ref, ...event }))
    return { ref, emit, observers }
  }
  const kinds = (events: readonly ConnectionInspection[]): string[] =>
    events.map(({ type, actorRef }) => `${type} ${actorRef.id}`)

  test('receives the live actors when it is added', () => {
    const introduced = introduce(root().ref)
    expect(kinds(introduced)).toEqual([
      '@xstate.actor one',
      '@xstate.snapshot one',
      '@xstate.actor socket',
      '@xstate.snapshot socket',
    ])
    expect(new Set(introduced.map(({ rootId }) => rootId))).toEqual(new Set(['x:0']))
    expect(introduced[1]).toMatchObject({ event: { type: '@xstate.init' }, snapshot: shown })
  })

  test('receives later events of known kinds until it is removed', () => {
    const heard: ConnectionInspection[] = []
    const tasks: (() => void)[] = []
    const { ref, emit, observers } = root()
    const queue = { enqueue: (task: () => void) => void tasks.push(task), fail: () => expect.unreachable() }
    const off = attachInspector(engineOf(ref), queue, { next: (event) => void heard.push(event) })
    emit({ type: '@xstate.microstep' })
    emit({ type: '@xstate.event', event: { type: 'OPEN' } })
    expect(heard).toEqual([])
    for (const task of tasks.splice(0)) task()
    expect(kinds(heard).slice(4)).toEqual(['@xstate.event one'])
    emit({ type: '@xstate.event', event: { type: 'CLOSE' } })
    off()
    for (const task of tasks) task()
    expect(heard).toHaveLength(5)
    expect(observers.size).toBe(0)
  })

  test('is reported each time it throws or rejects; one without a next method is ignored', async () => {
    const reported: unknown[] = []
    const queue = {
      enqueue: (task: () => void) => task(),
      fail: (_code: string, _what: string, thrown: unknown) => void reported.push(thrown),
    }
    const attach = (observer: InspectionObserver): unknown => attachInspector(engineOf(root().ref), queue, observer)
    const fault = new Error('observer')
    attach(() => {
      throw fault
    })
    const rejecting: unknown = () => Promise.reject(fault)
    attach(rejecting as InspectionObserver)
    await settle()
    expect(reported).toEqual(Array.from({ length: 8 }, () => fault))
    attach({})
    expect(reported).toHaveLength(8)
  })
})
