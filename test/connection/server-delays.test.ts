import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fixedBackoff, type BackoffInput, type ConnectionOptions, type Loss, type RetryInput } from '../../src/index.js'
import { settle } from '../../src/tools/testing/browser.js'
import { setup } from '../support/setup.js'

/** Each client has its own generator, as in separate processes. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Hint = (socket: { refuse(detail: object): void; accept(): void; end(close: object): void }) => void

const hints: Readonly<Record<string, (wait: number) => Hint>> = {
  'Retry-After of a refused upgrade': (wait) => (socket) => socket.refuse({ status: 503, retryAfter: wait }),
  'a close reason': (wait) => (socket) => {
    socket.accept()
    socket.end({ code: 1012, reason: `retry-after=${wait}ms` })
  },
  'a close reason with 1013': (wait) => (socket) => {
    socket.accept()
    socket.end({ code: 1013, reason: `retry-after=${wait}ms` })
  },
}

/** The waits of that many clients after the given number of server hints. */
async function delays(clients: number, times: number, hint: Hint, options: ConnectionOptions = {}): Promise<number[]> {
  return Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const { connection, clock, transport } = setup({ random: random(client + 1), stableAfter: Infinity, ...options })
      for (let time = 1; ; time++) {
        await settle()
        hint(transport.last)
        const { status } = connection
        if (status.state !== 'backoff') throw new Error(`it is ${status.state}`)
        if (time === times) {
          void connection.close()
          return status.delay
        }
        await clock.advance(status.delay)
      }
    }),
  )
}

const spread = (waits: readonly number[]): number => Math.max(...waits) - Math.min(...waits)

describe('clients with the same server-requested wait return spread out', () => {
  for (const [how, hint] of Object.entries(hints)) {
    test(`by ${how}: never sooner, and no two at once`, async () => {
      const waits = await delays(30, 1, hint(5_000))
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(5_000)
      expect(new Set(waits).size).toBe(30)
      expect(spread(waits)).toBeGreaterThan(500)
    })
  }

  test('with a larger spread after each hint', async () => {
    const spreads: number[] = []
    for (const times of [1, 3, 5])
      spreads.push(spread(await delays(30, times, hints['Retry-After of a refused upgrade']!(5_000))))
    expect(spreads).toEqual(spreads.toSorted((one, other) => one - other))
    expect(spreads.at(-1)).toBeGreaterThan(4 * spreads[0]!)
  })

  test('for any wait, cap and way to request it', async () => {
    const waits = fc.integer({ min: 1, max: 7_200_000 })
    const caps = fc.constantFrom(0, 1_000, 300_000, 3_600_000, Infinity)
    await fc.assert(
      fc.asyncProperty(
        waits,
        caps,
        fc.constantFrom(...Object.values(hints)),
        fc.integer({ min: 1, max: 4 }),
        async (wait, cap, hint, times) => {
          const all = await delays(12, times, hint(wait), { maxServerDelay: cap })
          const least = Math.min(wait, cap)
          expect(Math.min(...all)).toBeGreaterThanOrEqual(least)
          expect(new Set(all).size).toBe(12)
          expect(spread(all)).toBeGreaterThan(100)
        },
      ),
      { numRuns: 40 },
    )
  })

  test('even if an environment signal ends the wait', async () => {
    const waits: number[] = []
    for (let client = 1; client <= 12; client++) {
      const { connection, environment, transport } = setup({ random: random(client), backoff: fixedBackoff(60_000) })
      await settle()
      transport.last.refuse({ status: 503, retryAfter: 5_000 })
      environment.emit('online')
      const { status } = connection
      if (status.state !== 'backoff') throw new Error(`it is ${status.state}`)
      waits.push(status.delay)
      void connection.close()
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(5_000)
    expect(Math.max(...waits)).toBeLessThanOrEqual(6_000)
    expect(new Set(waits).size).toBe(12)
  })
})

describe('the delay requested by the server, in milliseconds and uncapped,', () => {
  test('is in the status, the events, and the inputs of retry, backoff and the next url call', async () => {
    const seen: Record<string, number | undefined>[] = []
    const note = (where: string) => (value: { readonly serverDelay?: number | undefined }) => {
      seen.push({ [where]: value.serverDelay })
    }
    const { connection, clock, transport } = setup({
      url: ({ previous }: { previous: Loss | undefined }) => {
        if (previous !== undefined) note('url')(previous)
        return 'ws://server.test/'
      },
      retry: (loss: RetryInput) => void note('retry')(loss),
      backoff: (input: BackoffInput) => (note('backoff')(input), 100),
    })
    connection.on('close', note('close'))
    connection.on('backoff', note('backoff event'))
    connection.on('state', ({ loss }) => loss && note('status')(loss))
    await settle()
    transport.last.refuse({ status: 418, retryAfter: 3_600_000 })
    await clock.advance(300_100)
    const asked = 3_600_000
    for (const where of ['retry', 'backoff', 'close', 'backoff event', 'status', 'url']) {
      expect(seen).toContainEqual({ [where]: asked })
    }
    expect(seen.flatMap((each) => Object.values(each)).every((each) => each === asked)).toBe(true)
  })

  test('is undefined if the server requested none', async () => {
    const heard: (number | undefined)[] = []
    const { connection, transport } = setup({ retry: ({ serverDelay }) => void heard.push(serverDelay) })
    await settle()
    transport.last.refuse({ status: 503 })
    expect(heard).toEqual([undefined])
    expect(connection.status.loss?.serverDelay).toBeUndefined()
  })

  test('is respected for an hour if maxServerDelay is an hour', async () => {
    const { connection, transport } = setup({ maxServerDelay: 3_600_000, backoff: fixedBackoff(100) })
    await settle()
    transport.last.refuse({ status: 418, retryAfter: 3_600_000 })
    expect(connection.status).toMatchObject({ delay: 3_600_100, hinted: true, loss: { serverDelay: 3_600_000 } })
  })
})
