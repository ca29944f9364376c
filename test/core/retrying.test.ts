import { describe, expect, test } from 'vitest'
import type { CoreBackoffEvent, CoreOptions } from '../../src/core/connected.js'
import { Core } from '../../src/core/core.js'
import { hints } from '../../src/core/features/hints.js'
import { ConnectionError } from '../../src/core/errors.js'
import { jitter, type BackoffInput } from '../../src/core/policies/backoff.js'
import { noHeartbeat } from '../../src/core/policies/heartbeat.js'
import type { RetryInput } from '../../src/core/policies/retry.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import type { FailureDetail } from '../../src/core/transport.js'
import { watchEscapes } from '../connection/support/life.js'

/** How a link ends, and with `status` that it was refused. */
interface End {
  code?: number
  reason?: string
  status?: number
  fatal?: boolean
  /** By `Retry-After`. Milliseconds. */
  retryAfter?: number
  /** It was stable before. */
  stable?: boolean
}

type Verdict = Pick<CoreBackoffEvent, 'delay' | 'hinted'> | 'ended'

function deciding({ maxServerDelay, ...options }: Partial<CoreOptions> & { maxServerDelay?: number } = {}): {
  core: Core
  /** The next link, or attempt, ends like this; what comes of it. */
  lose(end?: End): Promise<Verdict>
  /** What was reported: what it was about, and the cause. */
  reported: [what: string, thrown: unknown][]
} {
  const clock = new TestClock()
  const transport = new FakeTransport()
  const core = new Core('ws://server.test/', {
    transport,
    clock,
    random: () => 0.5,
    heartbeat: noHeartbeat(),
    backoff: () => 1_000,
    features: [hints(maxServerDelay)],
    ...options,
  })
  const reported: [string, unknown][] = []
  core.events.add('error', ({ code, message, cause }: ConnectionError) => {
    expect(code).toBe('ERR_POLICY')
    reported.push([message.replace(/ failed.*/, ''), cause])
  })
  let last: Verdict | undefined
  core.events.add('backoff', ({ delay, hinted }: CoreBackoffEvent) => void (last = { delay, hinted }))
  return {
    core,
    reported,
    async lose({ code = 1006, reason = '', stable, ...detail }: End = {}) {
      if (core.status.state !== 'connecting') core.command('RECONNECT')
      await settle()
      last = undefined
      if (detail.status === undefined) transport.last.accept()
      await settle()
      if (stable) core.command('HEALTHY')
      const failure: FailureDetail = { error: new Error('lost'), ...detail }
      const known = Object.keys(detail).length > 0
      transport.last.end({ code, reason, wasClean: code !== 1006 }, known ? failure : undefined)
      await settle()
      return last ?? (core.status.state as 'ended')
    },
  }
}

describe('the delay', () => {
  test.each<[number, number | undefined, Verdict]>([
    [1_000, 400, { delay: 1_400, hinted: false }],
    [1_000, 1_000, { delay: 2_000, hinted: true }],
    [1_000, 1_001, { delay: 2_001, hinted: true }],
    [0, 1_000, { delay: 1_000, hinted: true }],
    [0, undefined, { delay: 0, hinted: false }],
    [Infinity, 400, { delay: Infinity, hinted: false }],
    [1_000, 300_000, { delay: 301_000, hinted: true }],
    [1_000, 3_600_000, { delay: 301_000, hinted: true }],
  ])('of a backoff of %d ms after a server that asks for %d ms is their sum', async (own, serverDelay, expected) => {
    const { lose } = deciding({ backoff: () => own })
    expect(await lose(serverDelay === undefined ? {} : { retryAfter: serverDelay })).toEqual(expected)
  })

  test.each([
    [3_600_000, 3_601_000],
    [Infinity, 86_401_000],
    [0, 1_000],
  ])('follows a server up to maxServerDelay: %d ms', async (maxServerDelay, delay) => {
    expect(await deciding({ maxServerDelay }).lose({ retryAfter: 86_400_000 })).toMatchObject({ delay })
  })

  test('after a 1013 is no shorter than its own wait, which has jitter, nor than what the server asks for and the backoff', async () => {
    const after = (retryAfter: number): Promise<Verdict> => deciding().lose({ code: 1013, retryAfter })
    expect(await after(1_500)).toMatchObject({ delay: 3_000, hinted: true })
    expect(await after(2_500)).toMatchObject({ delay: 3_500, hinted: true })
  })

  test('grows with each 1013 in a row, but not when an HTTP status came with it', async () => {
    const { lose } = deciding({ random: () => 0 })
    const delays = [await lose({ code: 1013 }), await lose({ code: 1013 }), await lose({ code: 1013 })]
    expect(delays).toMatchObject([{ delay: 2_000 }, { delay: 15_000 }, { delay: 30_000 }])
    expect(await deciding().lose({ code: 1013, status: 500 })).toMatchObject({ delay: 1_000 })
  })

  test('backoff is told what it said before and what the server asks for; after a stable link only the latter', async () => {
    const heard: BackoffInput[] = []
    const { lose } = deciding({ backoff: (input) => (heard.push(input), 100 * heard.length) })
    await lose({ retryAfter: 9_000_000 })
    await lose()
    await lose({ stable: true })
    expect(heard.map(({ attempt, previous, serverDelay }) => [attempt, previous, serverDelay])).toEqual([
      [1, undefined, 9_000_000],
      [2, 100, undefined],
      [1, undefined, undefined],
    ])
  })

  test('without `hints` is the backoff alone, and what can never succeed ends it', async () => {
    const { lose } = deciding({ features: [] })
    expect(await lose({ code: 1013, retryAfter: 60_000 })).toEqual({ delay: 1_000, hinted: false })
    expect(await lose({ code: 1002 })).toEqual({ delay: 1_000, hinted: false })
    expect(await lose({ fatal: true })).toBe('ended')
  })
})

describe('a streak', () => {
  const verdicts = async (...ends: End[]): Promise<boolean[]> => {
    const { lose } = deciding()
    const answers: boolean[] = []
    for (const end of ends) answers.push((await lose(end)) !== 'ended')
    return answers
  }
  const rapid = { code: 1008 }

  test('ends with a loss of another kind', async () => {
    expect(await verdicts(rapid, rapid, {}, rapid, rapid, rapid)).toEqual([true, true, true, true, true, false])
  })

  test('ends when the link was stable in between', async () => {
    expect(await verdicts(rapid, rapid, { ...rapid, stable: true }, rapid, rapid)).toEqual([
      true,
      true,
      true,
      true,
      false,
    ])
  })
})

describe('a policy', () => {
  const loss = (attempt: number, code = 1006): object => ({
    close: { code, reason: '', wasClean: code !== 1006 },
    error: undefined,
    status: undefined,
    serverDelay: undefined,
    attempt,
  })

  test('retry hears the loss and what happens by default', async () => {
    const heard: RetryInput[] = []
    const { lose } = deciding({ retry: (input) => (heard.push(input), true) })
    await lose()
    await lose({ code: 1002 })
    await lose({ fatal: true })
    expect(heard).toEqual([
      { ...loss(1), byDefault: true },
      { ...loss(2, 1002), byDefault: false },
      { ...loss(3), error: expect.any(ConnectionError) as unknown, byDefault: false },
    ])
  })

  test.each([true, false])('retry that says %s has the last word', async (answer) => {
    const { lose, reported } = deciding({ retry: () => answer })
    expect((await lose({ code: 1002 })) !== 'ended').toBe(answer)
    expect((await lose()) !== 'ended').toBe(answer)
    expect(reported).toEqual([])
  })

  const byDefault = jitter({ attempt: 1, previous: undefined, random: () => 0.5 })

  test('that answers with a promise is reported once: its rejection goes no further', async () => {
    const escapes = watchEscapes()
    const { lose, reported } = deciding({
      retry: () => Promise.reject(new Error('retry')) as never,
      backoff: () => Promise.reject(new Error('backoff')) as never,
    })
    expect(await lose()).toMatchObject({ delay: byDefault })
    expect(reported.map(([what]) => what)).toEqual(['retry', 'backoff'])
    await escapes.stop()
    expect(escapes.escaped).toEqual([])
  })

  test.each([[1], ['yes'], [null], [{}]])(
    'retry that answers %o is reported, and the default holds',
    async (answer) => {
      const { lose, reported } = deciding({ retry: () => answer as never })
      expect(await lose({ code: 1002 })).toBe('ended')
      expect(await lose()).not.toBe('ended')
      expect(reported).toEqual([
        ['retry', expect.any(TypeError)],
        ['retry', expect.any(TypeError)],
      ])
    },
  )

  test('retry that answers undefined keeps the default, and is not reported', async () => {
    const { lose, reported } = deciding({ retry: () => undefined })
    expect(await lose()).not.toBe('ended')
    expect(reported).toEqual([])
  })

  test('that throws is reported, and the default holds', async () => {
    const fault = new Error('policy')
    const broken = (): never => {
      throw fault
    }
    const { lose, reported } = deciding({ retry: broken, backoff: broken })
    expect(await lose()).toEqual({ delay: byDefault, hinted: false })
    expect(reported).toEqual([
      ['retry', fault],
      ['backoff', fault],
    ])
  })

  test.each([[-1], [NaN], ['5'], [undefined]])(
    'backoff that answers %o is reported, and the default holds',
    async (answer) => {
      const { lose, reported } = deciding({ backoff: () => answer as never })
      expect(await lose()).toMatchObject({ delay: byDefault })
      expect(reported).toEqual([['backoff', expect.any(TypeError)]])
    },
  )
})
