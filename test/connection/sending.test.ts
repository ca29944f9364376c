import { describe, expect, test } from 'vitest'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { settle } from '../../src/tools/testing/clock.js'
import type { Connection } from '../../src/index.js'
import { setup } from '../support/setup.js'

describe('send()', () => {
  test('passes the message straight to an open socket', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    const bytes = new Uint8Array([1, 2, 3])
    expect(connection.send('text')).toBe('sent')
    expect(connection.send(bytes)).toBe('sent')
    expect(socket.sent[0]).toBe('text')
    expect(socket.sent[1]).toBe(bytes)
  })

  test('queues for the next socket otherwise, in order (D04, D07)', async () => {
    const { connection, clock, accept } = setup({ backoff: fixedBackoff(100) })
    expect(connection.send('1')).toBe('queued')
    const first = await accept()
    connection.send('2')
    first.end()
    expect(connection.send('3')).toBe('queued')
    await clock.advance(100)
    connection.send('4')
    const second = await accept()
    connection.send('5')
    expect(first.sent).toEqual(['1', '2'])
    expect(second.sent).toEqual(['3', '4', '5'])
  })

  test('in a listener of open comes after messages queued earlier', async () => {
    const { connection, accept } = setup()
    connection.on('open', () => connection.send('hello'))
    connection.send('earlier')
    const socket = await accept()
    expect(socket.sent).toEqual(['earlier', 'hello'])
  })

  test('throws ERR_ENDED after the end and while closing (D07)', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    void connection.close()
    expect(() => connection.send('x')).toThrow(expect.objectContaining({ code: 'ERR_ENDED' }))
    socket.end({ code: 1000 })
    expect(() => connection.send('x')).toThrow(expect.objectContaining({ code: 'ERR_ENDED' }))
  })

  test.each([[undefined], [null], [5], [{}], [new Uint8Array(new SharedArrayBuffer(4))]])(
    'rejects %s with ERR_DATA',
    async (data) => {
      const { connection } = setup()
      expect(() => connection.send(data as never)).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
    },
  )

  test.each([{ ttl: -1 }, { ttl: NaN }, { ttl: '5s' }, { key: 5 }, { tttl: 5 }])(
    'rejects %o with ERR_OPTION, even on an open socket',
    async (options) => {
      const { connection, accept } = setup()
      expect(() => connection.send('x', options as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
      const socket = await accept()
      expect(() => connection.send('x', options as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
      expect(socket.sent).toEqual([])
    },
  )

  test('rejects a detached buffer with ERR_DATA and continues', async () => {
    const { connection, accept } = setup()
    const socket = await accept()
    const buffer = new ArrayBuffer(4)
    const view = new Uint8Array(buffer)
    structuredClone(buffer, { transfer: [buffer] })
    expect(() => connection.send(buffer)).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
    expect(() => connection.send(view)).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
    expect(connection.send(new ArrayBuffer(0))).toBe('sent')
    expect(socket.sent).toHaveLength(1)
  })

  test('throws if an open socket refuses a message, or drops it from the queue, and sends the next one', async () => {
    const { connection, accept, of } = setup({
      fake: {
        onSocket: (socket) => {
          const send = socket.send.bind(socket)
          socket.send = (data) => {
            if (data === 'poison') throw new TypeError('not this one')
            send(data)
          }
        },
      },
    })
    connection.send('poison')
    connection.send('good')
    const socket = await accept()
    expect(of('dropped')).toEqual([{ data: 'poison', reason: 'refused' }])
    expect(() => connection.send('poison')).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
    expect(connection.send('better')).toBe('sent')
    expect(socket.sent).toEqual(['good', 'better'])
  })

  test('queues the bytes as of the call, whatever is written over them later', async () => {
    const { connection, accept } = setup()
    const scratch = new Uint8Array(1)
    for (const value of [1, 2, 3]) {
      scratch[0] = value
      connection.send(scratch)
    }
    const socket = await accept()
    expect(socket.sent.map((data) => (data as Uint8Array)[0])).toEqual([1, 2, 3])
  })

  test('loses no message to a socket that turns out to be closed', async () => {
    const { connection, clock, accept } = setup({ backoff: fixedBackoff(100) })
    const first = await accept()
    first.open = false
    expect(connection.send('kept')).toBe('queued')
    first.end()
    await clock.advance(100)
    const second = await accept()
    expect(second.sent).toEqual(['kept'])
  })
})

describe('the queue', () => {
  test('rejects messages over its count limit', () => {
    const { connection } = setup({ queue: { messages: 2 } })
    connection.send('1')
    connection.send('2')
    expect(() => connection.send('3')).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))
    expect(connection.counters.queued).toBe(2)
  })

  test('rejects messages over its limit of UTF-8 bytes', () => {
    const { connection } = setup({ queue: { bytes: 5 } })
    connection.send('ä€')
    expect(connection.bufferedAmount).toBe(5)
    expect(() => connection.send('x')).toThrow(/raise queue.messages/)
  })

  test('with drop-oldest discards the oldest message and reports it', async () => {
    const { connection, accept, of } = setup({ queue: { messages: 2, overflow: 'drop-oldest' } })
    for (const message of ['1', '2', '3']) expect(connection.send(message)).toBe('queued')
    expect(of('dropped')).toEqual([{ data: '1', reason: 'overflow' }])
    expect((await accept()).sent).toEqual(['2', '3'])
  })

  test('with drop-newest discards the new message, reports it and returns `dropped`', async () => {
    const { connection, accept, of } = setup({ queue: { messages: 2, overflow: 'drop-newest' } })
    expect(['1', '2', '3'].map((message) => connection.send(message))).toEqual(['queued', 'queued', 'dropped'])
    expect(of('dropped')).toEqual([{ data: '3', reason: 'overflow' }])
    expect((await accept()).sent).toEqual(['1', '2'])
  })

  test('does not send a message older than its ttl (D08)', async () => {
    const { connection, clock, accept, of } = setup()
    connection.send('stale', { ttl: 1_000 })
    connection.send('fresh', { ttl: 5_000 })
    await clock.advance(1_000)
    expect((await accept()).sent).toEqual(['fresh'])
    expect(of('dropped')).toEqual([{ data: 'stale', reason: 'expired' }])
  })

  test('reuses the room of expired messages', async () => {
    const { connection, clock, of } = setup({ queue: { messages: 1 } })
    connection.send('stale', { ttl: 1_000 })
    await clock.advance(1_000)
    expect(connection.send('fresh')).toBe('queued')
    expect(of('dropped')).toEqual([{ data: 'stale', reason: 'expired' }])
  })

  test('retains the latest message per key', async () => {
    const { connection, accept, of } = setup()
    connection.send('a1', { key: 'a' })
    connection.send('b1', { key: 'b' })
    connection.send('a2', { key: 'a' })
    expect(of('dropped')).toEqual([{ data: 'a1', reason: 'replaced' }])
    expect((await accept()).sent).toEqual(['b1', 'a2'])
  })

  test('is sent by close() before the close frame, as the socket has room (D02)', async () => {
    const { connection, clock, accept, of } = setup({ highWaterMark: 10 })
    const socket = await accept()
    socket.bufferedAmount = 10
    connection.send('waits')
    void connection.close(3000, 'done')
    await clock.advance(1_000)
    expect(socket.actions).toEqual([])
    socket.bufferedAmount = 9
    await clock.advance(20)
    expect(socket.actions).toMatchObject([
      { type: 'send', data: 'waits' },
      { type: 'close', code: 3000, reason: 'done' },
    ])
    socket.end({ code: 3000, wasClean: true })
    expect(connection.state).toBe('ended')
    expect(of('dropped')).toEqual([])
  })

  test('is sent in slices while closing too, and completely before the close frame', async () => {
    const { connection, clock, accept } = setup({ queue: { messages: 10_000 }, highWaterMark: Infinity })
    for (let id = 0; id < 3_000; id++) connection.send(`${id}`)
    const socket = await accept()
    void connection.close()
    expect(socket.count('close')).toBe(0)
    await clock.advance(10)
    expect(socket.sent).toEqual(Array.from({ length: 3_000 }, (_, id) => `${id}`))
    expect(socket.actions.at(-1)).toMatchObject({ type: 'close' })
    expect(socket.count('close')).toBe(1)
  })

  test('is reported message by message if close() cannot send it by its deadline (D02)', async () => {
    const { connection, clock, accept, of } = setup({ highWaterMark: 10, closeTimeout: 500 })
    const socket = await accept()
    connection.send('written')
    socket.bufferedAmount = 10
    connection.send('waits')
    const closed = connection.close()
    await clock.advance(500)
    await closed
    expect(socket.count('close')).toBe(0)
    expect(of('dropped')).toEqual([{ data: 'waits', reason: 'ended' }])
    expect(of('close')).toMatchObject([{ uncertain: { messages: 1, bytes: 7 }, willRetry: false }])
  })

  test('is reported if the socket closes while close() is still sending', async () => {
    const { connection, accept, of, clock } = setup({ highWaterMark: 10 })
    const socket = await accept()
    socket.bufferedAmount = 10
    connection.send('waits')
    void connection.close()
    socket.end()
    expect(connection.state).toBe('ended')
    expect(of('dropped')).toEqual([{ data: 'waits', reason: 'ended' }])
    await clock.advance(1_000)
    expect(clock.pending).toBe(0)
  })

  test('is reported at the end if there was no socket', async () => {
    const { connection, of } = setup({ autoOpen: false })
    connection.open()
    connection.send('never')
    void connection.close()
    await settle()
    expect(connection.state).toBe('ended')
    expect(of('dropped')).toEqual([{ data: 'never', reason: 'ended' }])
  })

  test('keeps its limits and the order of acceptance if a listener of dropped sends', async () => {
    const { connection, accept } = setup({ queue: { messages: 2, overflow: 'drop-oldest' } })
    let answered = false
    connection.on('dropped', () => {
      if (answered) return
      answered = true
      connection.send('nested')
    })
    connection.send('1')
    connection.send('2')
    connection.send('3')
    expect(connection.counters.queued).toBe(2)
    expect((await accept()).sent).toEqual(['3', 'nested'])
  })
})

describe('sendMany()', () => {
  test('sends a batch or queues it for the next socket, in order', async () => {
    const { connection, accept } = setup()
    expect(connection.sendMany(['1', '2'])).toEqual({ sent: 0, queued: 2, dropped: 0 })
    const socket = await accept()
    expect(connection.sendMany(['3', new Uint8Array(1)])).toEqual({ sent: 2, queued: 0, dropped: 0 })
    expect(connection.sendMany([])).toEqual({ sent: 0, queued: 0, dropped: 0 })
    expect(socket.sent.slice(0, 3)).toEqual(['1', '2', '3'])
    expect(connection.counters.sent).toBe(4)
  })

  test.each([
    [['x'], { key: 'k' }, 'ERR_OPTION'],
    [['x'], { ttl: -1 }, 'ERR_OPTION'],
    ['text', undefined, 'ERR_DATA'],
    [5, undefined, 'ERR_DATA'],
    [{ length: 1, 0: 'x' }, undefined, 'ERR_DATA'],
    [['x', null], undefined, 'ERR_DATA'],
  ])('rejects %j with %j', async (messages, options, code) => {
    const { connection, accept } = setup()
    const socket = await accept()
    expect(() => connection.sendMany(messages as never, options as never)).toThrow(expect.objectContaining({ code }))
    expect(socket.sent).toEqual([])
  })

  test('throws ERR_ENDED after the end', () => {
    const { connection } = setup({ autoOpen: false })
    void connection.close()
    expect(() => connection.sendMany(['x'])).toThrow(expect.objectContaining({ code: 'ERR_ENDED' }))
  })
})

describe('withdraw()', () => {
  test('returns queued messages, oldest first; none is sent or reported', async () => {
    const { connection, accept, of } = setup()
    for (const message of ['1', '2', '3']) connection.send(message)
    expect(connection.withdraw()).toEqual(['1', '2', '3'])
    expect([connection.counters.queued, connection.bufferedAmount, connection.withdraw()]).toEqual([0, 0, []])
    connection.send('4')
    expect((await accept()).sent).toEqual(['4'])
    expect(of('dropped')).toEqual([])
  })

  test('lets another connection send the messages in the same order', async () => {
    const [from, to] = [setup(), setup()]
    for (const message of ['1', '2']) from.connection.send(message)
    for (const message of from.connection.withdraw()) to.connection.send(message)
    void from.connection.close()
    expect((await to.accept()).sent).toEqual(['1', '2'])
  })

  type Prepare = (context: ReturnType<typeof setup>) => unknown
  const states: [state: string, waiting: string[], prepare: Prepare][] = [
    ['idle', ['x'], ({ connection }) => connection.send('x')],
    [
      'connecting',
      ['x'],
      ({ connection }) => {
        connection.open()
        connection.send('x')
      },
    ],
    [
      'backoff',
      ['x'],
      async ({ connection, transport }) => {
        connection.open()
        connection.send('x')
        await settle()
        transport.last.refuse()
      },
    ],
    [
      'suspended',
      ['x'],
      async ({ connection, transport, environment }) => {
        connection.open()
        connection.send('x')
        await settle()
        transport.last.refuse()
        environment.emit('offline')
      },
    ],
    [
      'open',
      ['x'],
      async ({ connection, accept }) => {
        connection.open()
        const socket = await accept()
        socket.bufferedAmount = 10
        connection.send('x')
      },
    ],
    [
      'closing',
      ['x'],
      async ({ connection }) => {
        connection.open()
        connection.send('x')
        await settle()
        void connection.close()
      },
    ],
    [
      'ended',
      [],
      ({ connection }) => {
        connection.send('x')
        void connection.close()
      },
    ],
  ]
  test.each(states)('in %s returns %j', async (state, waiting, prepare) => {
    const context = setup({ autoOpen: false, highWaterMark: 10 })
    await prepare(context)
    const { connection, transport, clock, of } = context
    expect(connection.state).toBe(state)
    expect(connection.withdraw()).toEqual(waiting)
    expect(connection.state).toBe(state)
    void connection.close()
    await clock.advance(2_000)
    expect(connection.state).toBe('ended')
    expect(transport.sockets.flatMap(({ sent }) => sent)).toEqual([])
    // Messages discarded earlier were reported then; withdrawn messages are not lost.
    expect(of('dropped')).toEqual(state === 'ended' ? [{ data: 'x', reason: 'ended' }] : [])
  })

  test('omits expired messages, which are reported', async () => {
    const { connection, clock, of } = setup()
    connection.send('stale', { ttl: 1_000 })
    connection.send('fresh', { ttl: 5_000 })
    await clock.advance(1_000)
    expect(connection.withdraw()).toEqual(['fresh'])
    expect(of('dropped')).toEqual([{ data: 'stale', reason: 'expired' }])
  })

  test('returns the bytes as of the call, whatever was written over them later', () => {
    const { connection } = setup()
    const view = new Uint16Array([1, 2, 3]).subarray(1)
    const buffer = new Uint8Array([1]).buffer
    connection.send(view)
    connection.send(buffer)
    view.fill(9)
    new Uint8Array(buffer).fill(9)
    const [first, second] = connection.withdraw() as [Uint8Array, ArrayBuffer]
    expect(first).toEqual(new Uint8Array(new Uint16Array([2, 3]).buffer))
    expect(new Uint8Array(second)).toEqual(new Uint8Array([1]))
  })

  test("returns the app's message, not its encoded form", () => {
    const { connection } = setup({ codec: { encode: JSON.stringify, decode: (frame) => frame } })
    const message = { n: 1 }
    connection.send(message)
    expect(connection.withdraw()[0]).toBe(message)
  })

  test('leaves nothing to wait for, so an open socket fires drain', async () => {
    const { connection, clock, accept, of } = setup({ highWaterMark: 10 })
    const socket = await accept()
    socket.bufferedAmount = 10
    connection.send('x')
    const drained = connection.drained()
    connection.withdraw()
    socket.bufferedAmount = 0
    await clock.advance(1_000)
    await drained
    expect([socket.sent, of('drain').length]).toEqual([[], 1])
  })
})

describe('backpressure', () => {
  test('queues messages above the high-water mark and fires drain when they are sent (D05)', async () => {
    const { connection, clock, accept, of } = setup({ highWaterMark: 100 })
    const socket = await accept()
    socket.bufferedAmount = 100
    expect(connection.send('1')).toBe('queued')
    expect(connection.bufferedAmount).toBe(101)
    const drained = connection.drained()
    await clock.advance(1_000)
    expect(of('drain')).toEqual([])
    socket.bufferedAmount = 0
    await clock.advance(20)
    expect(socket.sent).toEqual(['1'])
    expect(of('drain')).toHaveLength(1)
    await drained
    await connection.drained()
  })

  test('ends with the next send that finds room, which also sends the queue, without waiting for a timer', async () => {
    const { connection, accept } = setup({ highWaterMark: 100 })
    const socket = await accept()
    socket.bufferedAmount = 100
    connection.send('1')
    socket.bufferedAmount = 0
    expect(connection.send('2')).toBe('sent')
    expect(socket.sent).toEqual(['1', '2'])
  })

  test('needs no timer of its own for drained() to wait for a socket', async () => {
    const { connection, clock, accept } = setup({ autoOpen: false })
    connection.send('1')
    const drained = connection.drained()
    expect(clock.pending).toBe(0)
    connection.open()
    await accept()
    await drained
  })

  test('makes drained() reject when the connection ends', async () => {
    const { connection } = setup({ autoOpen: false })
    connection.send('1')
    const drained = connection.drained()
    void connection.close()
    await expect(drained).rejects.toMatchObject({ code: 'ERR_ENDED' })
  })
})

describe('the codec', () => {
  const codec = {
    encode: (value: { n: number }) => JSON.stringify(value),
    decode: (frame: unknown) => JSON.parse(frame as string) as { n: number },
  }

  test("converts the app's messages in both directions", async () => {
    const { connection, accept, of } = setup({ codec })
    const socket = await accept()
    connection.send({ n: 1 })
    socket.message('{"n":2}')
    expect(socket.sent).toEqual(['{"n":1}'])
    expect(of('message')).toEqual([{ n: 2 }])
  })

  test('that cannot decode a frame causes an error event, and the link stays open (P04)', async () => {
    const { connection, accept, of } = setup({ codec })
    const socket = await accept()
    socket.message('not json')
    socket.message('{"n":3}')
    expect(of('error')).toMatchObject([{ code: 'ERR_DECODE' }])
    expect(of('message')).toEqual([{ n: 3 }])
    expect(connection.state).toBe('open')
  })
})

describe('a message larger than the whole queue', () => {
  const big = 'x'.repeat(2_097_152)

  /** The loop that the `ERR_QUEUE_FULL` message suggests. */
  async function sendWhenPossible(connection: Connection): Promise<number> {
    for (let tries = 1; ; tries++) {
      try {
        connection.send(big)
        return tries
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_QUEUE_FULL', message: expect.stringContaining('can never fit') })
        if (tries > 100) throw new Error('drained() resolved although the message could not be sent', { cause: error })
        await connection.drained()
      }
    }
  }

  test('waits in drained() for the connection to open, and the loop in the error message sends it', async () => {
    const { connection, clock, transport, accept } = setup({ backoff: fixedBackoff(1_000) })
    const sent = sendWhenPossible(connection)
    // The server is away for a while.
    for (let attempt = 0; attempt < 5; attempt++) {
      await settle()
      transport.last.refuse()
      await clock.advance(1_001)
    }
    const socket = await accept()
    expect(await sent).toBe(2)
    expect(socket.sent).toEqual([big])
  })

  test('is refused with the same error if the connection is open and its socket has no room', async () => {
    const { connection, clock, accept } = setup()
    const socket = await accept()
    socket.bufferedAmount = 1_048_576
    const sent = sendWhenPossible(connection)
    await clock.advance(1_000)
    expect(socket.sent).toEqual([])
    socket.bufferedAmount = 1_048_575
    await clock.advance(1_000)
    expect(await sent).toBe(2)
  })

  test('is any message if the queue has no room at all', async () => {
    const { connection, accept } = setup({ queue: { messages: 0 } })
    expect(() => connection.send('x')).toThrow(
      expect.objectContaining({ message: expect.stringContaining('can never') }),
    )
    let resolved = false
    void connection.drained().then(() => (resolved = true))
    await settle()
    expect(resolved).toBe(false)
    await accept()
    expect(resolved).toBe(true)
  })

  test('may be a batch', async () => {
    const { connection } = setup({ queue: { messages: 2 } })
    expect(() => connection.sendMany(['1', '2', '3'])).toThrow(
      expect.objectContaining({ code: 'ERR_QUEUE_FULL', message: expect.stringMatching(/3 of them.*can never fit/) }),
    )
    expect(connection.counters.queued).toBe(0)
    expect(connection.sendMany(['1', '2'])).toMatchObject({ queued: 2 })
  })
})
