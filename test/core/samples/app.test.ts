// What apps otherwise write by hand, as layers: the contract supports everything they need of the core.
import { describe, expect, test } from 'vitest'
import type { Core } from '../../../src/core/core.js'
import type { AnyFeature, Part } from '../../../src/core/feature.js'
import { createConnection, type Connection, type ConnectionOptions } from '../../../src/index.js'
import { fixedBackoff } from '../../../src/core/policies/backoff.js'
import { settle, TestClock } from '../../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket } from '../../../src/tools/testing/transport.js'
import type { MessageData } from '../../../src/core/transport.js'

interface Message {
  readonly type: string
  readonly id?: number
  readonly topic?: string
}

const json = {
  encode: (message: Message): string => JSON.stringify(message),
  decode: (frame: MessageData): Message => JSON.parse(String(frame)) as Message,
}

function world(options: ConnectionOptions<Message, Message> & { features?: AnyFeature[] } = {}) {
  const clock = new TestClock()
  const transport = new FakeTransport()
  const all = { clock, transport, backoff: fixedBackoff(100), codec: json, ...options }
  const connection: Connection<Message, Message> = createConnection('ws://server.test/', all)
  const heard: Message[] = []
  connection.on('message', (message) => void heard.push(message))
  const accept = async (): Promise<FakeSocket> => {
    await settle()
    transport.last.accept()
    await settle()
    return transport.last
  }
  const lose = async (): Promise<void> => {
    transport.last.end()
    await clock.advance(100)
  }
  const sent = (): Message[] => transport.last.sent.map((each) => JSON.parse(String(each)) as Message)
  return { connection, clock, transport, heard, accept, lose, sent }
}

const reply = (id: number, type = 'reply'): string => JSON.stringify({ type, id })

describe('topics on an existing connection', () => {
  /** Subscribes again on each link, before anything else is sent. */
  function createTopics(connection: Connection<Message, Message>): { topics: Set<string>; off: () => void } {
    const topics = new Set<string>()
    const off = connection.use({
      onLinked: ({ send }) => {
        for (const topic of topics) send({ type: 'subscribe', topic })
      },
    })
    return { topics, off }
  }

  test('are subscribed before the queue, on each link', async () => {
    const { connection, accept, lose, sent } = world()
    const { topics, off } = createTopics(connection)
    topics.add('a')
    connection.send({ type: 'question' })
    await accept()
    expect(sent()).toEqual([{ type: 'subscribe', topic: 'a' }, { type: 'question' }])
    topics.add('b')
    await lose()
    connection.send({ type: 'another' })
    await accept()
    expect(sent()).toEqual([{ type: 'subscribe', topic: 'a' }, { type: 'subscribe', topic: 'b' }, { type: 'another' }])
    off()
    await lose()
    await accept()
    expect(sent()).toEqual([])
  })

  test('receive the result of `prepare` from `open.prepared`', async () => {
    const opened: unknown[] = []
    const { connection, accept } = world({ prepare: () => Promise.resolve('resumed') })
    connection.on('open', ({ prepared }) => opened.push(prepared))
    await accept()
    expect(opened).toEqual(['resumed'])
  })
})

describe('requests on an existing connection', () => {
  interface Asked {
    resolve(message: Message): void
    reject(why: string): void
  }

  /** Only the request receives its reply. Requests that may have been handled are distinguished from unsent ones. */
  function createRequests(connection: Connection<Message, Message>) {
    const asked = new Map<number, Asked>()
    let next = 0
    const off = connection.use({
      onMessage: ({ type, id }) => {
        if (type !== 'reply') return false
        asked.get(id!)?.resolve({ type, id: id! })
        asked.delete(id!)
        return true
      },
    })
    const request = (): Promise<Message> => {
      const id = ++next
      return new Promise<Message>((resolve, reject) => {
        asked.set(id, { resolve, reject: (why) => reject(new Error(why)) })
        connection.send(
          { type: 'question', id },
          {
            onFate: (fate) => {
              if (fate === 'sent' || !asked.has(id)) return
              asked.get(id)!.reject(fate === 'uncertain' ? 'maybe' : 'no')
              asked.delete(id)
            },
          },
        )
      })
    }
    return { request, off }
  }

  test('receive their replies, which reach no listener, iterator or stream', async () => {
    const { connection, accept, heard } = world()
    const { request } = createRequests(connection)
    const iterator = connection.messages()
    const reader = connection.readable.getReader()
    const socket = await accept()
    const answer = request()
    socket.message(reply(1))
    socket.message(reply(7, 'news'))
    expect(await answer).toEqual({ type: 'reply', id: 1 })
    expect(heard).toEqual([{ type: 'news', id: 7 }])
    expect((await iterator.next()).value).toEqual({ type: 'news', id: 7 })
    expect((await reader.read()).value).toEqual({ type: 'news', id: 7 })
  })

  test('fail with the known outcome: not sent, or possibly handled', async () => {
    const { connection, accept, lose } = world({ queue: { messages: 1, overflow: 'drop-oldest' } })
    const { request } = createRequests(connection)
    const outcomes = (...all: Promise<Message>[]): Promise<string[]> =>
      Promise.all(
        all.map((each) =>
          each.then(
            () => 'answered',
            (error: unknown) => (error as Error).message,
          ),
        ),
      )
    const [first, second] = [request(), request()]
    await accept()
    const waiting = outcomes(first, second)
    await lose()
    expect(await waiting).toEqual(['no', 'maybe'])
  })

  test('end with the connection', async () => {
    const { connection } = world()
    const { request } = createRequests(connection)
    const asked = request()
    void connection.close()
    await expect(asked).rejects.toThrow('no')
  })
})

describe('requests as a feature', () => {
  /**
   * A message bound to its link: it is sent on this one or not at all, so that nothing is handled after it was given
   * up.
   */
  const tied = (): AnyFeature => ({
    name: 'tied',
    members: ['sendNow'],
    attach: (core: Core): Part & { sendNow(message: unknown): boolean } => ({
      sendNow: (message) => {
        const { outgoing } = core
        const link = outgoing.open
        return link !== undefined && outgoing.write(link, message, outgoing.encode(message), undefined) === true
      },
    }),
  })
  type Tied = Connection<Message, Message> & { sendNow(message: Message): boolean }

  test('are sent on this link or not at all, never on the next', async () => {
    const { connection, accept, lose, sent } = world({ features: [tied()] })
    const now = (message: Message): boolean => (connection as Tied).sendNow(message)
    expect(now({ type: 'early' })).toBe(false)
    await accept()
    expect(now({ type: 'question' })).toBe(true)
    expect(sent()).toEqual([{ type: 'question' }])
    await lose()
    expect(now({ type: 'late' })).toBe(false)
    await accept()
    expect(sent()).toEqual([])
  })

  test('do not overtake queued messages, and are counted like any message', async () => {
    const { connection, accept, transport, sent } = world({ features: [tied()], highWaterMark: 10 })
    const now = (message: Message): boolean => (connection as Tied).sendNow(message)
    const socket = await accept()
    socket.bufferedAmount = 10
    connection.send({ type: 'first' })
    expect(now({ type: 'second' })).toBe(false)
    socket.bufferedAmount = 0
    expect(now({ type: 'second' })).toBe(true)
    expect(sent()).toEqual([{ type: 'first' }, { type: 'second' }])
    const uncertain: number[] = []
    connection.on('close', (event) => uncertain.push(event.uncertain.messages))
    transport.last.end()
    expect([uncertain, connection.counters.sent]).toEqual([[2], 2])
  })
})

describe('the fate of a message', () => {
  test('can be reported by a feature for messages with its options', async () => {
    const calls: unknown[] = []
    const watch: AnyFeature = {
      name: 'watch',
      sendOptions: ['label'],
      attach: () => ({
        onWritten: (_: unknown, { label }: { label?: string }) => void calls.push([label, 'written']),
        onDropped: (_: unknown, { label }: { label?: string }, reason: string) => void calls.push([label, reason]),
      }),
    }
    const { connection, accept } = world({ features: [watch], queue: { messages: 1, overflow: 'drop-oldest' } })
    const send = connection.send as (message: Message, options: object) => string
    send.call(connection, { type: 'a' }, { label: 'first' })
    send.call(connection, { type: 'b' }, { label: 'second' })
    await accept()
    expect(calls).toEqual([
      ['first', 'overflow'],
      ['second', 'written'],
    ])
  })
})
