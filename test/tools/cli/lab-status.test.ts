import { describe, expect, test } from 'vitest'
import { liveRows, type Live } from '../../../src/tools/cli/lab/rows.js'
import { plain } from '../../../src/tools/cli/terminal/style.js'
import { paintLine, widthOf } from '../../../src/tools/cli/terminal/text.js'
import { ConnectionError, type ConnectionStatus, type Loss } from '../../../src/index.js'

const wall = 1_000_000
const heartbeatLost: Loss = {
  close: { code: 4000, reason: 'heartbeat timeout', wasClean: false },
  error: new ConnectionError('ERR_HEARTBEAT_TIMEOUT', 'silent'),
  status: undefined,
  attempt: 1,
}
const refused: Loss = {
  close: { code: 1006, reason: '', wasClean: false },
  error: new ConnectionError('ERR_HANDSHAKE', 'refused', { status: 503 }),
  status: 503,
  attempt: 11,
}
const rude: Loss = {
  close: { code: 1012, reason: `bye\u001b[2J\r\n${'x'.repeat(100)}`, wasClean: true },
  error: undefined,
  status: undefined,
  attempt: 1,
}

const common = { attempt: 1, retryAt: undefined, loss: undefined } as const
const statuses: ConnectionStatus[] = [
  { ...common, state: 'idle', why: 'new', readyState: 3, willRetry: false },
  { ...common, state: 'connecting', why: 'open', readyState: 0, willRetry: true, phase: 'handshaking' },
  { ...common, state: 'open', why: 'open', readyState: 1, willRetry: true, stable: true },
  { ...common, state: 'closing', why: 'close', readyState: 2, willRetry: false },
  { ...common, state: 'ended', why: 'close', readyState: 3, willRetry: false },
  { ...common, state: 'ended', why: 'close-timeout', readyState: 3, willRetry: false },
  { ...common, state: 'ended', why: 'refused', readyState: 3, willRetry: false, loss: rude },
  ...([heartbeatLost, refused, rude] as const).map((loss): ConnectionStatus => {
    const wait = { delay: 4_000, retryAt: wall + 1_234, hinted: loss === refused }
    return { state: 'backoff', why: 'closed', readyState: 3, willRetry: true, attempt: loss.attempt + 1, loss, ...wait }
  }),
  {
    ...common,
    state: 'suspended',
    why: 'offline',
    readyState: 3,
    willRetry: true,
    delay: 60_000,
    retryAt: wall + 60_000,
    hinted: false,
  },
]

const live = (status: ConnectionStatus, more: Partial<Live> = {}): Live => ({
  status,
  wall,
  totals: { sent: 135, echoed: 120, uncertain: 12 },
  queued: 3,
  rtt: 1.23,
  silence: 0,
  ...more,
})
const text = (of: Live, width: number): string[] => liveRows(of, width).map((line) => paintLine(line, plain))
const open = statuses[2]!
const backoff = statuses[7]!

describe.each([132, 79, 60, 59, 39, 12, 1])('at %i columns', (width) => {
  test.each(statuses)('$state ($why) is never wider than the terminal', (status) => {
    const huge = {
      totals: { sent: 1_234_567, echoed: 1_234_567, uncertain: 98_765 },
      queued: 1_000,
      rtt: 1_400,
      silence: 12_345,
    }
    for (const more of [{}, huge]) {
      for (const line of liveRows(live(status, more), width)) expect(widthOf(line)).toBeLessThanOrEqual(width)
    }
  })

  test('has the same number of rows in every state', () => {
    expect(new Set(statuses.map((status) => liveRows(live(status), width).length)).size).toBe(1)
  })

  test('contains no control characters', () => {
    // oxlint-disable-next-line no-control-regex -- the test looks for them
    for (const status of statuses) expect(text(live(status), width).join('')).not.toMatch(/[\u0000-\u001f]/)
  })
})

test('the status takes one row on a wide terminal, two at 80 columns, three at 40', () => {
  const traffic = 'sent 135 echoed 120 queued 3 uncertain 12'
  expect(text(live(backoff), 120)).toEqual([`backoff: heartbeat timeout (4000) · attempt 2 in 1.3 s · ${traffic}`])
  expect(text(live(backoff), 79)).toEqual(['backoff: heartbeat timeout (4000) · attempt 2 in 1.3 s', traffic])
  expect(text(live(backoff), 39)).toEqual([
    'backoff: heartbeat timeout (4000)',
    'attempt 2 in 1.3 s',
    'out 135 in 120 q 3 unc 12',
  ])
})

test('an open link shows its round trip, and a long silence', () => {
  expect(text(live(open), 79)[0]).toBe('open: stable · attempt 1 · rtt 1.2 ms')
  expect(text(live(open, { rtt: 43.6 }), 79)[0]).toMatch(/rtt 44 ms$/)
  expect(text(live(open, { rtt: 1_402, silence: 1_840 }), 79)[0]).toBe(
    'open: silent for 1.8 s · attempt 1 · rtt 1.40 s',
  )
  expect(text(live(open, { rtt: undefined }), 79)[0]).toBe('open: stable · attempt 1')
})

test('a delay the server asked for says so, if it fits', () => {
  expect(text(live(statuses[8]!), 79)[0]).toBe('backoff: HTTP 503 · attempt 12 in 1.3 s, as the server asked')
  expect(text(live(statuses[8]!), 39)[1]).toBe('attempt 12 in 1.3 s')
})

test('the countdown never goes below zero', () => {
  expect(text(live(backoff, { wall: wall + 9_999 }), 79)[0]).toMatch(/attempt 2 in 0\.0 s$/)
})

test('an ended connection says why', () => {
  expect(text(live(statuses[4]!), 39)[0]).toBe('ended: closed by you')
  expect(text(live(statuses[6]!), 79)[0]).toMatch(/^ended: closed 1012 bye \[2J x+…$/)
})
