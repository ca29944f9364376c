import { expect, test } from 'vitest'
import { describeEnd } from '../../src/core/ending.js'
import { ConnectionError } from '../../src/errors.js'

const nothing = { close: undefined, failure: undefined }
const abnormal = { code: 1006, reason: '', wasClean: false }
const error = new ConnectionError('ERR_SOCKET', 'failed')

test.each(['heartbeat-timeout', 'connect-timeout', 'reconnect', 'closed'] as const)(
  'what the attempt knows of its own end counts, though the chart says %s',
  (why) => {
    const close = { code: 1012, reason: 'restart', wasClean: true }
    expect(describeEnd({ close, failure: undefined }, why, { code: 4123 })).toEqual({ close, error: undefined })
    expect(describeEnd({ close, failure: { error } }, why, {})).toEqual({ close, error })
    expect(describeEnd({ close: undefined, failure: { error } }, why, {})).toEqual({ close: abnormal, error })
  },
)

test('a silent link ends with 4000, and says what it died of', () => {
  expect(describeEnd(nothing, 'heartbeat-timeout', { code: 4123, reason: 'x' })).toEqual({
    close: { code: 4000, reason: 'heartbeat timeout', wasClean: false },
    error: expect.objectContaining({ code: 'ERR_HEARTBEAT_TIMEOUT' }) as unknown,
  })
})

test('an attempt that takes too long ends as one that was cut', () => {
  expect(describeEnd(nothing, 'connect-timeout', {})).toEqual({
    close: abnormal,
    error: expect.objectContaining({ code: 'ERR_CONNECT_TIMEOUT' }) as unknown,
  })
})

test.each(['reconnect', 'open', 'online', 'stashed'] as const)('%s ends with what we said, or with 4000', (why) => {
  expect(describeEnd(nothing, why, {})).toEqual({
    close: { code: 4000, reason: '', wasClean: false },
    error: undefined,
  })
  expect(describeEnd(nothing, why, { code: 4123, reason: 'rotate' })).toEqual({
    close: { code: 4123, reason: 'rotate', wasClean: false },
    error: undefined,
  })
})

test.each(['close', 'close-timeout', 'closed', 'refused'] as const)(
  '%s, and no close was seen: it is abnormal',
  (why) => {
    expect(describeEnd(nothing, why, { code: 1000, reason: 'bye' })).toEqual({ close: abnormal, error: undefined })
  },
)
