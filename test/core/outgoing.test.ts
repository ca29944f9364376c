import { describe, expect, test } from 'vitest'
import type { AnyFeature } from '../../src/core/feature.js'
import { backpressure } from '../../src/core/features/backpressure.js'
import { batch, type SendCounts } from '../../src/core/features/batch.js'
import { codec } from '../../src/core/features/codec.js'
import { richQueue } from '../../src/core/features/rich-queue.js'
import type { Attempt } from '../../src/core/attempt.js'
import type { Core } from '../../src/core/core.js'
import type { Outgoing } from '../../src/core/outgoing.js'
import type { QueueBounds } from '../../src/core/features/send-queue.js'
import { ConnectionError } from '../../src/core/errors.js'
import type { TestClock } from '../../src/tools/testing/clock.js'
import type { SendData, MessageData, Socket } from '../../src/core/transport.js'
import { linked } from './support/linked.js'
import { scripted } from './support/scripted.js'

interface Sending {
  core: Core
  outgoing: Outgoing
  clock: TestClock
  attach(socket: Socket): Attempt
  sendMany(messages: Iterable<unknown>, options?: object): SendCounts
  /** The dropped messages and the reasons. */
  dropped: unknown[]
  /** The number of queued messages. */
  size(): number
}

function sending({
  encode,
  queue = { messages: 10, bytes: 1_000, overflow: 'reject' },
  highWaterMark = 100,
}: { encode?: (message: unknown) => SendData; queue?: QueueBounds; highWaterMark?: number } = {}): Sending {
  const features: AnyFeature[] = [richQueue(queue), backpressure(highWaterMark), batch()]
  if (encode !== undefined) features.push(codec({ encode, decode: (frame: MessageData) => frame }))
  const { core, clock, attach } = scripted({ features })
  const dropped: unknown[] = []
  core.events.add('dropped', ({ data, reason }: { data: unknown; reason: string }) => void dropped.push([data, reason]))
  const batches = core.part('batch') as { sendMany(messages: Iterable<unknown>, options?: object): SendCounts }
  return {
    core,
    outgoing: core.outgoing,
    clock,
    attach,
    sendMany: (messages, options) => batches.sendMany(messages, options),
    dropped,
    size: () => core.queue.size,
  }
}

/** A socket that records its messages and can be made to fail in one way. */
function socket(act: (data: SendData) => void = () => {}): Socket & { bufferedAmount: number; sent: SendData[] } {
  const sent: SendData[] = []
  return {
    bufferedAmount: 0,
    binaryType: 'arraybuffer',
    sent,
    send(data) {
      act(data)
      sent.push(data)
    },
    close() {},
    abandon() {},
  }
}

const closed = (): never => {
  throw new ConnectionError('ERR_TRANSPORT', 'closed')
}

describe('an open socket', () => {
  test('receives messages, and they are counted', () => {
    const { outgoing: one, attach, clock, size } = sending()
    const open = socket()
    const { messages, bytes } = attach(open)
    expect([messages, bytes]).toEqual([0, 0])
    expect(one.send('ab', undefined)).toBe('sent')
    expect(one.send(new Uint8Array(5), undefined)).toBe('sent')
    expect([one.sent, one.link!.messages, one.link!.bytes]).toEqual([2, 2, 7])
    expect([open.sent.length, size(), clock.pending]).toEqual([2, 0, 0])
  })

  test('receives nothing while full; queued messages go first when it has room', () => {
    const { outgoing: one, attach, clock, size } = sending()
    const open = socket()
    attach(open)
    open.bufferedAmount = 100
    expect(one.isFull).toBe(true)
    expect(one.send('1', undefined)).toBe('queued')
    // It is polled until nothing is queued.
    expect(clock.pending).toBe(1)
    expect(one.flush()).toBe('full')
    expect(open.sent).toEqual([])
    open.bufferedAmount = 99
    expect(size()).toBe(1)
    expect(one.send('2', undefined)).toBe('sent')
    expect(open.sent).toEqual(['1', '2'])
    expect([size(), one.isFull]).toEqual([0, false])
  })

  test('keeps a new message in its place if it fills up again before the queue is empty', () => {
    const { outgoing: one, attach } = sending()
    const open = socket(() => (open.bufferedAmount = 100))
    one.send('1', undefined)
    one.send('2', undefined)
    attach(open)
    expect(open.sent).toEqual(['1'])
    open.bufferedAmount = 0
    expect(one.send('3', undefined)).toBe('queued')
    expect(open.sent).toEqual(['1', '2'])
    open.bufferedAmount = 0
    expect(one.flush()).toBe('done')
    expect(open.sent).toEqual(['1', '2', '3'])
  })

  test('receives nothing more once it turns out to be closed, and no message is lost', () => {
    const { outgoing: one, attach, dropped } = sending()
    let tries = 0
    attach(socket(() => (tries++, closed())))
    expect([one.send('1', undefined), one.send('2', undefined)]).toEqual(['queued', 'queued'])
    expect([tries, one.sent, dropped]).toEqual([1, 0, []])
    const next = socket()
    attach(next)
    expect(next.sent).toEqual(['1', '2'])
  })

  test('keeps the rest of the queue if it closes in the middle of it', () => {
    const { outgoing: one, attach, size } = sending()
    for (const message of ['1', '2', '3']) one.send(message, undefined)
    attach(socket((data) => data === '2' && closed()))
    expect(one.flush()).toBe('full')
    expect([one.sent, size()]).toEqual([1, 2])
  })

  test('does not affect the new one if it was replaced while refusing', () => {
    const { outgoing: one, attach } = sending()
    const next = socket()
    attach(
      socket(() => {
        attach(next)
        closed()
      }),
    )
    expect(one.send('1', undefined)).toBe('sent')
    expect(one.flush()).toBe('done')
    expect(next.sent).toEqual(['1'])
  })

  test('makes send() throw with the cause for a refused message, or drops it from the queue', () => {
    const fault = new TypeError('poison')
    const { outgoing: one, attach, dropped, size } = sending()
    const picky = socket((data) => {
      if (data === 'poison') throw fault
    })
    one.send('poison', undefined)
    one.send('good', undefined)
    attach(picky)
    expect([dropped, picky.sent]).toEqual([[['poison', 'refused']], ['good']])
    expect(() => one.send('poison', undefined)).toThrow(expect.objectContaining({ code: 'ERR_DATA', cause: fault }))
    expect(size()).toBe(0)
  })
})

test('a new socket starts without proofs or outstanding pings, and the old one receives nothing more', () => {
  const { core, outgoing: one, attach } = sending()
  const old = socket()
  attach(old)
  one.send('1', undefined)
  core.attempt = undefined
  expect(one.send('2', undefined)).toBe('queued')
  expect(old.sent).toEqual(['1'])
  const { messages, bytes } = attach(socket())
  expect([messages, bytes]).toEqual([1, 1])
})

test('messages are queued without a socket, each up to its ttl, and no flush is requested', async () => {
  const { outgoing: one, attach, clock, dropped, size } = sending()
  await clock.advance(50)
  one.send('short', { ttl: 10 })
  one.send('long', undefined)
  one.send('old', { key: 'k' })
  one.send('new', { key: 'k' })
  expect(dropped).toEqual([['old', 'replaced']])
  expect([one.flush(), size(), clock.pending]).toEqual(['full', 3, 0])
  await clock.advance(10)
  const open = socket()
  attach(open)
  expect(open.sent).toEqual(['long', 'new'])
  expect(dropped).toEqual([
    ['old', 'replaced'],
    ['short', 'expired'],
  ])
})

describe('a long queue', () => {
  const long = { messages: Infinity, bytes: Infinity, overflow: 'reject' } as const

  test('is sent in slices, so that the event loop is never blocked for more than one', () => {
    const { outgoing: one, attach } = sending({ queue: long, highWaterMark: Infinity })
    for (let id = 0; id < 20_000; id++) one.send('x', undefined)
    const open = socket()
    attach(open)
    const slices = [open.sent.length]
    let before = open.sent.length
    for (let flushed = one.flush(); ; flushed = one.flush()) {
      slices.push(open.sent.length - before)
      before = open.sent.length
      if (flushed === 'done') break
      expect(flushed).toBe('more')
    }
    expect(open.sent).toHaveLength(20_000)
    expect(Math.max(...slices)).toBe(1_024)
  })

  test('of large messages is sliced by bytes', () => {
    const { outgoing: one, attach } = sending({ queue: long, highWaterMark: Infinity })
    for (let id = 0; id < 10; id++) one.send('x'.repeat(300_000), undefined)
    const open = socket()
    attach(open)
    expect([open.sent.length, one.flush(), open.sent.length]).toEqual([4, 'more', 8])
  })

  test('is not sent within send(), which queues behind it', () => {
    const { outgoing: one, attach, clock } = sending({ queue: long, highWaterMark: Infinity })
    for (let id = 0; id < 3_000; id++) one.send('x', undefined)
    const open = socket()
    attach(open)
    expect(one.send('last', undefined)).toBe('queued')
    expect([open.sent.length, clock.pending]).toEqual([1_024, 1])
    one.flush()
    // The rest is no more than a slice.
    expect(one.send('very last', undefined)).toBe('sent')
    expect(open.sent.slice(-2)).toEqual(['last', 'very last'])
  })

  test.each([
    ['of many messages', 3_000, 'x'],
    ['of large messages', 5, 'x'.repeat(600_000)],
  ])(
    '%s is sent at once without backpressure, which would otherwise send the next slice',
    async (_, count, message) => {
      const { core, accept } = linked([], { queue: Infinity })
      for (let id = 0; id < count; id++) core.outgoing.send(message, undefined)
      const { sent } = await accept()
      expect(sent).toHaveLength(count)
    },
  )

  test('is sent before the close frame without backpressure', async () => {
    const { core, transport, accept } = linked([], { queue: Infinity })
    for (let id = 0; id < 3_000; id++) core.outgoing.send('x', undefined)
    core.events.add('state', () => void (core.status.state === 'open' && core.ask('CLOSE')))
    await accept()
    expect([transport.last.sent.length, transport.last.count('close')]).toEqual([3_000, 1])
  })
})

describe('a batch', () => {
  test('is sent in order, past the mark that it crosses', () => {
    const { outgoing: one, attach, sendMany } = sending()
    const open = socket(() => (open.bufferedAmount += 60))
    attach(open)
    expect(sendMany(['1', '2', '3'])).toEqual({ sent: 3, queued: 0, dropped: 0 })
    expect(open.sent).toEqual(['1', '2', '3'])
    expect(sendMany(new Set(['4', '5']))).toEqual({ sent: 0, queued: 2, dropped: 0 })
    open.bufferedAmount = -100
    expect(one.flush()).toBe('done')
    expect(open.sent).toEqual(['1', '2', '3', '4', '5'])
  })

  test('is queued as a whole, each message up to its ttl', async () => {
    const { outgoing: one, attach, clock, sendMany, dropped } = sending()
    expect(sendMany(['1', '2'], { ttl: 10 })).toEqual({ sent: 0, queued: 2, dropped: 0 })
    one.send('3', undefined)
    await clock.advance(10)
    const open = socket()
    attach(open)
    expect(open.sent).toEqual(['3'])
    expect(dropped).toEqual([
      ['1', 'expired'],
      ['2', 'expired'],
    ])
  })

  test.each([
    ['with an invalid message', ['1', 5, '3'], 'ERR_DATA'],
    ['without room', Array.from({ length: 11 }, () => 'x'), 'ERR_QUEUE_FULL'],
    ['that is too large', ['x'.repeat(600), 'x'.repeat(600)], 'ERR_QUEUE_FULL'],
  ])('%s is rejected as a whole', (_, messages, code) => {
    const { outgoing: one, attach, sendMany, size } = sending()
    expect(() => sendMany(messages)).toThrow(expect.objectContaining({ code }))
    expect([size(), one.sent]).toEqual([0, 0])
    if (code !== 'ERR_DATA') return
    const open = socket()
    attach(open)
    expect(() => sendMany(messages)).toThrow(expect.objectContaining({ code }))
    expect(open.sent).toEqual([])
  })

  test('uses the room of expired messages', async () => {
    const { clock, sendMany } = sending()
    sendMany(
      Array.from({ length: 10 }, () => 'old'),
      { ttl: 5 },
    )
    await clock.advance(5)
    expect(sendMany(['1', '2'])).toEqual({ sent: 0, queued: 2, dropped: 0 })
  })

  test('leaves nothing behind if its iterable throws', () => {
    const { sendMany, size } = sending()
    const fault = new Error('no more')
    function* failing(): Generator<string> {
      yield '1'
      throw fault
    }
    expect(() => sendMany(failing())).toThrow(fault)
    expect(size()).toBe(0)
  })

  test('is queued from the message at which the socket closes, as far as there is room; dropped messages are reported', () => {
    const { attach, sendMany, dropped } = sending()
    attach(socket((data) => data === '2' && closed()))
    const messages = ['1', ...Array.from({ length: 12 }, () => '2')]
    expect(sendMany(messages)).toEqual({ sent: 1, queued: 10, dropped: 2 })
    expect(dropped).toEqual([
      ['2', 'overflow'],
      ['2', 'overflow'],
    ])
  })

  test('continues after a message that the socket refuses', () => {
    const { attach, sendMany, dropped } = sending()
    const picky = socket((data) => {
      if (data === 'poison') throw new TypeError('poison')
    })
    attach(picky)
    expect(sendMany(['1', 'poison', '2'])).toEqual({ sent: 2, queued: 0, dropped: 1 })
    expect([picky.sent, dropped]).toEqual([['1', '2'], [['poison', 'refused']]])
  })

  test('counts messages without room as dropped under a dropping policy', () => {
    const { sendMany, dropped } = sending({ queue: { messages: 2, bytes: 100, overflow: 'drop-newest' } })
    expect(sendMany(['1', '2', '3'])).toEqual({ sent: 0, queued: 2, dropped: 1 })
    expect(dropped).toEqual([['3', 'overflow']])
  })

  test('reports its dropped messages after all others have their place', () => {
    const { core, sendMany, size } = sending({ queue: { messages: 2, bytes: 100, overflow: 'drop-oldest' } })
    const seen: unknown[] = []
    core.events.add(
      'dropped',
      ({ data }: { data: unknown }) => void seen.push([data, size(), core.queue.peek()?.message]),
    )
    sendMany(['1', '2', '3'])
    expect(seen).toEqual([['1', 2, '2']])
  })
})

test('expired messages found by a send are reported after the new one has its place', async () => {
  const { core, outgoing: one, attach, clock } = sending()
  const open = socket()
  attach(open)
  open.bufferedAmount = 100
  one.send('stale', { ttl: 10 })
  clock.block(10)
  open.bufferedAmount = 0
  const calls: unknown[] = []
  core.events.add(
    'dropped',
    ({ data, reason }: { data: unknown; reason: string }) => void calls.push([data, reason, [...open.sent]]),
  )
  expect(one.send('fresh', undefined)).toBe('sent')
  expect(calls).toEqual([['stale', 'expired', ['fresh']]])
})

test('an encoding error is thrown with its cause, and an invalid encoding as invalid data', () => {
  const fault = new Error('encode')
  const { outgoing: one, size } = sending({
    encode: (message) => {
      if (message === 'bad') throw fault
      return message as SendData
    },
  })
  expect(() => one.send('bad', undefined)).toThrow(expect.objectContaining({ code: 'ERR_ENCODE', cause: fault }))
  expect(() => one.send(5, undefined)).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
  expect(size()).toBe(0)
})
