// The account of listeners against the platform's own EventTarget: it says "somebody" exactly when one would be called.
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { SignalRegistrations } from '../../src/abort-signals.js'
import { Audience, type AddOptions } from '../../src/websocket/audience.js'
import { FakeTransport, settle } from '../../src/testing/index.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'

type Listener = ((event: Event) => void) | { handleEvent(event: Event): void }

/** An EventTarget that keeps the account, as the class does. */
class Counted extends EventTarget {
  anybody = false
  readonly changes: boolean[] = []
  readonly #audience = new Audience(
    {
      register: (ear, options) => super.addEventListener('message', ear as Listener, options),
      unregister: (ear, options) => super.removeEventListener('message', ear as Listener, options),
      changed: (anybody) => {
        this.changes.push(anybody)
        this.anybody = anybody
      },
    },
    () => this.signals,
  )
  readonly signals = new SignalRegistrations()

  override addEventListener(_: string, listener: Listener, options: AddOptions): void {
    this.#audience.add(listener, options)
  }

  override removeEventListener(_: string, listener: Listener, options: AddOptions): void {
    this.#audience.remove(listener, options)
  }
}

/** What a listener does when it is called, besides telling that it was. */
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

/** The same life on any target: which listeners each dispatch called, in order. */
class Life {
  readonly target: EventTarget
  readonly #listeners: Listener[]
  readonly #controllers = Array.from({ length: signals }, () => new AbortController())
  called: number[] = []

  constructor(target: EventTarget, does: readonly Act[]) {
    this.target = target
    this.#listeners = does.map((act, index) => {
      const hear = (event: Event): void => {
        this.called.push(index)
        const next = this.#listeners[(index + 1) % callbacks]!
        if (act === 'stop') event.stopImmediatePropagation()
        if (act === 'remove the next') target.removeEventListener('message', next, { capture: false })
        if (act === 'remove itself') target.removeEventListener('message', this.#listeners[index]!, { capture: false })
        // In Node one that is added during a dispatch may be called in it, so two could keep each other alive for ever.
        if (act === 'add itself' && this.called.length < 10)
          target.addEventListener('message', this.#listeners[index]!, { once: true })
      }
      return index % 2 === 0 ? hear : { handleEvent: hear }
    })
  }

  take(each: typeof step extends fc.Arbitrary<infer S> ? S : never): readonly number[] {
    this.called = []
    if (each.do === 'abort') this.#controllers[each.signal]!.abort()
    else if (each.do === 'dispatch') this.target.dispatchEvent(new Event('message'))
    else if (each.do === 'remove') {
      this.target.removeEventListener('message', this.#listeners[each.which]!, { capture: each.capture })
    } else {
      const { capture, once } = each
      const options = {
        capture,
        once,
        ...(each.signal !== undefined && { signal: this.#controllers[each.signal]!.signal }),
      }
      this.target.addEventListener('message', this.#listeners[each.which]!, options)
    }
    return this.called
  }
}

describe('the account', () => {
  test('says "somebody" exactly when the platform would call somebody', () => {
    fc.assert(
      fc.property(acts, fc.array(step, { maxLength: 40 }), (does, steps) => {
        const target = new Counted()
        const life = new Life(target, does)
        for (const each of [...steps, { do: 'dispatch' } as const]) {
          const before = target.anybody
          const called = life.take(each)
          // Somebody is always called first, whatever that one does to the others.
          if (each.do === 'dispatch') expect(called.length > 0).toBe(before)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  // Without signals: in Node a signal removes a callback also if it was added anew since, without that signal.
  test('changes nothing of who is called, and in which order', () => {
    const unsigned = step.map((each) => (each.do === 'add' ? { ...each, signal: undefined } : each))
    fc.assert(
      fc.property(acts, fc.array(unsigned, { maxLength: 40 }), (does, steps) => {
        const [ours, theirs] = [new Life(new Counted(), does), new Life(new EventTarget(), does)]
        for (const each of steps) expect(ours.take(each)).toEqual(theirs.take(each))
      }),
      { numRuns: 2_000 },
    )
  })

  test('tells each change once', () => {
    const target = new Counted()
    const [a, b] = [(): void => {}, (): void => {}]
    target.addEventListener('message', a, {})
    target.addEventListener('message', a, { once: true })
    target.addEventListener('message', b, { capture: true })
    target.removeEventListener('message', a, {})
    target.removeEventListener('message', a, {})
    target.removeEventListener('message', b, {})
    expect(target.changes).toEqual([true])
    target.removeEventListener('message', b, { capture: true })
    expect(target.changes).toEqual([true, false])
  })

  test('what the platform refuses is not in it', () => {
    const changes: boolean[] = []
    const refuse = (): never => {
      throw new TypeError('no')
    }
    const host = { register: refuse, unregister: refuse, changed: (anybody: boolean) => changes.push(anybody) }
    const audience = new Audience(host, () => new SignalRegistrations())
    expect(() => audience.add(() => {}, {})).toThrow(TypeError)
    expect(changes).toEqual([])
  })

  test('leaves nothing at a signal once the listener is gone', () => {
    const { signal } = new AbortController()
    const [added, removed] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    const target = new Counted()
    const listener = (): void => {}
    target.addEventListener('message', listener, { signal })
    target.removeEventListener('message', listener, {})
    expect(removed.mock.calls).toEqual(added.mock.calls)
    expect(added).toHaveBeenCalledOnce()
  })
})

describe('a message that nobody hears', () => {
  afterEach(() => vi.restoreAllMocks())

  test('makes no MessageEvent, and one that somebody hears makes one', async () => {
    const { dispatchEvent } = EventTarget.prototype
    const made: Event[] = []
    vi.spyOn(EventTarget.prototype, 'dispatchEvent').mockImplementation(function (this: EventTarget, event) {
      if (event.type === 'message') made.push(event)
      return dispatchEvent.call(this, event)
    })
    const transport = new FakeTransport()
    const socket = new ReconnectingWebSocket('ws://server.test/', [], { transport })
    await settle()
    transport.last.accept()
    await settle()
    transport.last.message('unheard')
    expect(made).toEqual([])

    const heard: unknown[] = []
    const listener = ({ data }: MessageEvent): unknown => heard.push(data)
    socket.onmessage = listener
    transport.last.message('one')
    socket.onmessage = null
    transport.last.message('unheard')
    socket.addEventListener('message', listener, { once: true })
    transport.last.message('two')
    transport.last.message('unheard')
    const controller = new AbortController()
    socket.addEventListener('message', listener, { signal: controller.signal })
    transport.last.message('three')
    controller.abort()
    transport.last.message('unheard')
    socket.addEventListener('open', () => {})
    transport.last.message('unheard')
    expect(heard).toEqual(['one', 'two', 'three'])
    expect(made).toHaveLength(3)
    for (const event of made) expect([event instanceof MessageEvent, event.constructor]).toEqual([true, MessageEvent])
    socket.close()
  })

  test('passes on the data itself', async () => {
    const transport = new FakeTransport()
    const socket = new ReconnectingWebSocket('ws://server.test/', [], { transport })
    await settle()
    transport.last.accept()
    await settle()
    const data = new ArrayBuffer(8)
    const heard: unknown[] = []
    socket.onmessage = (event) => heard.push(event.data)
    transport.last.message(data)
    expect(heard[0]).toBe(data)
    socket.close()
  })
})
