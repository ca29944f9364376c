import { describe, expect, test } from 'vitest'
import type { ConnectionContext } from '../../machines/connection.types.js'
import type { ChartState } from '../../src/core/engine/engine.types.js'
import { brokenStatus, isSame, statusOf } from '../../src/core/status.js'
import type { ConnectionStatus } from '../../src/core/status.types.js'
import type { Loss } from '../../src/core/policies/retry.js'

const loss = { attempt: 3 } as unknown as Loss
const clock = { wall: () => 1_000_000 }

function status(state: ChartState, value: object = {}, context: Partial<ConnectionContext> = {}): ConnectionStatus {
  const all = { failures: 2, why: 'open', wait: 500, hinted: true, ...context } as ConnectionContext
  return statusOf({ state, value, context: all }, loss, clock)
}

describe('the status', () => {
  test.each([
    ['idle', 3, false],
    ['connecting', 0, true],
    ['open', 1, true],
    ['closing', 2, false],
    ['backoff', 3, true],
    ['suspended', 3, true],
    ['ended', 3, false],
  ] as const)('in %s has the ready state %i and willRetry %s', (state, readyState, willRetry) => {
    expect(status(state)).toMatchObject({ state, readyState, willRetry, why: 'open', attempt: 3, loss })
  })

  test('shows the phase of connecting', () => {
    expect(status('connecting', { live: { connecting: 'handshake' } })).toMatchObject({ phase: 'handshake' })
  })

  test('shows whether an open link is stable, and no phase', () => {
    const open = (stability: string): ConnectionStatus => status('open', { live: { open: { stability } } })
    expect(open('stable')).toMatchObject({ stable: true })
    expect(open('settling')).toMatchObject({ stable: false })
    expect(open('stable')).not.toHaveProperty('phase')
  })

  test.each(['backoff', 'suspended'] as const)('in %s shows the delay and when it ends', (state) => {
    expect(status(state)).toMatchObject({ delay: 500, retryAt: 1_000_500, hinted: true })
  })

  test.each(['idle', 'connecting', 'open', 'closing', 'ended'] as const)('in %s shows no delay', (state) => {
    const shown = status(state)
    expect(shown.retryAt).toBeUndefined()
    expect(shown).not.toHaveProperty('delay')
    expect(shown).not.toHaveProperty('hinted')
  })
})

describe('two statuses are the same', () => {
  test('if only the end of the wait differs', () => {
    const one = status('backoff')
    expect(isSame(one, { ...one, retryAt: 5 })).toBe(true)
  })

  test.each(['state', 'readyState', 'willRetry', 'why', 'attempt', 'loss', 'delay', 'hinted'])(
    'unless %s differs',
    (name) => {
      const one = status('backoff')
      expect(isSame(one, { ...one, [name]: 'another' })).toBe(false)
    },
  )
})

test('after an internal error the connection has ended and keeps its last attempt and loss', () => {
  const broken = brokenStatus(status('open'))
  expect(broken).toEqual({
    state: 'ended',
    readyState: 3,
    willRetry: false,
    why: 'internal',
    retryAt: undefined,
    attempt: 3,
    loss,
  })
  expect(Object.isFrozen(broken)).toBe(true)
})
