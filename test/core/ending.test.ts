import { expect, test } from 'vitest'
import { describeEnd, endedError } from '../../src/core/ending.js'
import type { ConnectionStatus } from '../../src/core/status.types.js'
import { ConnectionError } from '../../src/core/errors.js'

const nothing = { close: undefined, failure: undefined }
const abnormal = { code: 1006, reason: '', wasClean: false }
const error = new ConnectionError('ERR_SOCKET', 'failed')

test.each(['heartbeat-timeout', 'connect-timeout', 'reconnect', 'closed'] as const)(
  "the attempt's own record of its end overrides the chart's %s",
  (why) => {
    const close = { code: 1012, reason: 'restart', wasClean: true }
    expect(describeEnd({ close, failure: undefined }, why, { code: 4123 })).toEqual({ close, error: undefined })
    expect(describeEnd({ close, failure: { error } }, why, {})).toEqual({ close, error })
    expect(describeEnd({ close: undefined, failure: { error } }, why, {})).toEqual({ close: abnormal, error })
  },
)

test('a silent link ends with 4000 and states the cause', () => {
  expect(describeEnd(nothing, 'heartbeat-timeout', { code: 4123, reason: 'x' })).toEqual({
    close: { code: 4000, reason: 'heartbeat timeout', wasClean: false },
    error: expect.objectContaining({ code: 'ERR_HEARTBEAT_TIMEOUT' }) as unknown,
  })
})

test('an attempt that takes too long ends as cut off', () => {
  expect(describeEnd(nothing, 'connect-timeout', {})).toEqual({
    close: abnormal,
    error: expect.objectContaining({ code: 'ERR_CONNECT_TIMEOUT' }) as unknown,
  })
})

test.each(['reconnect', 'open', 'online', 'bfcached'] as const)('%s ends with the given code, or with 4000', (why) => {
  for (const given of [{}, undefined]) {
    expect(describeEnd(nothing, why, given)).toEqual({
      close: { code: 4000, reason: '', wasClean: false },
      error: undefined,
    })
  }
  expect(describeEnd(nothing, why, { code: 4123, reason: 'rotate' })).toEqual({
    close: { code: 4123, reason: 'rotate', wasClean: false },
    error: undefined,
  })
})

test.each(['close', 'close-timeout', 'closed', 'refused'] as const)(
  '%s without a close frame ends abnormally',
  (why) => {
    expect(describeEnd(nothing, why, { code: 1000, reason: 'bye' })).toEqual({ close: abnormal, error: undefined })
  },
)

test.each<[string, Partial<ConnectionStatus>, object]>([
  ['a defect has that as its cause', { why: 'internal' }, { cause: error }],
  [
    'a defect after a loss has the defect as its cause',
    { why: 'internal', loss: { close: abnormal } as never },
    { cause: error },
  ],
  [
    'a refusal has its error as the cause',
    { why: 'refused', loss: { close: abnormal, error, status: 401 } as never },
    { cause: error, status: 401 },
  ],
  [
    'a refusal without an error has its close as the cause',
    { why: 'refused', loss: { close: abnormal } as never },
    { cause: abnormal },
  ],
  ['a refusal before any loss has no cause', { why: 'refused' }, {}],
  [
    'a close has no cause',
    { why: 'close', loss: { close: abnormal, error, status: 401 } as never },
    { cause: undefined, status: undefined },
  ],
])('the error of a call after %s', (_, status, expected) => {
  const ended = { state: 'ended', loss: undefined, ...status } as ConnectionStatus
  const { code, cause, status: http } = endedError('send()', ended, error)
  expect({ code, cause, status: http }).toEqual({ code: 'ERR_ENDED', cause: undefined, status: undefined, ...expected })
})
