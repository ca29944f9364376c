import { expect, test } from 'vitest'
import { describeHappening, type Happening } from '../../../src/tools/cli/status/journal.js'
import { describeEnding, type Ending } from '../../../src/tools/cli/status/ending.js'
import { ConnectionError, type CloseEvent } from '../../../src/index.js'

const ending: Ending = { code: 1006, reason: '', error: undefined, status: undefined }
const socketError = (code: string): ConnectionError =>
  new ConnectionError('ERR_SOCKET', 'failed', { cause: Object.assign(new Error('connect'), { code }) })

test.each<[string, Partial<Ending>]>([
  ['idle link cut (1006); try a shorter --interval', { code: 1006, error: new ConnectionError('ERR_IDLE_CUT', '') }],
  ['heartbeat timeout (4000)', { code: 4000, error: new ConnectionError('ERR_HEARTBEAT_TIMEOUT', '') }],
  ['connect timeout', { error: new ConnectionError('ERR_CONNECT_TIMEOUT', '') }],
  ['HTTP 503', { status: 503, error: new ConnectionError('ERR_HANDSHAKE', '', { status: 503 }) }],
  ['ECONNREFUSED', { error: socketError('ECONNREFUSED') }],
  ['cut off (1006)', {}],
  ['closed 1012 restart', { code: 1012, reason: 'restart' }],
  ['closed 1001', { code: 1001 }],
])('an ending is described as %s', (words, more) => {
  expect(describeEnding({ ...ending, ...more })).toBe(words)
})

const event: CloseEvent = {
  ...ending,
  code: 4000,
  wasClean: false,
  error: new ConnectionError('ERR_HEARTBEAT_TIMEOUT', ''),
  attempt: 1,
  willRetry: true,
  delay: 812,
  uncertain: { messages: 3, bytes: 9 },
}

test.each<[string, Omit<Happening, 'at'>]>([
  ['open', { what: 'open', attempt: 1, flushed: 0 } as never],
  ['open again, attempt 3; sent 1 queued message', { what: 'open', attempt: 3, flushed: 1 } as never],
  [
    'lost: heartbeat timeout (4000), 3 messages uncertain · attempt 2 in 0.8 s',
    { what: 'lost', event, hinted: false, unechoed: 3 } as never,
  ],
  [
    'lost: heartbeat timeout (4000), 3 messages uncertain, 4 without an echo · attempt 2 in 0.8 s',
    { what: 'lost', event, hinted: false, unechoed: 4 } as never,
  ],
  [
    'attempt 1 failed: HTTP 503 · attempt 2 in 0.8 s, as the server asked',
    {
      what: 'failed',
      event: { ...event, status: 503, uncertain: { messages: 0, bytes: 0 } },
      hinted: true,
      unechoed: 0,
    } as never,
  ],
  [
    'ended: closed 1000 by hand',
    {
      what: 'lost',
      event: {
        ...event,
        code: 1000,
        reason: 'by hand',
        error: undefined,
        willRetry: false,
        delay: undefined,
        uncertain: { messages: 0, bytes: 0 },
      },
      hinted: false,
      unechoed: 0,
    } as never,
  ],
])('%s', (words, happening) => {
  expect(describeHappening({ at: 0, ...happening } as Happening)).toBe(words)
})
