import { describe, expect, test } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'
import { everySecond, setupSocket } from './support/setup-socket.js'

describe('a message sent before open', () => {
  test('goes out in order before the open event, and messages of its listeners follow', async () => {
    const { ws, accept } = setupSocket()
    let sentBefore = -1
    ws.addEventListener('open', () => {
      sentBefore = ws.bufferedAmount
      ws.send('hello')
    })
    for (const message of ['1', '2', '3']) ws.send(message)
    const socket = await accept()
    expect(socket.sent).toEqual(['1', '2', '3', 'hello'])
    expect(sentBefore).toBe(0)
  })

  test.each(['connecting', 'waiting', 'not started'] as const)('is retained while the socket is %s', async (when) => {
    const { ws, clock, refuse, accept } = setupSocket({ ...everySecond, startClosed: when === 'not started' })
    if (when === 'waiting') await refuse()
    ws.send('kept')
    expect([ws.readyState, ws.bufferedAmount]).toEqual([when === 'connecting' ? 0 : 3, 4])
    if (when === 'not started') ws.reconnect()
    await clock.advance(1_000)
    expect((await accept()).sent).toEqual(['kept'])
    expect(ws.bufferedAmount).toBe(0)
  })

  test('survives failed attempts and lost links', async () => {
    const { ws, clock, refuse, accept } = setupSocket(everySecond)
    ws.send('1')
    await refuse()
    ws.send('2')
    await clock.advance(1_000)
    await refuse()
    await clock.advance(1_000)
    const first = await accept()
    first.end()
    ws.send('3')
    await clock.advance(1_000)
    expect(first.sent).toEqual(['1', '2'])
    expect((await accept()).sent).toEqual(['3'])
  })

  test('counts with its bytes on the wire', () => {
    const { ws } = setupSocket()
    ws.send('ä€😀')
    ws.send(new Uint16Array(3))
    ws.send(new ArrayBuffer(4))
    ws.send(new Blob(['xy']))
    expect(ws.bufferedAmount).toBe(9 + 6 + 4 + 2)
  })

  test('is captured at the time of send', async () => {
    const { ws, accept } = setupSocket()
    const scratch = new Uint8Array([1])
    ws.send(scratch)
    scratch[0] = 2
    ws.send(scratch)
    scratch[0] = 3
    expect((await accept()).sent).toEqual([new Uint8Array([1]), new Uint8Array([2])])
  })

  test('is not queued on an open socket, whose own buffer is counted', async () => {
    const { ws, accept } = setupSocket()
    const socket = await accept()
    socket.bufferedAmount = 1 << 24
    ws.send('x')
    expect([socket.sent, ws.bufferedAmount]).toEqual([['x'], 1 << 24])
  })
})

describe('maxEnqueuedMessages', () => {
  test('caps the queue, and one later error event reports how many messages were discarded', async () => {
    const { ws, events, errors, accept } = setupSocket({ maxEnqueuedMessages: 2 })
    for (const message of ['1', '2', '3', '4']) expect(ws.send(message)).toBeUndefined()
    expect([events, ws.bufferedAmount]).toEqual([[], 2])
    await settle()
    expect(events).toEqual(['error ERR_QUEUE_FULL'])
    expect(errors[0]!.error).toMatchObject({ name: 'ConnectionError', code: 'ERR_QUEUE_FULL' })
    expect(errors[0]!.error).toBe(errors[0]!.error)
    expect(errors[0]!.message).toMatch(/^2 messages \(2 are queued already\) were not queued: .*maxEnqueuedMessages/)
    ws.send('5')
    await settle()
    expect(errors[1]!.message).toMatch(/^a message \(2 are queued already\) was not queued: .*maxEnqueuedMessages/)
    expect((await accept()).sent).toEqual(['1', '2'])
  })

  test('causes one event if exceeded ten thousand times', async () => {
    const { ws, errors } = setupSocket({ maxEnqueuedMessages: 10 })
    for (let sent = 0; sent < 10_000; sent++) ws.send(`${sent}`)
    await settle()
    expect(errors.map(({ message }) => message.split(' (')[0])).toEqual(['9990 messages'])
    expect(ws.bufferedAmount).toBe(10)
  })

  test('causes no loop if an error listener exceeds it; the next event reports that', async () => {
    const { ws, errors } = setupSocket({ maxEnqueuedMessages: 0 })
    let again = true
    ws.addEventListener('error', () => again && ws.send('again'))
    ws.send('1')
    await settle()
    expect(errors.map(({ message }) => message.split(' (')[0])).toEqual(['a message'])
    again = false
    ws.send('2')
    await settle()
    expect(errors.map(({ message }) => message.split(' (')[0])).toEqual(['a message', '2 messages'])
  })

  test.each(['open', 'close', 'close() without a socket'] as const)(
    'causes an event by %s if exceeded within an error listener',
    async (when) => {
      const { ws, errors, dial, refuse, accept } = setupSocket({ ...everySecond, maxEnqueuedMessages: 0 })
      await dial()
      ws.addEventListener('error', () => ws.send('again'), { once: true })
      ws.send('1')
      await settle()
      expect(errors).toHaveLength(1)
      if (when === 'open') await accept()
      else if (when === 'close') await refuse()
      else {
        ws.connection.reconnect()
        await refuse()
        ws.close()
      }
      await settle()
      expect(errors[1]!.message).toMatch(/^a message \(0 are queued already\) was not queued/)
    },
  )

  test('of 0 queues nothing and reports it', async () => {
    const { ws, events, accept } = setupSocket({ maxEnqueuedMessages: 0 })
    ws.send('1')
    await settle()
    expect(events).toEqual(['error ERR_QUEUE_FULL'])
    const socket = await accept()
    ws.send('2')
    expect(socket.sent).toEqual(['2'])
  })

  test('is unlimited by default', async () => {
    const { ws, accept, events, clock } = setupSocket()
    for (let count = 0; count < 5_000; count++) ws.send(`${count}`)
    const socket = await accept()
    // In slices, so that other tasks run in between.
    await clock.advance(10)
    expect(socket.sent).toEqual(Array.from({ length: 5_000 }, (_, count) => `${count}`))
    expect(events).toEqual(['open'])
  })
})

describe('drainQueuedMessages()', () => {
  test('returns queued messages once, oldest first', async () => {
    const { ws, accept } = setupSocket()
    ws.send('1')
    ws.send('2')
    expect(ws.drainQueuedMessages()).toEqual(['1', '2'])
    expect([ws.drainQueuedMessages(), ws.bufferedAmount]).toEqual([[], 0])
    expect((await accept()).sent).toEqual([])
  })

  test('lets another socket send the messages', async () => {
    const [old, young] = [setupSocket(), setupSocket()]
    for (const message of ['1', '2']) old.ws.send(message)
    young.ws.send('0')
    old.ws.close()
    for (const message of old.ws.drainQueuedMessages()) young.ws.send(message)
    expect((await young.accept()).sent).toEqual(['0', '1', '2'])
  })

  type Act = (all: ReturnType<typeof setupSocket>) => unknown
  const ends: [string, Act][] = [
    ['close() while connecting', ({ ws }) => ws.close()],
    [
      'close() while it waits',
      async ({ ws, refuse }) => {
        await refuse()
        ws.close()
      },
    ],
    [
      'exhaustion',
      async ({ clock, refuse }) => {
        await refuse()
        await clock.advance(1_000)
        await refuse()
      },
    ],
  ]
  test.each(ends)('still returns them after %s, or reconnect() sends them', async (_, end) => {
    for (const choice of ['drain', 'reconnect'] as const) {
      const all = setupSocket({ ...everySecond, maxRetries: 1 })
      const { ws, clock, accept } = all
      ws.send('1')
      ws.send('2')
      await end(all)
      await clock.advance(2_000)
      expect([ws.readyState, ws.bufferedAmount]).toEqual([3, 2])
      if (choice === 'drain') expect(ws.drainQueuedMessages()).toEqual(['1', '2'])
      ws.reconnect()
      ws.send('3')
      expect((await accept()).sent).toEqual(choice === 'drain' ? ['3'] : ['1', '2', '3'])
      expect(ws.bufferedAmount).toBe(0)
    }
  })

  test('returns them inside the last close listener, and reconnect() there sends them in order', async () => {
    for (const choice of ['drain', 'reconnect'] as const) {
      const { ws, transport, refuse, accept } = setupSocket({ maxRetries: 0 })
      let drained: unknown[] = []
      ws.addEventListener(
        'close',
        ({ willReconnect }) => {
          expect([willReconnect, ws.bufferedAmount]).toEqual([false, 2])
          if (choice === 'drain') drained = ws.drainQueuedMessages()
          ws.reconnect()
          ws.send('3')
        },
        { once: true },
      )
      ws.send('1')
      ws.send('2')
      await refuse()
      const socket = await accept()
      expect(drained).toEqual(choice === 'drain' ? ['1', '2'] : [])
      expect(socket.sent).toEqual(choice === 'drain' ? ['3'] : ['1', '2', '3'])
      expect(transport.sockets).toHaveLength(2)
    }
  })

  test('returns them in order after close() and reconnect() in one listener', async () => {
    const { ws, clock, refuse, accept } = setupSocket(everySecond)
    ws.addEventListener(
      'close',
      () => {
        ws.close()
        ws.reconnect()
        ws.send('3')
      },
      { once: true },
    )
    ws.send('1')
    ws.send('2')
    await refuse()
    await clock.advance(1_000)
    expect((await accept()).sent).toEqual(['1', '2', '3'])
    expect(ws.bufferedAmount).toBe(0)
  })

  test('is not needed: messages sent inside reconnect() follow those left in the queue', async () => {
    const { ws, accept } = setupSocket()
    ws.addEventListener('close', () => ws.send('3'), { once: true })
    ws.send('1')
    ws.send('2')
    ws.close()
    ws.reconnect()
    ws.send('4')
    expect((await accept()).sent).toEqual(['1', '2', '3', '4'])
  })

  test('returns everything if a listener closes inside reconnect()', async () => {
    const { ws, events } = setupSocket()
    ws.addEventListener('close', () => ws.close(), { once: true })
    ws.send('1')
    ws.reconnect()
    await settle()
    expect([ws.readyState, ws.bufferedAmount, ws.drainQueuedMessages()]).toEqual([3, 1, ['1']])
    expect(events.filter((each) => each.includes('ERR'))).toEqual([])
  })

  test('omits messages sent after close(), which are counted and discarded', async () => {
    const { ws, accept } = setupSocket()
    ws.send('12')
    ws.close()
    ws.send('345')
    expect(ws.bufferedAmount).toBe(5)
    await settle()
    expect(ws.drainQueuedMessages()).toEqual(['12'])
    expect(ws.bufferedAmount).toBe(3)
    ws.reconnect()
    expect(ws.bufferedAmount).toBe(0)
    expect((await accept()).sent).toEqual([])
  })
})

describe('send()', () => {
  test('while closing and after the end counts and discards', async () => {
    const { ws, events, accept } = setupSocket()
    const socket = await accept()
    ws.close()
    ws.send('12')
    expect([ws.readyState, ws.bufferedAmount]).toEqual([2, 2])
    socket.end({ code: 1000 })
    ws.send('345')
    await settle()
    expect([ws.readyState, ws.bufferedAmount]).toEqual([3, 5])
    expect(socket.sent).toEqual([])
    expect(events).toEqual(['open', 'close 1000'])
  })

  test('causes an error event if the socket refuses a message: in place for a queued one, later for a direct one', async () => {
    const { ws, events, accept } = setupSocket({
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
    ws.send('poison')
    ws.send('good')
    const socket = await accept()
    expect(events).toEqual(['open', 'error'])
    ws.send('poison')
    await settle()
    expect([socket.sent, events]).toEqual([['good'], ['open', 'error', 'error ERR_DATA']])
  })

  test('with queue: false throws while connecting, and discards while closed, as in the standard', async () => {
    const { ws, clock, refuse, accept } = setupSocket({ ...everySecond, queue: false })
    expect(() => ws.send('1')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
    await refuse()
    ws.send('12')
    expect(ws.bufferedAmount).toBe(2)
    await clock.advance(1_000)
    const socket = await accept()
    ws.send('3')
    expect(socket.sent).toEqual(['3'])
    expect(ws.drainQueuedMessages()).toEqual([])
  })

  test('never returns whether it sent: that is partysocket, not the standard', async () => {
    const { ws, accept } = setupSocket()
    expect(ws.send('1')).toBeUndefined()
    await accept()
    expect(ws.send('2')).toBeUndefined()
    expect(ReconnectingWebSocket.prototype.send.length).toBe(1)
  })
})
