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

/** How a link ends; with `status`, it was refused. */
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
  /** Ends the next link or attempt like this, and returns the outcome. */
  lose(end?: End): Promise<Verdict>
  /** The reports: subject and cause. */
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
  ])('is the sum of a backoff of %d ms and a server request of %d ms', async (own, serverDelay, expected) => {
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

  test("after a 1013 is no shorter than its own jittered wait, nor than the server's request plus the backoff", async () => {
    const after = (retryAfter: number): Promise<Verdict> => deciding().lose({ code: 1013, retryAfter })
    expect(await after(1_500)).toMatchObject({ delay: 3_000, hinted: true })
    expect(await after(2_500)).toMatchObject({ delay: 3_500, hinted: true })
  })

  test('grows with each 1013 in a row, but not if it came with an HTTP status', async () => {
    const { lose } = deciding({ random: () => 0 })
    const delays = [await lose({ code: 1013 }), await lose({ code: 1013 }), await lose({ code: 1013 })]
    expect(delays).toMatchObject([{ delay: 2_000 }, { delay: 15_000 }, { delay: 30_000 }])
    expect(await deciding().lose({ code: 1013, status: 500 })).toMatchObject({ delay: 1_000 })
  })

  test("is computed from the previous backoff and the server's request; after a stable link only from the latter", async () => {
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

  test('is the backoff alone without `hints`, and a permanent cause still ends the connection', async () => {
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

  test('ends if the link was stable in between', async () => {
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

  test('for retry receives the loss and the default decision', async () => {
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

  test.each([true, false])('for retry that returns %s has the last word', async (answer) => {
    const { lose, reported } = deciding({ retry: () => answer })
    expect((await lose({ code: 1002 })) !== 'ended').toBe(answer)
    expect((await lose()) !== 'ended').toBe(answer)
    expect(reported).toEqual([])
  })

  const byDefault = jitter({ attempt: 1, previous: undefined, random: () => 0.5 })

  test('that returns a promise is reported once, and its rejection is handled', async () => {
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
    'for retry that returns %o is reported, and the default applies',
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

  test('for retry that returns undefined keeps the default without a report', async () => {
    const { lose, reported } = deciding({ retry: () => undefined })
    expect(await lose()).not.toBe('ended')
    expect(reported).toEqual([])
  })

  test('that throws is reported, and the default applies', async () => {
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
    'for backoff that returns %o is reported, and the default applies',
    async (answer) => {
      const { lose, reported } = deciding({ backoff: () => answer as never })
      expect(await lose()).toMatchObject({ delay: byDefault })
      expect(reported).toEqual([['backoff', expect.any(TypeError)]])
    },
  )
})
