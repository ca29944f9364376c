import { describe, expect, test } from 'vitest'
import { statusRow, type View } from '../../../../src/tools/cli/connect/row.js'
import { plain } from '../../../../src/tools/cli/terminal/style.js'
import { paintLine, widthOf } from '../../../../src/tools/cli/terminal/text.js'
import type { ConnectionStatus } from '../../../../src/index.js'

const wall = 1_000_000
const common = { attempt: 1, retryAt: undefined, loss: undefined } as const
const open: ConnectionStatus = { ...common, state: 'open', why: 'open', readyState: 1, willRetry: true, stable: true }
const backoff: ConnectionStatus = {
  state: 'backoff',
  why: 'closed',
  readyState: 3,
  willRetry: true,
  attempt: 12,
  delay: 4_000,
  retryAt: wall + 1_234,
  hinted: true,
  loss: { close: { code: 1006, reason: '', wasClean: false }, error: undefined, status: 503, attempt: 11 },
}
const view = (status: ConnectionStatus, more: Partial<View> = {}): View => ({
  status,
  wall,
  counters: { sent: 3, received: 120, queued: 2 },
  rtt: 1.23,
  uncertain: 0,
  ...more,
})
const text = (of: View, width: number): string => paintLine(statusRow(of, width), plain)

test('shows state, reason, attempt, next retry, round trip and traffic', () => {
  expect(text(view(open), 79)).toBe('open: stable · rtt 1.2 ms · sent 3 received 120 queued 2')
  expect(text(view(backoff, { uncertain: 1 }), 120)).toBe(
    'backoff: HTTP 503 · attempt 12 in 1.3 s, as the server asked · sent 3 received 120 queued 2 · 1 message uncertain',
  )
  expect(text(view(backoff), 79)).toBe('backoff: HTTP 503 · attempt 12 in 1.3 s · sent 3 received 120 queued 2')
  expect(text(view(backoff), 60)).toBe('backoff: HTTP 503 · attempt 12 in 1.3 s · out 3 in 120 q 2')
})

test('shows what a session has not acknowledged', () => {
  const waiting = view(open, { unacknowledged: 4 })
  expect(text(waiting, 79)).toBe('open: stable · rtt 1.2 ms · sent 3 received 120 queued 2 unacknowledged 4')
  expect(text(waiting, 60)).toBe('open: stable · rtt 1.2 ms · out 3 in 120 q 2 u 4')
})

describe.each([132, 79, 40, 12, 1])('at %i columns', (width) => {
  test('is one row, never wider', () => {
    const huge = { counters: { sent: 1_234_567, received: 12_345_678, queued: 1_000 }, uncertain: 98_765 }
    for (const status of [open, backoff]) {
      for (const more of [{}, huge]) {
        const line = statusRow(view(status, more), width)
        expect(widthOf(line)).toBeLessThanOrEqual(width)
        expect(paintLine(line, plain)).not.toContain('\n')
      }
    }
  })
})
