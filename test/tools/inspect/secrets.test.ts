import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import type { AnyActorRef, InspectionEvent } from 'xstate'
import { ConnectionError, type ConnectionInspection } from '../../../src/index.js'
import { observe, type InspectionMessage } from '../../../src/tools/inspect/index.js'
import { settle } from '../../../src/tools/testing/browser.js'
import { xstateEngine } from '../../../src/xstate/index.js'
import { setup } from '../../support/setup.js'
import { live, secretive, sentinel } from './life.js'

/** Every actor the library creates, so that the raw one can be searched. */
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

/** Objects of the language and the runtime, and the chart itself, which is the same for all connections. */
const known = new Set<unknown>([globalThis, process])
for (const each of Object.getOwnPropertyNames(globalThis)) {
  const builtIn = Object.getOwnPropertyDescriptor(globalThis, each)?.value as { prototype?: unknown } | undefined
  if (typeof builtIn === 'function') known.add(builtIn).add(builtIn.prototype)
}

/** Every path from here to the sentinel: through properties, getters, prototypes, maps, sets and buffers. */
function leaks(start: unknown, seen = new Set(known)): string[] {
  const found: string[] = []
  const queue: [value: unknown, path: string][] = [[start, '']]
  const look = (text: string, path: string): void => {
    if (text.includes(sentinel)) found.push(path)
  }
  for (let index = 0; index < queue.length; index++) {
    const [value, path] = queue[index]!
    if (typeof value === 'string' || typeof value === 'symbol') look(String(value), path)
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue
    seen.add(value)
    if (seen.size > 50_000) throw new Error(`there is no end to it: ${path}`)
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      const bytes = value instanceof ArrayBuffer ? value : value.buffer
      look(new TextDecoder().decode(bytes), path)
      continue
    }
    if (value instanceof Map) for (const [key, each] of value) queue.push([key, `${path}.key`], [each, `${path}.value`])
    if (value instanceof Set) for (const each of value) queue.push([each, `${path}.member`])
    for (
      let owner: object = value;
      owner !== null && !known.has(owner);
      owner = Object.getPrototypeOf(owner) as object
    ) {
      for (const key of Reflect.ownKeys(owner)) {
        look(String(key), `${path}.${String(key)}`)
        try {
          queue.push([Reflect.get(owner, key, value), `${path}.${String(key)}`])
        } catch {
          // A getter that throws reveals nothing.
        }
      }
    }
  }
  return found
}

/** The chart is searched once; it is the same for all connections. */
function lookAtChart(actor: AnyActorRef): void {
  const queue: unknown[] = [(actor as unknown as { logic: object }).logic]
  for (let index = 0; index < queue.length; index++) {
    const value = queue[index]
    if (typeof value === 'string') expect(value).not.toContain(sentinel)
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || known.has(value)) continue
    known.add(value)
    // Without its getters: they create new objects each time, from values searched here.
    for (const { value: each } of Object.values(Object.getOwnPropertyDescriptors(value))) queue.push(each)
    if (value instanceof Map) queue.push(...value.keys(), ...value.values())
  }
}

/** Everything an inspector may do to print, store or send what it received. */
function prints(value: unknown): string[] {
  const seen = new WeakSet<object>()
  const replacer = (_: string, each: unknown): unknown => {
    if (typeof each === 'object' && each !== null) {
      if (seen.has(each)) return '[seen]'
      seen.add(each)
    }
    return typeof each === 'function' ? `${each.name} ${String(each)}` : each
  }
  const everything = { depth: 12, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }
  return [JSON.stringify(value, replacer), inspect(value, everything), String(value)]
}

const withoutFunctions = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === 'function' ? undefined : each)))

describe('the search for secrets', () => {
  class Hidden {
    readonly #secret = sentinel
    get revealed(): string {
      return this.#secret
    }
  }
  it.each<[string, unknown]>([
    ['a property', { a: { b: [`x${sentinel}x`] } }],
    ['a key', { [sentinel]: 1 }],
    ['a symbol', { [Symbol(sentinel)]: 1 }],
    ['a map', new Map([[{ a: sentinel }, 1]])],
    ['a set', new Set([[sentinel]])],
    ['a getter of a class', new Hidden()],
    ['a property of a function', Object.assign(() => {}, { a: sentinel })],
    ['something hidden', Object.defineProperty({}, 'a', { value: sentinel, enumerable: false })],
    ['a cause', new Error('x', { cause: new Error(sentinel) })],
    ['bytes', { a: new TextEncoder().encode(sentinel) }],
  ])('finds a secret in %s', (_, value) => {
    expect(leaks(value)).not.toEqual([])
  })
})

describe('no secret', () => {
  it('was left out of this test: the sentinel was used everywhere', async () => {
    const life = secretive()
    await live(life)
    const { transport, events } = life
    const has = (value: unknown): boolean => inspect(value, { depth: 10 }).includes(sentinel)
    const { target } = transport.sockets[0]!
    expect([has(target.url), has(target.protocols), has(target.headers)]).toEqual([true, true, true])
    const sent = transport.sockets.flatMap((socket) => socket.sent)
    for (const text of ['login', 'queued', 'sent', 'ping']) expect(sent).toContain(`${text} ${sentinel}`)
    for (const type of ['open', 'message', 'close', 'backoff', 'error'] as const) {
      expect(
        events.some(([each, event]) => each === type && leaks(event).length > 0),
        type,
      ).toBe(true)
    }
    const states = events.flatMap(([type, event]) => (type === 'state' ? [(event as { state: string }).state] : []))
    expect(new Set(states)).toEqual(new Set(['connecting', 'open', 'backoff', 'suspended', 'closing', 'ended']))
    expect(events.some(([type]) => type === 'heartbeat')).toBe(true)
  })

  it("is in an inspector's events, over a whole life", async () => {
    const events: ConnectionInspection[] = []
    const life = secretive({ inspect: (event) => events.push(event) })
    await live(life)
    expect(life.connection.state).toBe('ended')
    expect(events.length).toBeGreaterThan(60)
    for (const event of events) {
      expect(leaks(event), JSON.stringify(event)).toEqual([])
      expect(leaks(event.actorRef.getSnapshot())).toEqual([])
      for (const text of prints(event)) expect(text).not.toContain(sentinel)
      expect(leaks(structuredClone(withoutFunctions(event)))).toEqual([])
    }
    const types = new Set(events.map((event) => ('event' in event ? event.event.type : event.type)))
    for (const type of [
      'OPEN',
      'socket.resolved',
      'socket.opened',
      'socket.prepared',
      'socket.alive',
      'socket.closed',
      'policy.retry',
      'environment.offline',
      'RECONNECT',
      'HEALTHY',
      'CLOSE',
    ]) {
      expect(types).toContain(type)
    }
  })

  it('is in the messages sent from them: no close reason, URL, protocol or data', async () => {
    const life = secretive()
    const messages: InspectionMessage[] = []
    observe(life.connection, (message) => messages.push(message), { clock: life.clock, errors: true, every: 10 })
    await live(life)
    await life.clock.advance(1_000)
    expect(leaks(messages)).toEqual([])
    for (const message of messages) {
      for (const text of prints(message)) expect(text).not.toContain(sentinel)
      expect(structuredClone(message)).toEqual(message)
    }
    const kinds = messages.map((message) =>
      message.type === '@statewire.occurrence' ? message.occurrence.kind : message.type,
    )
    for (const kind of ['open', 'close', 'backoff', 'heartbeat', 'error', '@statewire.figures', '@xstate.snapshot']) {
      expect(kinds).toContain(kind)
    }
  })

  it('is in an error or a status that an app has made up', async () => {
    const { connection, transport, clock } = setup({
      prepare: () => Promise.reject(new ConnectionError(sentinel as never, sentinel, { status: sentinel as never })),
    })
    const messages: InspectionMessage[] = []
    observe(connection, (message) => messages.push(message), { clock, errors: true })
    await settle()
    transport.last.refuse({ status: sentinel as never, error: new ConnectionError(sentinel as never, sentinel) })
    await clock.advance(750)
    transport.last.accept()
    await settle()
    void connection.close()
    expect(messages.filter(({ type }) => type === '@statewire.occurrence').length).toBeGreaterThan(1)
    expect(leaks(messages)).toEqual([])
  })

  it('is sent to a late observer, at any time', async () => {
    const life = secretive()
    const late: ConnectionInspection[] = []
    life.connection.on('state', () => life.connection.inspect((event) => late.push(event))())
    await live(life)
    // Attaching and detaching within one turn delivers nothing, so it attaches once more and stays.
    const staying: ConnectionInspection[] = []
    life.connection.inspect((event) => staying.push(event))
    expect(staying).toHaveLength(2)
    expect(leaks([late, staying])).toEqual([])
  })

  it("is in XState's own inspection of the chart, its context, input, children and events", async () => {
    actors.length = 0
    const life = secretive({ engine: xstateEngine })
    expect(actors).toHaveLength(1)
    const actor = actors[0] as AnyActorRef
    lookAtChart(actor)
    const raw: InspectionEvent[] = []
    const snapshots: unknown[] = []
    const found: string[] = []
    actor.system.inspect((event) => {
      raw.push(event)
      snapshots.push(actor.getSnapshot(), actor.getPersistedSnapshot())
      // Immediately, because much of it changes: the event, the actor with everything reachable from it, and its
      // system.
      found.push(...leaks(event))
    })
    await live(life)
    expect(raw.length).toBeGreaterThan(150)
    const types = new Set(raw.map(({ type }) => type))
    for (const type of ['actor', 'event', 'snapshot', 'microstep', 'action']) expect(types).toContain(`@xstate.${type}`)
    expect([...new Set(found)]).toEqual([])
    expect(leaks(snapshots)).toEqual([])
    expect(leaks(actor)).toEqual([])
    // An actor prints with its whole chart, so only its own properties are printed.
    for (const event of raw) expect(inspect(event, { depth: 3, showHidden: true })).not.toContain(sentinel)
    for (const snapshot of snapshots) {
      expect(JSON.stringify(snapshot)).not.toContain(sentinel)
      const { context } = snapshot as { context: unknown }
      for (const text of prints(context)) expect(text).not.toContain(sentinel)
    }
    for (const text of [JSON.stringify(actor), inspect(actor, { depth: 4, showHidden: true })]) {
      expect(text).not.toContain(sentinel)
    }
  })

  it('is reachable through the chart host', () => {
    actors.length = 0
    secretive({ engine: xstateEngine })
    const { context } = (actors[0] as AnyActorRef).getSnapshot() as { context: Record<string, unknown> }
    const { host, ...rest } = context
    expect(JSON.stringify(host)).toBe('"[host]"')
    expect(Object.keys(host as object)).toEqual([])
    expect(Object.values(rest).every((value) => ['number', 'string', 'boolean'].includes(typeof value))).toBe(true)
  })
})
