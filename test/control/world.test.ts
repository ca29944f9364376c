import { afterEach, describe, expect, test, vi } from 'vitest'
import { pageEnvironment } from '../../src/control/environment.js'
import { onWake } from '../../src/control/wake.js'
import { TestClock } from '../../src/testing/clock.js'

describe('the wake detector', () => {
  test('one ticker serves all connections on a clock, and stops with the last of them', async () => {
    const clock = new TestClock()
    const woke: string[] = []
    const stops = ['a', 'b'].map((name) => onWake(clock, () => woke.push(name)))
    expect(clock.pending).toBe(1)
    clock.block(60_000)
    await clock.advance(0)
    expect(woke).toEqual(['a', 'b'])
    stops[0]!()
    stops[0]!()
    expect(clock.pending).toBe(1)
    stops[1]!()
    expect(clock.pending).toBe(0)
  })

  test('a tick that is a little late is no gap', async () => {
    const clock = new TestClock()
    const stop = onWake(clock, () => expect.unreachable())
    await clock.advance(60_000)
    clock.block(9_000)
    await clock.advance(60_000)
    stop()
  })

  test('a gap in either clock is one (T05)', async () => {
    const clock = new TestClock()
    let woke = 0
    const stop = onWake(clock, () => woke++)
    clock.sleep(60_000)
    await clock.advance(5_000)
    clock.block(60_000)
    await clock.advance(0)
    expect(woke).toBe(2)
    stop()
  })
})

describe('the environment of a page', () => {
  class FakePage extends EventTarget {
    visibilityState = 'visible'
  }

  afterEach(() => vi.unstubAllGlobals())

  function page(): {
    window: EventTarget
    document: FakePage
    told: string[]
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
    const told: string[] = []
    const stop = pageEnvironment.subscribe((signal) => told.push(signal))
    return { window, document, told, stop, listeners: () => listeners }
  }

  test('tells what the DOM tells, in our words, until it is stopped', () => {
    const { window, document, told, stop, listeners } = page()
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
    expect(told).toEqual([
      'offline',
      'online',
      'visible',
      'hidden',
      'frozen',
      'resumed',
      'visible',
      'stashed',
      'restored',
    ])
    stop()
    expect(listeners()).toBe(0)
    window.dispatchEvent(new Event('online'))
    expect(told).toHaveLength(9)
  })

  test('a page that is hidden from the start says so', () => {
    const { document, stop } = page()
    stop()
    document.visibilityState = 'hidden'
    const told: string[] = []
    pageEnvironment.subscribe((signal) => told.push(signal))()
    expect(told).toEqual(['hidden'])
  })

  test('where there is no page it is silent, and online', () => {
    vi.stubGlobal('navigator', undefined)
    expect(pageEnvironment.online()).toBe(true)
    vi.stubGlobal('navigator', { onLine: false })
    expect(pageEnvironment.online()).toBe(false)
    vi.stubGlobal('navigator', {})
    expect(pageEnvironment.online()).toBe(true)
    expect(() => pageEnvironment.subscribe(() => {})()).not.toThrow()
  })
})
