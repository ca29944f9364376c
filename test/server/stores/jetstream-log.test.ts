import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { JetStreamLog } from '../../../src/server/stores/jetstream-log.js'
import type { JetStream } from '../../../src/server/stores/jetstream-api.js'

// A replicated stream at its worst: the expected sequence is never checked, calls take random time, and answers get lost before or after
// their effect.

function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

class Stream {
  readonly messages: { readonly seq: number; readonly data: Uint8Array }[] = []
  readonly #random: () => number
  readonly #loss: number
  #last = 0

  constructor(next: () => number, loss: number) {
    this.#random = next
    this.#loss = loss
  }

  readonly api = {
    js: {
      publish: async (_: string, data: Uint8Array) => {
        await this.#wait()
        this.#lose()
        const seq = ++this.#last
        this.messages.push({ seq, data })
        await this.#wait()
        this.#lose()
        return { seq, duplicate: false }
      },
    },
    jsm: {
      streams: {
        getMessage: async (_: string, query: { last_by_subj?: string; next_by_subj?: string; seq?: number }) => {
          await this.#wait()
          this.#lose()
          const { messages } = this
          if (query.last_by_subj !== undefined) return this.#message(messages.at(-1))
          if (query.next_by_subj !== undefined) return this.#message(messages.find(({ seq }) => seq >= query.seq!))
          return this.#message(messages.find(({ seq }) => seq === query.seq))
        },
        purge: async (_: string, { seq }: { seq: number }) => {
          await this.#wait()
          this.#lose()
          while (this.messages[0] !== undefined && this.messages[0].seq < seq) this.messages.shift()
        },
      },
    },
  } as unknown as JetStream

  #message(found: { readonly seq: number; readonly data: Uint8Array } | undefined) {
    return found === undefined ? null : { ...found, time: new Date() }
  }

  async #wait(): Promise<void> {
    if (this.#random() < 0.5) await new Promise((resolve) => setTimeout(resolve, Math.floor(this.#random() * 20)))
  }

  #lose(): void {
    if (this.#random() < this.#loss) throw Object.assign(new Error('timeout'), { name: 'TimeoutError' })
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }))
afterEach(() => void vi.useRealTimers())

async function settled<T>(work: Promise<T>): Promise<T> {
  let isDone = false
  const done = work.finally(() => (isDone = true))
  done.catch(() => {})
  while (!isDone) await vi.advanceTimersByTimeAsync(25)
  return done
}

function logs(stream: Stream, count: number, isReplicated = true): JetStreamLog[] {
  const kept = new Map<string, number>()
  const settings = {
    api: stream.api,
    stream: 's',
    subject: 's.a',
    patience: 600_000,
    isReplicated,
    ttl: 10_000_000,
    base: async () => 0,
    recall: async (key: string) => kept.get(key),
    remember: async (key: string, number: number) => void kept.set(key, number),
  }
  return Array.from({ length: count }, () => new JetStreamLog(settings))
}

test.each(Array.from({ length: 40 }, (_, index) => index + 1))(
  'appenders on three nodes get numbers without a hole or a doublet (seed %i)',
  async (seed) => {
    const next = random(seed)
    const stream = new Stream(next, seed % 3 === 0 ? 0 : 0.1)
    const nodes = logs(stream, 3)
    const given = Array.from({ length: 45 }, (_, index) => ({
      data: `m${index}`,
      key: index % 2 ? `k${index >> 2}` : undefined,
    }))
    const numbers = await settled(
      Promise.all(given.map(async ({ data, key }) => nodes[Math.floor(next() * 3)]!.append(data, { key }))),
    )
    // The same key, the same number.
    const byKey = new Map<string, unknown>()
    for (const [index, { key }] of given.entries()) {
      if (key === undefined) continue
      expect(numbers[index]).toBe(byKey.get(key) ?? numbers[index])
      byKey.set(key, numbers[index])
    }
    const distinct = [...new Set(numbers)].map(Number).sort((a, b) => a - b)
    expect(distinct).toEqual(distinct.map((_, index) => index + 1))
    // Each node reads the same, and what was appended.
    for (const node of [...nodes, ...logs(stream, 1)]) {
      const rows = await settled(node.range(0, 1_000))
      expect(rows.map(([number]) => number)).toEqual(distinct)
      for (const [number, data] of rows)
        expect(given.filter((_, index) => numbers[index] === number).map((each) => each.data)).toContain(data)
    }
  },
)

test.each(Array.from({ length: 40 }, (_, index) => index + 1))(
  'what one node drops is what it was told to, while others append (seed %i)',
  async (seed) => {
    const next = random(seed * 7)
    const stream = new Stream(next, 0.05)
    const [owner, other] = logs(stream, 2) as [JetStreamLog, JetStreamLog]
    const received: string[] = []
    let isOver = false
    const appending = (async () => {
      for (let at = 0; at < 40; at++) await (at % 2 ? owner : other).append(`m${at}`, { key: `k${at}` })
      isOver = true
    })()
    const reading = (async () => {
      for (let after = 0; ;) {
        const isLast = isOver
        const rows = await owner.range(after, 1 + Math.floor(next() * 5))
        for (const [number, data] of rows) {
          expect(number).toBe(++after)
          received.push(data as string)
        }
        if (next() < 0.7) await owner.trim(after)
        if (rows.length === 0 && isLast) return after
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    const [, count] = await settled(Promise.all([appending, reading]))
    expect(count).toBe(40)
    expect(received).toEqual(Array.from({ length: 40 }, (_, index) => `m${index}`))
    // Keys hold although their messages are gone.
    await settled(owner.trim(40))
    expect(await settled(other.append('again', { key: 'k7' }))).toBe(8)
    expect(await settled(logs(stream, 1)[0]!.append('new', {}))).toBe(41)
  },
)

test('without the rule that the first one is valid, the same stream gives doublets', async () => {
  let doublets = 0
  for (let seed = 1; seed <= 10; seed++) {
    const nodes = logs(new Stream(random(seed), 0), 3, false)
    const given = Array.from({ length: 30 }, (_, index) => nodes[index % 3]!.append(`m${index}`, {}))
    const numbers = await settled(Promise.all(given))
    doublets += numbers.length - new Set(numbers).size
  }
  expect(doublets).toBeGreaterThan(0)
})
