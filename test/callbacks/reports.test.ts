// Whatever an app's function does, it is reported once where the app expects it, nothing escapes, and the connection
// continues.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { watchEscapes } from '../connection/support/life.js'
import { bites, live, seams, types, type BiteName, type Outcome, type Seam } from './seams.js'

/**
 * How a fault is reported: by an `error` event, by the `error` of a `close` event, or by an exception from the app's
 * own call.
 */
type Told = { readonly event: string } | { readonly close: string } | { readonly caller: readonly string[] }

const connectionSeams: Partial<Record<Seam, Told>> = {
  ...Object.fromEntries(
    types.filter((type) => type !== 'error').map((type) => [`on ${type}`, { event: 'ERR_LISTENER' }]),
  ),
  subscribe: { event: 'ERR_LISTENER' },
  observable: { event: 'ERR_LISTENER' },
  inspect: { event: 'ERR_INSPECTOR' },
  url: { close: 'ERR_PROVIDER' },
  'url signal': { event: 'ERR_LISTENER' },
  'url signal onabort': { event: 'ERR_LISTENER' },
  'url signal handleEvent': { event: 'ERR_LISTENER' },
  prepare: { close: 'ERR_PREPARE' },
  'prepare signal': { event: 'ERR_LISTENER' },
  'codec.encode': { caller: ['ERR_ENCODE', 'ERR_DATA'] },
  'codec.decode': { event: 'ERR_DECODE' },
  retry: { event: 'ERR_POLICY' },
  backoff: { event: 'ERR_POLICY' },
  'heartbeat.ping': { event: 'ERR_POLICY' },
  'heartbeat.classify': { event: 'ERR_POLICY' },
  'heartbeat.answer': { event: 'ERR_POLICY' },
  'environment.online': { event: 'ERR_ENVIRONMENT' },
  'environment.subscribe': { event: 'ERR_ENVIRONMENT' },
  'environment.unsubscribe': { event: 'ERR_ENVIRONMENT' },
  'clock.now': { event: 'ERR_ENVIRONMENT' },
  'clock.wall': { event: 'ERR_ENVIRONMENT' },
  'clock.setTimeout': { event: 'ERR_ENVIRONMENT' },
  'clock.clearTimeout': { event: 'ERR_ENVIRONMENT' },
  random: { event: 'ERR_ENVIRONMENT' },
}

/** Where the result is used as a value, an object that can't be converted is invalid. Elsewhere it is ignored. */
const needsValue: readonly Seam[] = [
  'url',
  'codec.encode',
  'retry',
  'backoff',
  'heartbeat.ping',
  'heartbeat.answer',
  'clock.now',
  'clock.wall',
  'random',
]

let escapes: ReturnType<typeof watchEscapes>

beforeEach(() => {
  escapes = watchEscapes()
})

afterEach(async () => {
  await escapes.stop()
  vi.restoreAllMocks()
  expect(escapes.escaped).toEqual([])
})

const ended = ({ states }: Outcome): number => states.filter((state) => state === 'ended').length

describe.each(Object.entries(connectionSeams) as [Seam, Told][])('%s', (seam, told) => {
  test.each(Object.keys(bites) as BiteName[])('is reported once for each call if it %s', async (bite) => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => {})
    const outcome = await live(seam, bites[bite], { listened: true })
    const { reached, errors, failures, thrown, states } = outcome
    expect(reached).toBeGreaterThan(0)
    const isHarmless = bite === 'returns an object that throws when it is converted' && !needsValue.includes(seam)
    const reports = isHarmless ? 0 : reached
    if ('event' in told) {
      expect(errors).toEqual(Array.from({ length: reports }, () => told.event))
    } else {
      expect(errors).toEqual([])
    }
    if ('close' in told) expect(failures.filter((code) => code === told.close)).toHaveLength(reports)
    if ('caller' in told) {
      expect(thrown).toHaveLength(reports)
      for (const each of thrown) expect(told.caller).toContain((each as { code: string }).code)
    } else {
      expect(thrown).toEqual([])
    }
    // Only the app's own `close` ends it.
    expect([ended(outcome), states.at(-1)]).toEqual([1, 'ended'])
    if (!('close' in told)) expect(states).toContain('open')
    expect(complaints).not.toHaveBeenCalled()
  })
})

describe('an error listener', () => {
  test.each(Object.keys(bites) as BiteName[])('is reported to the console for each call if it %s', async (bite) => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => {})
    const outcome = await live('on error', bites[bite])
    expect(outcome.reached).toBeGreaterThan(0)
    const isHarmless = bite === 'returns an object that throws when it is converted'
    expect(complaints).toHaveBeenCalledTimes(isHarmless ? 0 : outcome.reached)
    expect(ended(outcome)).toBe(1)
  })
})

describe.each(seams.filter((seam) => seam.startsWith('socket ')))('%s', (seam) => {
  test.each(Object.keys(bites) as BiteName[])('disturbs nothing and leaks no exception if it %s', async (bite) => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const outcome = await live(seam, bites[bite])
    expect(outcome.reached).toBeGreaterThan(0)
    expect(ended(outcome)).toBe(1)
    if (seam !== 'socket url' && seam !== 'socket protocols') expect(outcome.states).toContain('open')
  })
})

test('a drop-in listener that throws or rejects is reported with the original error', async () => {
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => {})
  const error = new Error('mine')
  const waysToFail = [
    () => {
      throw error
    },
    () => Promise.reject(error),
  ]
  for (const seam of ['socket onmessage', 'socket message listener', 'socket close handleEvent'] as const) {
    for (const fail of waysToFail) {
      complaints.mockClear()
      const { reached } = await live(seam, fail)
      expect(complaints.mock.calls).toEqual(Array.from({ length: reached }, () => [error]))
    }
  }
})
