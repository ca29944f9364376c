import { describe, expect, it, vi } from 'vitest'
import type { AnyActorRef } from 'xstate'
import type { ConnectionInspection } from '../../../src/index.js'
import { projectEvent } from '../../../src/core/engine/projection.js'
import { introduce, projectInspection } from '../../../src/tools/inspect/index.js'
import { settle } from '../../../src/tools/testing/browser.js'
import { xstateEngine } from '../../../src/xstate/index.js'
import { setup } from '../../support/setup.js'

vi.mock('../../../src/core/engine/projection.js', { spy: true })

const actors = vi.hoisted((): unknown[] => [])
vi.mock('xstate', async (original) => {
  const xstate = await original<typeof import('xstate')>()
  const createActor = (...args: Parameters<typeof xstate.createActor>): unknown => {
    const actor = xstate.createActor(...args)
    actors.push(actor)
    return actor
  }
  return { ...xstate, createActor }
})

const short = (events: readonly ConnectionInspection[]): unknown[] =>
  events.map((event) => [
    event.type.slice('@xstate.'.length),
    event.actorRef.id,
    ...('event' in event ? [event.event.type] : []),
    ...('snapshot' in event ? [event.snapshot.value] : []),
  ])

describe('an inspector attached at run time', () => {
  it('gets the chart and its current state', () => {
    const events: ConnectionInspection[] = []
    const { connection } = setup({ autoOpen: false })
    connection.inspect((event) => events.push(event))
    const id = events[0]!.actorRef.id
    expect(short(events)).toEqual([
      ['actor', id],
      ['snapshot', id, '@xstate.init', { closed: 'idle' }],
    ])
    expect(events[0]!.actorRef.logic?.config).toMatchObject({ id: 'connection' })
    expect(new Set(events.map(({ rootId }) => rootId))).toEqual(new Set([events[0]!.actorRef.sessionId]))
  })

  it('also gets the socket, if there is one', async () => {
    const events: ConnectionInspection[] = []
    const { connection, accept } = setup()
    await accept()
    connection.inspect((event) => events.push(event))
    const [root, , socket] = events
    expect(short(events).slice(0, 2)).toEqual([
      ['actor', root!.actorRef.id],
      [
        'snapshot',
        root!.actorRef.id,
        '@xstate.init',
        { live: { open: { heartbeat: 'resting', stability: 'settling' } } },
      ],
    ])
    expect(short(events).slice(2)).toEqual([
      ['actor', 'socket'],
      ['snapshot', 'socket', '@xstate.init', undefined],
    ])
    expect(socket!.actorRef._parent?.sessionId).toBe(root!.actorRef.sessionId)
    expect(socket!.actorRef.logic).toBeUndefined()
    expect(root!.actorRef._parent).toBeUndefined()
  })

  it('gets all later events', async () => {
    const events: ConnectionInspection[] = []
    const { connection, transport, accept } = setup()
    await accept()
    connection.inspect((event) => events.push(event))
    events.length = 0
    transport.last.end({ code: 1006 })
    const values = events.flatMap((event) =>
      event.type === '@xstate.snapshot' && event.actorRef.id !== 'socket' ? [event.snapshot.value] : [],
    )
    expect(values).toEqual([{ closed: 'deciding' }, { closed: { backoff: 'scheduled' } }])
    const told = events.flatMap((event) => (event.type === '@xstate.event' ? [event.event] : []))
    expect(told).toContainEqual({ type: 'socket.closed', gen: 1, code: 1006 })
    expect(told).toContainEqual({ type: 'policy.retry', gen: 1, delay: 750, hinted: false })
    expect(events.at(-1)).toMatchObject({ snapshot: { context: { gen: 1, failures: 1, wait: 750, why: 'closed' } } })
  })

  it('gets nothing once detached, not even pending events', async () => {
    const events: ConnectionInspection[] = []
    const { connection, accept } = setup({ autoOpen: false })
    const off = connection.inspect((event) => {
      events.push(event)
      if (events.length === 4) off()
    })
    connection.open()
    await accept()
    expect(events).toHaveLength(4)
    off()
    void connection.close()
    expect(events).toHaveLength(4)
  })

  it('costs nothing once detached: no event is built', async () => {
    // Every event is built from this.
    const read = vi.mocked(projectEvent)
    const { connection, transport, accept } = setup({ autoOpen: false })
    const life = async (): Promise<number> => {
      read.mockClear()
      connection.open()
      await accept()
      transport.last.message('x')
      transport.last.end({ code: 4000 })
      connection.reconnect()
      await accept()
      void connection.close()
      transport.last.end({ code: 1000 })
      await settle()
      return read.mock.calls.length
    }
    expect(await life()).toBe(0)
    const off = connection.inspect(() => {})
    expect(await life()).toBeGreaterThan(20)
    off()
    expect(await life()).toBe(0)
  })

  it('may be one of several, each detached separately', () => {
    const heard = [0, 0, 0]
    const { connection } = setup({ inspect: () => heard[0]!++ })
    const offs = [1, 2].map((index) => connection.inspect({ next: () => void heard[index]!++ }))
    heard.fill(0)
    offs[0]!()
    connection.reconnect()
    expect(heard[0]).toBeGreaterThan(0)
    expect(heard).toEqual([heard[0], 0, heard[0]])
  })
})

describe('an inspector attached from the start', () => {
  it.each([
    ['a function', (events: ConnectionInspection[]) => (event: ConnectionInspection) => void events.push(event)],
    [
      'an object with next',
      (events: ConnectionInspection[]) => ({ next: (event: ConnectionInspection) => void events.push(event) }),
    ],
  ])('sees the whole life: %s', async (_, make) => {
    const events: ConnectionInspection[] = []
    const { connection, transport, accept } = setup({ inspect: make(events) })
    await accept()
    void connection.close()
    transport.last.end({ code: 1000 })
    const values = events.flatMap((event) =>
      event.type === '@xstate.snapshot' && event.actorRef.id !== 'socket' ? [JSON.stringify(event.snapshot.value)] : [],
    )
    expect(values).toEqual(
      [
        { closed: 'idle' },
        { live: { connecting: 'resolving' } },
        { live: { connecting: 'handshaking' } },
        { live: { connecting: 'preparing' } },
        { live: { open: { heartbeat: 'resting', stability: 'settling' } } },
        { live: 'closing' },
        { closed: 'ended' },
      ].map((value) => JSON.stringify(value)),
    )
  })

  it('sees each socket as an actor of its own', async () => {
    const born: string[] = []
    const { connection, transport, accept } = setup({
      inspect: (event) =>
        event.type === '@xstate.actor' && event.actorRef.id === 'socket' && born.push(event.actorRef.sessionId),
    })
    await accept()
    connection.reconnect()
    await accept()
    expect(transport.sockets).toHaveLength(2)
    expect(new Set(born).size).toBe(2)
    void connection.close()
  })

  it('sees no messages', async () => {
    let events = 0
    const { accept } = setup({ inspect: () => events++ })
    const socket = await accept()
    events = 0
    for (let count = 0; count < 1_000; count++) socket.message('x')
    expect(events).toBe(0)
  })

  it('that throws is reported, and the others see everything', async () => {
    let seen = 0
    const { connection, accept, of } = setup({ autoOpen: false })
    connection.inspect(() => {
      throw new Error('bad inspector')
    })
    connection.inspect(() => seen++)
    seen = 0
    connection.open()
    await accept()
    expect(connection.state).toBe('open')
    expect(seen).toBeGreaterThan(5)
    expect(new Set(of('error').map(({ code }) => code))).toEqual(new Set(['ERR_INSPECTOR']))
  })
})

describe('the projection', () => {
  it('is exported by statewire/inspect for custom actors', () => {
    actors.length = 0
    setup({ engine: xstateEngine })
    const actor = actors[0] as AnyActorRef
    expect(introduce(actor).map(({ type }) => type)).toEqual([
      '@xstate.actor',
      '@xstate.snapshot',
      '@xstate.actor',
      '@xstate.snapshot',
    ])
    const projected: unknown[] = []
    actor.system.inspect((event) => projected.push(projectInspection(event)?.type ?? 'left out'))
    actor.send({ type: 'CLOSE' })
    expect(new Set(projected)).toEqual(new Set(['@xstate.event', '@xstate.snapshot', 'left out']))
  })

  it('leaves out properties that are not on the list, and listed values that are no number, word or boolean', () => {
    actors.length = 0
    setup({ engine: xstateEngine })
    const actorRef = actors[0] as AnyActorRef
    const event = { type: 'socket.closed', gen: 1, code: { toString: () => 'x' }, reason: 'x', url: 'x' }
    expect(
      projectInspection({ type: '@xstate.event', rootId: 'r', actorRef, sourceRef: undefined, event }),
    ).toMatchObject({
      event: { type: 'socket.closed', gen: 1 },
      sourceRef: undefined,
    })
    const projected = projectInspection({ type: '@xstate.event', rootId: 'r', actorRef, sourceRef: actorRef, event })
    expect(projected).toHaveProperty('sourceRef.sessionId', actorRef.sessionId)
    expect((projected as { event: object }).event).toEqual({ type: 'socket.closed', gen: 1 })
  })
})
