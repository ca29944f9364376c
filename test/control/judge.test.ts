import { describe, expect, test } from 'vitest'
import { Judge, type JudgeHost, type JudgeOptions } from '../../src/control/judge.js'
import type { BackoffInput } from '../../src/policies/backoff.js'
import type { Loss, RetryInput } from '../../src/policies/retry.js'
import { watchEscapes } from '../connection/support/life.js'

const loss = (
  attempt: number,
  { code = 1006, reason = '', status, serverDelay }: Partial<Loss['close'] & Loss> = {},
): Loss => ({
  close: { code, reason, wasClean: code !== 1006 },
  error: undefined,
  status,
  serverDelay,
  attempt,
})

function judge({ random = () => 0.5, ...options }: Partial<JudgeOptions> & { random?: () => number } = {}): {
  judge: Judge
  time: { now: number }
  reported: [what: string, thrown: unknown][]
} {
  const time = { now: 0 }
  const reported: [string, unknown][] = []
  const host: JudgeHost = {
    now: () => time.now,
    random,
    fail: (code, what, thrown) => {
      expect(code).toBe('ERR_POLICY')
      reported.push([what, thrown])
    },
  }
  const policies = { retry: undefined, backoff: () => 1_000, defaultBackoff: () => 777, maxServerDelay: 300_000 }
  return { judge: new Judge({ ...policies, ...options }, host), time, reported }
}

describe('the delay', () => {
  test.each([
    [1_000, 400, { delay: 1_400, hinted: false }],
    [1_000, 1_000, { delay: 2_000, hinted: true }],
    [1_000, 1_001, { delay: 2_001, hinted: true }],
    [0, 1_000, { delay: 1_000, hinted: true }],
    [0, undefined, { delay: 0, hinted: false }],
    [Infinity, 400, { delay: Infinity, hinted: false }],
    [1_000, 300_000, { delay: 301_000, hinted: true }],
    [1_000, 3_600_000, { delay: 301_000, hinted: true }],
  ])('of a backoff of %d ms after a server that asks for %d ms is their sum', (own, serverDelay, expected) => {
    const one = judge({ backoff: () => own }).judge
    expect(one.judge(loss(1, { serverDelay }), undefined)).toEqual({ retry: true, ...expected })
  })

  test.each([
    [3_600_000, 3_601_000],
    [Infinity, 86_401_000],
    [0, 1_000],
  ])('follows a server up to maxServerDelay: %d ms', (maxServerDelay, delay) => {
    expect(judge({ maxServerDelay }).judge.judge(loss(1, { serverDelay: 86_400_000 }), undefined)).toMatchObject({
      delay,
    })
  })

  test('after a 1013 is no shorter than its own wait, which has jitter, nor than what the server asks for and the backoff', () => {
    const after = (serverDelay: number): unknown =>
      judge({ random: () => 0.5 }).judge.judge(loss(1, { code: 1013, serverDelay }), undefined)
    expect(after(1_500)).toMatchObject({ delay: 3_000, hinted: true })
    expect(after(2_500)).toMatchObject({ delay: 3_500, hinted: true })
  })

  test('grows with each 1013 in a row, but not when an HTTP status came with it', () => {
    const { judge: one } = judge({ random: () => 0 })
    const delays = [1, 2, 3].map((attempt) => one.judge(loss(attempt, { code: 1013 }), undefined))
    expect(delays).toMatchObject([{ delay: 2_000 }, { delay: 15_000 }, { delay: 30_000 }])
    expect(judge().judge.judge(loss(1, { code: 1013, status: 500 }), undefined)).toMatchObject({ delay: 1_000 })
  })

  test('backoff is told what it said before and what the server asks for; after a stable link only the latter', () => {
    const heard: BackoffInput[] = []
    const { judge: one } = judge({ backoff: (input) => (heard.push(input), 100 * heard.length) })
    one.judge(loss(1, { serverDelay: 9_000_000 }), undefined)
    one.judge(loss(2), undefined)
    one.judge(loss(1), undefined)
    expect(heard.map(({ attempt, previous, serverDelay }) => [attempt, previous, serverDelay])).toEqual([
      [1, undefined, 9_000_000],
      [2, 100, undefined],
      [1, undefined, undefined],
    ])
  })
})

describe('a streak', () => {
  const verdicts = (...losses: Loss[]): boolean[] => {
    const { judge: one } = judge()
    return losses.map((each) => one.judge(each, undefined).retry)
  }
  const rapid = { code: 1008 }

  test('ends with a loss of another kind', () => {
    expect(verdicts(loss(1, rapid), loss(2, rapid), loss(3), loss(4, rapid), loss(5, rapid), loss(6, rapid))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ])
  })

  test('ends when the link was stable in between', () => {
    expect(verdicts(loss(1, rapid), loss(2, rapid), loss(1, rapid), loss(2, rapid), loss(3, rapid))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ])
  })
})

describe('a policy', () => {
  test('retry hears the loss and what happens by default', () => {
    const heard: RetryInput[] = []
    const { judge: one } = judge({ retry: (input) => void heard.push(input) })
    one.judge(loss(1), undefined)
    one.judge(loss(2, { code: 1002 }), undefined)
    one.judge(loss(3), { error: undefined as never, fatal: true })
    expect(heard).toEqual([
      { ...loss(1), byDefault: true },
      { ...loss(2, { code: 1002 }), byDefault: false },
      { ...loss(3), byDefault: false },
    ])
  })

  test.each([true, false])('retry that says %s has the last word', (answer) => {
    const { judge: one, reported } = judge({ retry: () => answer })
    expect(one.judge(loss(1, { code: 1002 }), undefined).retry).toBe(answer)
    expect(one.judge(loss(2), undefined).retry).toBe(answer)
    expect(reported).toEqual([])
  })

  test('that answers with a promise is reported once: its rejection goes no further', async () => {
    const escapes = watchEscapes()
    const { judge: one, reported } = judge({
      retry: () => Promise.reject(new Error('retry')) as never,
      backoff: () => Promise.reject(new Error('backoff')) as never,
    })
    expect(one.judge(loss(1), undefined)).toMatchObject({ delay: 777 })
    expect(reported.map(([what]) => what)).toEqual(['retry', 'backoff'])
    await escapes.stop()
    expect(escapes.escaped).toEqual([])
  })

  test.each([[1], ['yes'], [null], [{}]])('retry that answers %o is reported, and the default holds', (answer) => {
    const { judge: one, reported } = judge({ retry: () => answer as never })
    expect(one.judge(loss(1, { code: 1002 }), undefined)).toEqual({ retry: false })
    expect(one.judge(loss(2), undefined).retry).toBe(true)
    expect(reported).toEqual([
      ['retry', expect.any(TypeError)],
      ['retry', expect.any(TypeError)],
    ])
  })

  test('retry that answers undefined keeps the default, and is not reported', () => {
    const { judge: one, reported } = judge({ retry: () => undefined })
    expect(one.judge(loss(1), undefined).retry).toBe(true)
    expect(reported).toEqual([])
  })

  test('that throws is reported, and the default holds', () => {
    const fault = new Error('policy')
    const broken = (): never => {
      throw fault
    }
    const { judge: one, reported } = judge({ retry: broken, backoff: broken })
    expect(one.judge(loss(1), undefined)).toEqual({ retry: true, delay: 777, hinted: false })
    expect(reported).toEqual([
      ['retry', fault],
      ['backoff', fault],
    ])
  })

  test.each([[-1], [NaN], ['5'], [undefined]])(
    'backoff that answers %o is reported, and the default holds',
    (answer) => {
      const { judge: one, reported } = judge({ backoff: () => answer as never })
      expect(one.judge(loss(1), undefined)).toMatchObject({ delay: 777 })
      expect(reported).toEqual([['backoff', expect.any(TypeError)]])
    },
  )
})

describe('the wait after a hint of the world', () => {
  test.each([
    ['online', 500],
    ['visible', 500],
    ['offline', 60_000],
    ['stashed', 60_000],
  ] as const)('%s: %i ms, and never before the wait is over that the server asked for', (signal, own) => {
    const { judge: one, time } = judge()
    expect(one.waitAfter(signal)).toBe(own)
    one.judge(loss(1, { serverDelay: 100_000 }), undefined)
    time.now = 10_000
    // What spreads a herd is added to what all of it was told; a wait for the network needs no more.
    const alone = own > 1_000
    expect(one.waitAfter(signal)).toBe(alone ? 90_000 : 90_000 + own)
    time.now = 99_900
    expect(one.waitAfter(signal)).toBe(alone ? own : 100 + own)
    time.now = 100_000
    expect(one.waitAfter(signal)).toBe(own)
  })
})
