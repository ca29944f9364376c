// The listener registry of a socket against a model of the DOM's: which listeners are called, in which order, and
// whether there are any.
import fc from 'fast-check'
import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { SignalRegistrations } from '../../src/core/abort-signals.js'
import { FakeTransport, settle, type FakeSocket } from '../../src/tools/testing/index.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'
import { ListenerRegistry } from '../../src/websocket/listener-registry.js'
import { stopped } from '../../src/websocket/socket-events.js'

type Listener = ((event: Event) => void) | { handleEvent(event: Event): void }

interface AddOptions {
  readonly capture?: boolean
  readonly once?: boolean
  readonly signal?: AbortSignal
}

/** The operations of both sides. */
interface Target {
  readonly anybody: boolean
  add(listener: Listener, options: AddOptions): void
  remove(listener: Listener, options: AddOptions): void
  dispatch(): void
}

class Ours implements Target {
  anybody = false
  readonly changes: boolean[] = []
  readonly signals = new SignalRegistrations()
  readonly #registry = new ListenerRegistry(this, () => this.signals)

  constructor() {
    this.#registry.of('message').changed = (anybody) => {
      this.changes.push(anybody)
      this.anybody = anybody
    }
  }

  add(listener: Listener, options: AddOptions): void {
    this.#registry.add('message', listener, options)
  }

  remove(listener: Listener, options: AddOptions): void {
    this.#registry.remove('message', listener, options)
  }

  dispatch(): void {
    const event = Object.assign(new Event('message'), { stopImmediatePropagation })
    this.#registry.of('message').call(event)
  }
}

function stopImmediatePropagation(this: Stoppable): void {
  this[stopped] = 2
}

interface Stoppable extends Event {
  [stopped]?: 0 | 1 | 2
}

/** DOM §2.7 to 2.10 to the letter, for a target without a tree. */
class Model implements Target {
  #list: { listener: Listener; capture: boolean; once: boolean; signal: AbortSignal | undefined; removed: boolean }[] =
    []

  get anybody(): boolean {
    return this.#list.length > 0
  }

  add(listener: Listener, { capture = false, once = false, signal }: AddOptions): void {
    if (signal?.aborted) return
    if (this.#list.some((each) => each.listener === listener && each.capture === capture)) return
    const entry = { listener, capture, once, signal, removed: false }
    this.#list.push(entry)
    signal?.addEventListener('abort', () => this.#drop(entry))
  }

  remove(listener: Listener, { capture = false }: AddOptions): void {
    const entry = this.#list.find((each) => each.listener === listener && each.capture === capture)
    if (entry !== undefined) this.#drop(entry)
  }

  #drop(entry: { removed: boolean }): void {
    entry.removed = true
    this.#list = this.#list.filter((each) => each !== entry)
  }

  dispatch(): void {
    const event: Stoppable = Object.assign(new Event('message'), { stopImmediatePropagation })
    const isStopped = (): boolean => event[stopped] === 2
    for (const capturing of [true, false]) {
      if (isStopped()) return
      for (const entry of [...this.#list]) {
        if (entry.removed || entry.capture !== capturing) continue
        if (entry.once) this.#drop(entry)
        if (typeof entry.listener === 'function') entry.listener(event)
        else entry.listener.handleEvent(event)
        if (isStopped()) break
      }
    }
  }
}

/** What a listener does when it is called, besides recording the call. */
type Act = 'nothing' | 'stop' | 'remove the next' | 'remove itself' | 'add itself'

const callbacks = 4
const signals = 2
const which = fc.nat({ max: callbacks - 1 })
const signal = fc.option(fc.nat({ max: signals - 1 }), { nil: undefined })

const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), which, capture: fc.boolean(), once: fc.boolean(), signal }),
  fc.record({ do: fc.constant('remove' as const), which, capture: fc.boolean() }),
  fc.record({ do: fc.constant('abort' as const), signal: fc.nat({ max: signals - 1 }) }),
  fc.record({ do: fc.constant('dispatch' as const) }),
)
const acts = fc.array(fc.constantFrom<Act>('nothing', 'stop', 'remove the next', 'remove itself', 'add itself'), {
  minLength: callbacks,
  maxLength: callbacks,
})

/** The same sequence on any target: the listeners that each dispatch called, in order. */
class Life {
  readonly target: Target
  readonly #listeners: Listener[]
  readonly #controllers = Array.from({ length: signals }, () => new AbortController())
  called: number[] = []

  constructor(target: Target, does: readonly Act[]) {
    this.target = target
    this.#listeners = does.map((act, index) => {
      const hear = (event: Event): void => {
        this.called.push(index)
        const next = this.#listeners[(index + 1) % callbacks]!
        if (act === 'stop') event.stopImmediatePropagation()
        if (act === 'remove the next') target.remove(next, { capture: false })
        if (act === 'remove itself') target.remove(this.#listeners[index]!, { capture: false })
        if (act === 'add itself') target.add(this.#listeners[index]!, { once: true })
      }
      return index % 2 === 0 ? hear : { handleEvent: hear }
    })
  }

  take(each: typeof step extends fc.Arbitrary<infer S> ? S : never): readonly number[] {
    this.called = []
    if (each.do === 'abort') this.#controllers[each.signal]!.abort()
    else if (each.do === 'dispatch') this.target.dispatch()
    else if (each.do === 'remove') {
      this.target.remove(this.#listeners[each.which]!, { capture: each.capture })
    } else {
      const { capture, once } = each
      const options = {
        capture,
        once,
        ...(each.signal !== undefined && { signal: this.#controllers[each.signal]!.signal }),
      }
      this.target.add(this.#listeners[each.which]!, options)
    }
    return this.called
  }
}

describe('the listener registry', () => {
  test('calls listeners as in the DOM, whatever they do, and knows whether there are any', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(acts, fc.array(step, { maxLength: 40 }), (does, steps) => {
        const [ours, model] = [new Life(new Ours(), does), new Life(new Model(), does)]
        for (const each of [...steps, { do: 'dispatch' } as const]) {
          expect(ours.take(each)).toEqual(model.take(each))
          expect(ours.target.anybody).toBe(model.target.anybody)
        }
      }),
      { numRuns: 1_500 },
    )
  })

  test('reports each change once', () => {
    const target = new Ours()
    const [a, b] = [(): void => {}, (): void => {}]
    target.add(a, {})
    target.add(a, { once: true })
    target.add(b, { capture: true })
    target.remove(a, {})
    target.remove(a, {})
    target.remove(b, {})
    expect(target.changes).toEqual([true])
    target.remove(b, { capture: true })
    expect(target.changes).toEqual([true, false])
  })

  test('leaves nothing on a signal once its listeners are removed', () => {
    const { signal } = new AbortController()
    const [added, removed] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    const target = new Ours()
    const listener = (): void => {}
    target.add(listener, { signal })
    target.remove(listener, {})
    expect(removed.mock.calls).toEqual(added.mock.calls)
    expect(added).toHaveBeenCalledOnce()
  })
})

/** An open socket and its server side. */
async function opened(): Promise<{ socket: ReconnectingWebSocket; server: FakeSocket }> {
  const transport = new FakeTransport()
  const socket = new ReconnectingWebSocket('ws://server.test/', [], { transport })
  await settle()
  transport.last.accept()
  await settle()
  return { socket, server: transport.last }
}

describe('a message without a listener', () => {
  afterEach(() => vi.restoreAllMocks())

  test('is not even read from the connection, unlike a message with a listener', async () => {
    const { socket, server } = await opened()
    const { data, heard } = { data: [] as unknown[], heard: vi.spyOn(socket.connection, 'on') }
    server.message('unheard')
    expect(heard).not.toHaveBeenCalled()
    const listener = (event: MessageEvent): unknown => data.push(event.data)
    socket.onmessage = listener
    expect(heard).toHaveBeenCalledOnce()
    server.message('one')
    socket.onmessage = null
    server.message('unheard')
    socket.addEventListener('message', listener, { once: true })
    server.message('two')
    server.message('unheard')
    const controller = new AbortController()
    socket.addEventListener('message', listener, { signal: controller.signal })
    server.message('three')
    controller.abort()
    server.message('unheard')
    socket.addEventListener('open', () => {})
    server.message('unheard')
    expect(data).toEqual(['one', 'two', 'three'])
    expect(heard).toHaveBeenCalledTimes(3)
    socket.close()
  })
})

describe('an event of a socket', () => {
  test('carries the data itself', async () => {
    const { socket, server } = await opened()
    const data = new ArrayBuffer(8)
    const heard: unknown[] = []
    socket.onmessage = (event) => heard.push(event.data)
    server.message(data)
    expect(heard[0]).toBe(data)
    socket.close()
  })

  test("is an instance of the platform's class with all standard fields", async () => {
    const { socket, server } = await opened()
    const events: MessageEvent[] = []
    const during: unknown[] = []
    socket.addEventListener('message', (event) => {
      events.push(event)
      during.push(event.currentTarget === socket, event.eventPhase, event.composedPath()[0] === socket)
    })
    const before = performance.now()
    server.message('x')
    const [event] = events as [MessageEvent]
    expect(during).toEqual([true, Event.AT_TARGET, true])
    expect([event instanceof MessageEvent, event instanceof Event, event.constructor]).toEqual([
      true,
      true,
      MessageEvent,
    ])
    expect(String(event)).toBe(String(new MessageEvent('message')))
    expect([event.currentTarget, event.eventPhase, event.composedPath()]).toEqual([null, Event.NONE, []])
    for (const name of ['target', 'srcElement']) expect(Reflect.get(event, name)).toBe(socket)
    event.preventDefault()
    Reflect.set(event, 'returnValue', false)
    const expected = {
      type: 'message',
      isTrusted: true,
      bubbles: false,
      cancelable: false,
      composed: false,
      defaultPrevented: false,
      returnValue: true,
      cancelBubble: false,
    }
    for (const [name, value] of Object.entries(expected))
      expect([name, Reflect.get(event, name)]).toEqual([name, value])
    expect(event.timeStamp).toBeGreaterThanOrEqual(before)
    expect(event.timeStamp).toBeLessThanOrEqual(performance.now())
    socket.close()
  })

  test('has the time of its own read, not of an earlier one', async () => {
    const { socket, server } = await opened()
    const times: number[] = []
    socket.onmessage = ({ timeStamp }) => times.push(timeStamp)
    server.message('x')
    server.message('y')
    await new Promise((resolve) => setTimeout(resolve, 2))
    server.message('z')
    expect(times[1]).toBe(times[0])
    expect(times[2]).toBeGreaterThan(times[0]!)
    socket.close()
  })

  test('reaches no later listener once stopped, and the next event does', async () => {
    const { socket, server } = await opened()
    const heard: unknown[] = []
    socket.addEventListener('message', (event) => {
      if (event.data === 'stop') event.stopImmediatePropagation()
      if (event.data === 'stop') heard.push(Reflect.get(event, 'cancelBubble'))
    })
    socket.addEventListener('message', ({ data }) => heard.push(data))
    server.message('stop')
    server.message('go')
    expect(heard).toEqual([true, 'go'])
    socket.close()
  })

  test('stopped while capturing reaches no listener without capture', async () => {
    const { socket, server } = await opened()
    const heard: unknown[] = []
    socket.addEventListener('message', () => heard.push('bubble'))
    for (const name of ['first', 'second']) {
      const listen = (event: Event): void => {
        event.stopPropagation()
        heard.push(name)
      }
      socket.addEventListener('message', listen, true)
    }
    server.message('x')
    expect(heard).toEqual(['first', 'second'])
    socket.close()
  })

  test('can be printed by Node, and copied for another target', async () => {
    const { socket, server } = await opened()
    let event: MessageEvent | undefined
    socket.onmessage = (heard) => (event = heard)
    server.message('x')
    expect(inspect(event)).toBe("MessageEvent { type: 'message', data: 'x', origin: 'ws://server.test' }")
    const target = new EventTarget()
    const heard: unknown[] = []
    target.addEventListener('message', (again) => heard.push((again as MessageEvent).data))
    target.dispatchEvent(new MessageEvent(event!.type, event as unknown as MessageEventInit))
    expect(heard).toEqual(['x'])
    socket.close()
  })
})

describe('an event of the app', () => {
  test('is not canceled by a passive listener', async () => {
    const { socket } = await opened()
    socket.addEventListener('mine', (event) => event.preventDefault(), { passive: true })
    const event = new Event('mine', { cancelable: true })
    expect(socket.dispatchEvent(event)).toBe(true)
    socket.addEventListener('mine', (heard) => heard.preventDefault())
    expect(socket.dispatchEvent(event)).toBe(false)
    socket.close()
  })

  test('can be dispatched again by another socket, and reports its current target', async () => {
    const [one, other] = [await opened(), await opened()]
    const event = new Event('mine')
    const seen: unknown[] = []
    for (const { socket } of [one, other]) {
      socket.addEventListener('mine', (heard) => {
        seen.push(heard.target === socket, heard.currentTarget === socket)
        // Node does not clear it afterwards, so this comes last.
        if (socket === other.socket) heard.stopImmediatePropagation()
      })
      socket.addEventListener('mine', () => seen.push(socket === one.socket))
      socket.dispatchEvent(event)
    }
    expect(seen).toEqual([true, true, true, true, true])
    expect(() => one.socket.dispatchEvent({} as Event)).toThrow(TypeError)
    one.socket.close()
    other.socket.close()
  })
})
