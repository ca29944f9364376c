import { describe, expect, test } from 'vitest'
import { Outbound } from '../../src/data/outbound.js'
import type { QueueBounds } from '../../src/data/queue.js'
import { ConnectionError } from '../../src/errors.js'
import type { Data, Socket } from '../../src/transports/transport.js'

function outbound({
  encode,
  queue = { messages: 10, bytes: 1_000, overflow: 'reject' },
  highWaterMark = 100,
}: { encode?: (message: unknown) => Data; queue?: QueueBounds; highWaterMark?: number } = {}) {
  const told: unknown[] = []
  const time = { now: 0 }
  let depth = 0
  const one = new Outbound<unknown>(
    { queue, highWaterMark, codec: encode && { encode } },
    {
      now: () => time.now,
      // In a turn or not: how deep is nobody's business.
      dropped: (message, reason) => told.push([message, reason, Math.min(depth, 1)]),
      mustAccept: () => {},
      blocked: () => told.push('blocked'),
      turn: (work) => {
        depth++
        work()
        depth--
      },
    },
  )
  return { outbound: one, told, time }
}

/** A socket that keeps what it is given, and the one thing that it does to it. */
function socket(act: (data: Data) => void = () => {}): Socket & { bufferedAmount: number; sent: Data[] } {
  const sent: Data[] = []
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
  test('is given what is sent, and it is counted', () => {
    const { outbound: one, told } = outbound()
    const open = socket()
    one.attach(open)
    expect(one.send('ab')).toBe('sent')
    expect(one.send(new Uint8Array(5))).toBe('sent')
    expect([one.sent, one.sentSize, one.uncertain]).toEqual([2, 7, { messages: 2, bytes: 7 }])
    expect([open.sent.length, one.drained, told]).toEqual([2, true, []])
  })

  test('that is full is given nothing; what waits goes first when it has room', () => {
    const { outbound: one, told } = outbound()
    const open = socket()
    one.attach(open)
    open.bufferedAmount = 100
    expect(one.drained).toBe(false)
    expect(one.send('1')).toBe('queued')
    expect(told).toEqual(['blocked'])
    expect(one.flush()).toBe('full')
    expect(open.sent).toEqual([])
    open.bufferedAmount = 99
    expect(one.drained).toBe(false)
    expect(one.send('2')).toBe('sent')
    expect(open.sent).toEqual(['1', '2'])
    expect(one.drained).toBe(true)
  })

  test('that is full again before all is out leaves the new one in its place', () => {
    const { outbound: one } = outbound()
    const open = socket(() => (open.bufferedAmount = 100))
    one.send('1')
    one.send('2')
    one.attach(open)
    expect(open.sent).toEqual(['1'])
    open.bufferedAmount = 0
    expect(one.send('3')).toBe('queued')
    expect(open.sent).toEqual(['1', '2'])
    open.bufferedAmount = 0
    expect(one.flush()).toBe('done')
    expect(open.sent).toEqual(['1', '2', '3'])
  })

  test('that turns out to be closed is given nothing more, and nothing is lost', () => {
    const { outbound: one, told } = outbound()
    let tries = 0
    one.attach(socket(() => (tries++, closed())))
    expect([one.send('1'), one.send('2')]).toEqual(['queued', 'queued'])
    expect([tries, one.sent, told]).toEqual([1, 0, []])
    const next = socket()
    one.attach(next)
    expect(next.sent).toEqual(['1', '2'])
  })

  test('that closes while the queue goes out keeps the rest of it', () => {
    const { outbound: one } = outbound()
    for (const message of ['1', '2', '3']) one.send(message)
    one.attach(socket((data) => data === '2' && closed()))
    expect(one.flush()).toBe('full')
    expect([one.sent, one.queue.size]).toEqual([1, 2])
  })

  test('that was replaced while it refused leaves the new one alone', () => {
    const { outbound: one } = outbound()
    const next = socket()
    one.attach(
      socket(() => {
        one.attach(next)
        closed()
      }),
    )
    expect(one.send('1')).toBe('queued')
    expect(one.flush()).toBe('done')
    expect(next.sent).toEqual(['1'])
  })

  test('that refuses a message has it thrown back with the cause, or dropped from the queue', () => {
    const fault = new TypeError('poison')
    const { outbound: one, told } = outbound()
    const picky = socket((data) => {
      if (data === 'poison') throw fault
    })
    one.send('poison')
    one.send('good')
    one.attach(picky)
    expect([told, picky.sent]).toEqual([[['poison', 'refused', 0]], ['good']])
    expect(() => one.send('poison')).toThrow(expect.objectContaining({ code: 'ERR_DATA', cause: fault }))
    expect(one.queue.size).toBe(0)
  })
})

describe('what may not have arrived', () => {
  test('is what was handed to the socket after the last ping that was answered', () => {
    const { outbound: one } = outbound()
    one.attach(socket())
    one.send('1')
    const first = one.handed
    one.send('22')
    const second = one.handed
    one.send('333')
    expect(one.uncertain).toEqual({ messages: 3, bytes: 6 })
    one.prove(second)
    expect(one.uncertain).toEqual({ messages: 1, bytes: 3 })
    // A late answer takes nothing back.
    one.prove(first)
    expect(one.uncertain).toEqual({ messages: 1, bytes: 3 })
    one.prove(one.handed)
    expect(one.uncertain).toEqual({ messages: 0, bytes: 0 })
  })

  test('is nothing on a new socket, and the old one is given nothing more', () => {
    const { outbound: one } = outbound()
    const old = socket()
    one.attach(old)
    one.send('1')
    one.reset()
    expect(one.uncertain).toEqual({ messages: 0, bytes: 0 })
    expect(one.send('2')).toBe('queued')
    expect(old.sent).toEqual(['1'])
  })
})

test('without a socket messages wait, those with a ttl for so long, and nobody is asked to flush', () => {
  const { outbound: one, told, time } = outbound()
  time.now = 50
  one.send('short', { ttl: 10 })
  one.send('long')
  one.send('old', { key: 'k' })
  one.send('new', { key: 'k' })
  expect(told).toEqual([['old', 'replaced', 1]])
  expect([one.flush(), one.drained, one.queue.size]).toEqual(['full', false, 3])
  time.now = 60
  const open = socket()
  one.attach(open)
  expect(open.sent).toEqual(['long', 'new'])
  expect(told).toEqual([
    ['old', 'replaced', 1],
    ['short', 'expired', 0],
  ])
})

describe('a long queue', () => {
  const long = { messages: Infinity, bytes: Infinity, overflow: 'reject' } as const

  test('leaves in slices, so that a million messages never hold the loop for more than one', () => {
    const { outbound: one } = outbound({ queue: long, highWaterMark: Infinity })
    for (let id = 0; id < 1_000_000; id++) one.send('x')
    const open = socket()
    one.attach(open)
    const slices = [open.sent.length]
    for (let flushed = one.flush(); ; flushed = one.flush()) {
      slices.push(open.sent.length - slices.reduce((sum, each) => sum + each, 0))
      if (flushed === 'done') break
      expect(flushed).toBe('more')
    }
    expect(open.sent).toHaveLength(1_000_000)
    expect(Math.max(...slices)).toBe(1_024)
  })

  test('of large messages leaves by their bytes', () => {
    const { outbound: one } = outbound({ queue: long, highWaterMark: Infinity })
    for (let id = 0; id < 10; id++) one.send('x'.repeat(300_000))
    const open = socket()
    one.attach(open)
    expect([open.sent.length, one.flush(), open.sent.length]).toEqual([4, 'more', 8])
  })

  test('is not sent from within a send, which waits its turn', () => {
    const { outbound: one, told } = outbound({ queue: long, highWaterMark: Infinity })
    for (let id = 0; id < 3_000; id++) one.send('x')
    const open = socket()
    one.attach(open)
    expect(one.send('last')).toBe('queued')
    expect([open.sent.length, told]).toEqual([1_024, ['blocked']])
    one.flush()
    // What is left is no more than a slice.
    expect(one.send('very last')).toBe('sent')
    expect(open.sent.slice(-2)).toEqual(['last', 'very last'])
  })
})

describe('a batch', () => {
  test('goes out in order, past the mark that it crosses', () => {
    const { outbound: one } = outbound()
    const open = socket(() => (open.bufferedAmount += 60))
    one.attach(open)
    expect(one.sendMany(['1', '2', '3'])).toEqual({ sent: 3, queued: 0, dropped: 0 })
    expect(open.sent).toEqual(['1', '2', '3'])
    expect(one.sendMany(new Set(['4', '5']))).toEqual({ sent: 0, queued: 2, dropped: 0 })
    open.bufferedAmount = 0
    expect(one.flush()).toBe('done')
    expect(open.sent).toEqual(['1', '2', '3', '4', '5'])
  })

  test('waits as a whole, each for as long as its ttl', () => {
    const { outbound: one, time, told } = outbound()
    expect(one.sendMany(['1', '2'], { ttl: 10 })).toEqual({ sent: 0, queued: 2, dropped: 0 })
    one.send('3')
    time.now = 10
    const open = socket()
    one.attach(open)
    expect(open.sent).toEqual(['3'])
    expect(told.map((each) => (each as unknown[]).slice(0, 2))).toEqual([
      ['1', 'expired'],
      ['2', 'expired'],
    ])
  })

  test.each([
    ['that has one which cannot be sent', ['1', 5, '3'], 'ERR_DATA'],
    ['for which there is no room', Array.from({ length: 11 }, () => 'x'), 'ERR_QUEUE_FULL'],
    ['that is too large', ['x'.repeat(600), 'x'.repeat(600)], 'ERR_QUEUE_FULL'],
  ])('%s is refused whole', (_, messages, code) => {
    const { outbound: one } = outbound()
    expect(() => one.sendMany(messages)).toThrow(expect.objectContaining({ code }))
    expect([one.queue.size, one.sent]).toEqual([0, 0])
    if (code !== 'ERR_DATA') return
    const open = socket()
    one.attach(open)
    expect(() => one.sendMany(messages)).toThrow(expect.objectContaining({ code }))
    expect(open.sent).toEqual([])
  })

  test('finds room where others have expired', () => {
    const { outbound: one, time } = outbound()
    one.sendMany(
      Array.from({ length: 10 }, () => 'old'),
      { ttl: 5 },
    )
    time.now = 5
    expect(one.sendMany(['1', '2'])).toEqual({ sent: 0, queued: 2, dropped: 0 })
  })

  test('with an iterable that throws leaves nothing behind', () => {
    const { outbound: one } = outbound()
    const fault = new Error('no more')
    function* failing(): Generator<string> {
      yield '1'
      throw fault
    }
    expect(() => one.sendMany(failing())).toThrow(fault)
    expect(one.queue.size).toBe(0)
  })

  test('whose socket closes half way waits with the rest, as far as there is room; what finds none is told', () => {
    const { outbound: one, told } = outbound()
    one.attach(socket((data) => data === '2' && closed()))
    const messages = ['1', ...Array.from({ length: 12 }, () => '2')]
    expect(one.sendMany(messages)).toEqual({ sent: 1, queued: 10, dropped: 2 })
    expect(told).toEqual([
      ['2', 'overflow', 1],
      ['2', 'overflow', 1],
    ])
  })

  test('with one that the socket refuses goes on without it', () => {
    const { outbound: one, told } = outbound()
    const picky = socket((data) => {
      if (data === 'poison') throw new TypeError('poison')
    })
    one.attach(picky)
    expect(one.sendMany(['1', 'poison', '2'])).toEqual({ sent: 2, queued: 0, dropped: 1 })
    expect([picky.sent, told]).toEqual([['1', '2'], [['poison', 'refused', 1]]])
  })

  test('that is full by a dropping policy counts what found no room as dropped', () => {
    const { outbound: one, told } = outbound({ queue: { messages: 2, bytes: 100, overflow: 'drop-newest' } })
    expect(one.sendMany(['1', '2', '3'])).toEqual({ sent: 0, queued: 2, dropped: 1 })
    expect(told).toEqual([['3', 'overflow', 1]])
  })
})

test('what expires as a send takes the queue along is told in a turn', () => {
  const { outbound: one, told, time } = outbound()
  const open = socket()
  one.attach(open)
  open.bufferedAmount = 100
  one.send('stale', { ttl: 10 })
  open.bufferedAmount = 0
  time.now = 10
  expect(one.send('fresh')).toBe('sent')
  expect(told).toEqual(['blocked', ['stale', 'expired', 1]])
})

test('what cannot be encoded is thrown back with its cause, and what is encoded to nonsense as wrong data', () => {
  const fault = new Error('encode')
  const { outbound: one } = outbound({
    encode: (message) => {
      if (message === 'bad') throw fault
      return message as Data
    },
  })
  expect(() => one.send('bad')).toThrow(expect.objectContaining({ code: 'ERR_ENCODE', cause: fault }))
  expect(() => one.send(5)).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
  expect(one.queue.size).toBe(0)
})
