import { afterEach, describe, expect, test, vi } from 'vitest'
import { pageEnvironment, silentEnvironment, type Environment } from '../../../src/core/environment/environment.js'
import { EnvironmentWatcher, type EnvironmentListener } from '../../../src/core/environment/watcher.js'
import { TestClock } from '../../../src/tools/testing/clock.js'
import { FakeEnvironment } from '../../support/setup.js'

describe('the environment of a page', () => {
  class FakePage extends EventTarget {
    visibilityState = 'visible'
  }

  afterEach(() => vi.unstubAllGlobals())

  function page(): {
    window: EventTarget
    document: FakePage
    signals: string[]
    stop: () => void
    listeners: () => number
  } {
    const window = new EventTarget()
    const document = new FakePage()
    let listeners = 0
    for (const target of [window, document]) {
      const { addEventListener, removeEventListener } = target
      target.addEventListener = (...rest: Parameters<typeof addEventListener>) => (
        listeners++,
        addEventListener.apply(target, rest)
      )
      target.removeEventListener = (...rest: Parameters<typeof removeEventListener>) => (
        listeners--,
        removeEventListener.apply(target, rest)
      )
    }
    vi.stubGlobal('document', document)
    vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
    vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window))
    const signals: string[] = []
    const stop = pageEnvironment.subscribe((signal) => signals.push(signal))
    return { window, document, signals, stop, listeners: () => listeners }
  }

  test('translates DOM events to signals until it is stopped', () => {
    const { window, document, signals, stop, listeners } = page()
    const persisted = (type: string, value: boolean): Event => Object.assign(new Event(type), { persisted: value })
    window.dispatchEvent(new Event('offline'))
    window.dispatchEvent(new Event('online'))
    window.dispatchEvent(new Event('focus'))
    document.visibilityState = 'hidden'
    document.dispatchEvent(new Event('visibilitychange'))
    document.dispatchEvent(new Event('freeze'))
    document.dispatchEvent(new Event('resume'))
    document.visibilityState = 'visible'
    document.dispatchEvent(new Event('visibilitychange'))
    window.dispatchEvent(persisted('pagehide', false))
    window.dispatchEvent(persisted('pageshow', false))
    window.dispatchEvent(persisted('pagehide', true))
    window.dispatchEvent(persisted('pageshow', true))
    expect(signals).toEqual([
      'offline',
      'online',
      'visible',
      'hidden',
      'freeze',
      'resume',
      'visible',
      'bfcached',
      'restored',
    ])
    stop()
    expect(listeners()).toBe(0)
    window.dispatchEvent(new Event('online'))
    expect(signals).toHaveLength(9)
  })

  test('reports a page in the back/forward cache after all freeze listeners have run, not before', () => {
    const { window, document, signals, stop } = page()
    const persisted = (type: string, value: boolean): Event => Object.assign(new Event(type), { persisted: value })
    for (const capture of [true, false]) document.addEventListener('freeze', () => signals.push('an app'), capture)
    window.dispatchEvent(persisted('pagehide', true))
    document.visibilityState = 'hidden'
    document.dispatchEvent(new Event('visibilitychange'))
    expect(signals).toEqual(['hidden'])
    document.dispatchEvent(new Event('freeze'))
    expect(signals.splice(0)).toEqual(['hidden', 'freeze', 'an app', 'an app', 'bfcached'])
    document.dispatchEvent(new Event('resume'))
    document.visibilityState = 'visible'
    document.dispatchEvent(new Event('visibilitychange'))
    window.dispatchEvent(persisted('pageshow', true))
    expect(signals.splice(0)).toEqual(['resume', 'visible', 'restored'])
    // Frozen in the background, which is no reason to drop a socket.
    document.dispatchEvent(new Event('freeze'))
    window.dispatchEvent(persisted('pagehide', false))
    document.dispatchEvent(new Event('freeze'))
    expect(signals).toEqual(['freeze', 'an app', 'an app', 'freeze', 'an app', 'an app'])
    stop()
  })

  test('reports a cached page at its first event on return if there was no freeze', () => {
    const { window, document, signals, stop } = page()
    const persisted = (type: string): Event => Object.assign(new Event(type), { persisted: true })
    window.dispatchEvent(persisted('pagehide'))
    document.visibilityState = 'hidden'
    document.dispatchEvent(new Event('visibilitychange'))
    document.visibilityState = 'visible'
    document.dispatchEvent(new Event('visibilitychange'))
    window.dispatchEvent(persisted('pageshow'))
    expect(signals).toEqual(['hidden', 'bfcached', 'visible', 'restored'])
    stop()
  })

  test('reports a page that is hidden from the start', () => {
    const { document, stop } = page()
    stop()
    document.visibilityState = 'hidden'
    const signals: string[] = []
    pageEnvironment.subscribe((signal) => signals.push(signal))()
    expect(signals).toEqual(['hidden'])
  })

  test('is silent and online without a page', () => {
    vi.stubGlobal('navigator', undefined)
    expect(pageEnvironment.online()).toBe(true)
    vi.stubGlobal('navigator', { onLine: false })
    expect(pageEnvironment.online()).toBe(false)
    vi.stubGlobal('navigator', {})
    expect(pageEnvironment.online()).toBe(true)
    expect(() => pageEnvironment.subscribe(() => {})()).not.toThrow()
  })
})

describe('the watcher', () => {
  function world(environment: Environment = new FakeEnvironment()): {
    world: EnvironmentWatcher
    clock: TestClock
    signals: string[]
    reported: unknown[]
  } {
    const clock = new TestClock()
    const signals: string[] = []
    const reported: unknown[] = []
    const listener: EnvironmentListener = {
      onSignal: (signal) => signals.push(signal),
      fail: (code, _, thrown) => {
        expect(code).toBe('ERR_ENVIRONMENT')
        reported.push(thrown)
      },
    }
    return { world: new EnvironmentWatcher({ clock, environment }, listener), clock, signals, reported }
  }

  test('starts once and stops once, however often it is called', () => {
    const environment = new FakeEnvironment()
    const { world: one, clock, signals, reported } = world(environment)
    one.stop()
    expect(reported).toEqual([])
    one.start()
    one.start()
    expect([environment.listeners.size, clock.pending]).toEqual([1, 1])
    environment.emit('online')
    expect(signals).toEqual(['online'])
    one.stop()
    one.stop()
    expect([environment.listeners.size, clock.pending]).toEqual([0, 0])
  })

  test('ignores signals after stop, and those of a subscription from before two restarts', () => {
    const signals: ((signal: 'online') => void)[] = []
    const { world: one, signals: heard } = world({
      online: () => true,
      subscribe: (notify) => (signals.push(notify), () => {}),
    })
    one.start()
    one.stop()
    signals[0]!('online')
    expect(heard).toEqual([])
    one.start()
    signals[0]!('online')
    expect(heard).toEqual([])
    signals[1]!('online')
    expect(heard).toEqual(['online'])
    one.stop()
  })

  test.each(['visible', 'resume', 'restored'] as const)(
    'treats a time gap as sleep unless the page is hidden, until %s',
    async (signal) => {
      const environment = new FakeEnvironment()
      const { world: one, clock, signals } = world(environment)
      const sleep = async (): Promise<string[]> => {
        signals.length = 0
        clock.block(60_000)
        await clock.advance(0)
        return signals
      }
      one.start()
      expect(await sleep()).toEqual(['woke'])
      environment.emit('online')
      environment.emit('hidden')
      environment.emit('online')
      expect(await sleep()).toEqual([])
      environment.emit(signal)
      expect(await sleep()).toEqual(['woke'])
      one.stop()
    },
  )

  test('treats an environment that throws or returns invalid values as online', () => {
    const fault = new Error('environment')
    const throwing = (): never => {
      throw fault
    }
    const { world: one, reported } = world({ online: throwing, subscribe: throwing })
    expect(one.online).toBe(true)
    one.start()
    one.stop()
    expect(reported).toEqual([fault, fault])
    const { world: other, reported: none } = world({ online: () => false, subscribe: () => undefined as never })
    expect(other.online).toBe(false)
    other.start()
    other.stop()
    expect(none).toEqual([])
    const { world: third, clock, reported: once } = world({ online: () => true, subscribe: () => throwing })
    third.start()
    third.stop()
    expect([once, clock.pending]).toEqual([[fault], 0])
  })

  test("reports a clock that cannot be read for gaps and still receives the environment's signals", () => {
    const environment = new FakeEnvironment()
    const { world: one, clock, signals, reported } = world(environment)
    const fault = new Error('now')
    clock.now = () => {
      throw fault
    }
    one.start()
    environment.emit('online')
    one.stop()
    expect([signals, reported]).toEqual([['online'], [fault]])
  })

  test('is online and silent with a silent environment', () => {
    expect(silentEnvironment.online()).toBe(true)
    expect(() => silentEnvironment.subscribe(() => expect.unreachable())()).not.toThrow()
  })
})
