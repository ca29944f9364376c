import { createBrowserInspector, createInspector, type StatelyInspectionEvent } from '@statelyai/inspect'
import { describe, expect, it, vi } from 'vitest'
import { connectionMachine } from '../../../machines/index.js'
import { setup } from '../../support/setup.js'

interface Definition {
  id: string
  states: Record<string, { states: Record<string, unknown> }>
}

/** It works in idle time, a turn of the loop later. */
const idle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10))

const definitionIn = (events: readonly StatelyInspectionEvent[]): Definition => {
  const actor = events.find((event) => event.type === '@xstate.actor' && event.parentId === undefined)
  return JSON.parse((actor as { definition: string }).definition) as Definition
}

const valuesIn = (events: readonly StatelyInspectionEvent[]): unknown[] =>
  events.flatMap((event) => {
    const { value } = event.type === '@xstate.snapshot' ? (event.snapshot as { value?: unknown }) : {}
    return value === undefined ? [] : [value]
  })

const life = [
  { closed: 'idle' },
  { live: { connecting: 'resolving' } },
  { live: { connecting: 'handshaking' } },
  { live: { connecting: 'preparing' } },
  { live: { open: { heartbeat: 'resting', stability: 'settling' } } },
  { closed: 'deciding' },
  { closed: { backoff: 'scheduled' } },
  { live: { connecting: 'resolving' } },
  { live: 'closing' },
  { closed: 'ended' },
]

async function live(connection: ReturnType<typeof setup>): Promise<void> {
  const socket = await connection.accept()
  socket.end({ code: 1006 })
  connection.connection.reconnect()
  void connection.connection.close()
  await connection.clock.advance(2_000)
  await idle()
}

describe('@statelyai/inspect, unmodified,', () => {
  it('gets the chart and follows its life', async () => {
    const events: StatelyInspectionEvent[] = []
    const { inspect } = createInspector({ send: (event) => void events.push(event) })
    const connection = setup({ inspect })
    await live(connection)

    const definition = definitionIn(events)
    expect(definition.id).toBe('connection')
    expect(Object.keys(definition.states).toSorted()).toEqual(Object.keys(connectionMachine.config.states!).toSorted())
    expect(Object.keys(definition.states['live']!.states)).toEqual(['closing', 'connecting', 'open'])
    expect(valuesIn(events)).toEqual(life)

    const [root] = events
    expect(root).toMatchObject({ type: '@xstate.actor', name: 'connection', snapshot: { value: { closed: 'idle' } } })
    expect(new Set(events.map(({ rootId }) => rootId))).toEqual(new Set([root!.sessionId]))
    const sockets = events.filter((event) => event.type === '@xstate.actor' && event.parentId === root!.sessionId)
    expect(sockets.map((event) => (event as { name: string }).name)).toEqual(['socket', 'socket'])
    expect(
      events
        .filter((event) => event.type === '@xstate.event')
        .map((event) => (event as { event: { type: string } }).event.type),
    ).toContain('socket.opened')
  })

  it('may attach at run time, and detach', async () => {
    const events: StatelyInspectionEvent[] = []
    const { inspect } = createInspector({ send: (event) => void events.push(event) })
    const { connection, accept } = setup()
    await accept()
    const off = connection.inspect(inspect)
    await idle()
    expect(definitionIn(events).id).toBe('connection')
    expect(valuesIn(events)).toEqual([{ live: { open: { heartbeat: 'resting', stability: 'settling' } } }])
    off()
    void connection.close()
    await idle()
    expect(valuesIn(events)).toHaveLength(1)
  })

  it('in a browser sends everything to its window, once that has said hello', async () => {
    const posted: StatelyInspectionEvent[] = []
    let hear: ((event: { data: unknown }) => void) | undefined
    const opened = { postMessage: (event: StatelyInspectionEvent) => posted.push(structuredClone(event)) }
    const page = {
      open: vi.fn(() => opened),
      addEventListener: (_: 'message', listener: typeof hear) => void (hear = listener),
    }
    const { inspect } = createBrowserInspector({ url: '/viewer.html', window: page as never })
    expect(page.open).toHaveBeenCalledWith('/viewer.html', 'xstateinspector')
    const connection = setup({ inspect })
    await connection.accept()
    await idle()
    expect(posted).toEqual([])
    hear!({ data: { type: '@statelyai.connected' } })
    expect(definitionIn(posted).id).toBe('connection')
    expect(valuesIn(posted)).toEqual(life.slice(0, 5))
    connection.transport.last.end({ code: 1006 })
    await idle()
    expect(valuesIn(posted)).toEqual(life.slice(0, 7))
    void connection.connection.close()
  })

  it('in a browser sends everything to an iframe', async () => {
    const posted: StatelyInspectionEvent[] = []
    let hear: ((event: { data: unknown }) => void) | undefined
    let loaded: (() => void) | undefined
    const attributes: Record<string, string> = {}
    const iframe = {
      contentWindow: { postMessage: (event: StatelyInspectionEvent) => posted.push(structuredClone(event)) },
      addEventListener: (_: 'load', listener: () => void) => void (loaded = listener),
      setAttribute: (name: string, value: string) => void (attributes[name] = value),
    }
    const page = { addEventListener: (_: 'message', listener: typeof hear) => void (hear = listener) }
    const { inspect } = createBrowserInspector({ url: '/viewer.html', window: page as never, iframe: iframe as never })
    expect(attributes).toEqual({ src: '/viewer.html' })
    const { connection } = setup({ inspect })
    loaded!()
    hear!({ data: { type: '@statelyai.connected' } })
    await idle()
    expect(definitionIn(posted).id).toBe('connection')
    expect(valuesIn(posted)).toContainEqual({ live: { connecting: 'resolving' } })
    void connection.close()
  })

  it('in a browser passes everything to a custom function instead', async () => {
    const sent: StatelyInspectionEvent[] = []
    const page = { open: () => null, addEventListener() {} }
    const { inspect } = createBrowserInspector({ window: page as never, send: (event) => void sent.push(event) })
    const connection = setup({ inspect })
    await live(connection)
    expect(definitionIn(sent).id).toBe('connection')
    expect(valuesIn(sent)).toEqual(life)
  })
})
