import { describe, expect, test } from 'vitest'
import { settle } from '../../src/tools/testing/clock.js'
import { ReconnectingWebSocket } from '../../src/websocket/index.js'
import { everySecond, world } from './support/world.js'

describe('what is sent before it is open', () => {
  test('goes out in order, before the open event, and then comes what its listeners send', async () => {
    const { ws, accept } = world()
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

  test.each(['connecting', 'waiting', 'not started'] as const)('is kept while it is %s', async (when) => {
    const { ws, clock, refuse, accept } = world({ ...everySecond, startClosed: when === 'not started' })
    if (when === 'waiting') await refuse()
    ws.send('kept')
    expect([ws.readyState, ws.bufferedAmount]).toEqual([when === 'connecting' ? 0 : 3, 4])
    if (when === 'not started') ws.reconnect()
    await clock.advance(1_000)
    expect((await accept()).sent).toEqual(['kept'])
    expect(ws.bufferedAmount).toBe(0)
  })

  test('survives attempts that fail and links that are lost', async () => {
    const { ws, clock, refuse, accept } = world(everySecond)
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

  test('is counted in bytes of what goes on the wire', () => {
    const { ws } = world()
    ws.send('ä€😀')
    ws.send(new Uint16Array(3))
    ws.send(new ArrayBuffer(4))
    ws.send(new Blob(['xy']))
    expect(ws.bufferedAmount).toBe(9 + 6 + 4 + 2)
  })

  test('is what it was when it was sent', async () => {
    const { ws, accept } = world()
    const scratch = new Uint8Array([1])
    ws.send(scratch)
    scratch[0] = 2
    ws.send(scratch)
    scratch[0] = 3
    expect((await accept()).sent).toEqual([new Uint8Array([1]), new Uint8Array([2])])
  })

  test('what an open socket has in its own buffer is counted, and nothing waits besides', async () => {
    const { ws, accept } = world()
    const socket = await accept()
    socket.bufferedAmount = 1 << 24
    ws.send('x')
    expect([socket.sent, ws.bufferedAmount]).toEqual([['x'], 1 << 24])
  })
})

describe('maxEnqueuedMessages', () => {
  test('caps the queue, and messages too many are one error event, later, which says how many', async () => {
    const { ws, told, errors, accept } = world({ maxEnqueuedMessages: 2 })
    for (const message of ['1', '2', '3', '4']) expect(ws.send(message)).toBeUndefined()
    expect([told, ws.bufferedAmount]).toEqual([[], 2])
    await settle()
    expect(told).toEqual(['error ERR_QUEUE_FULL'])
    expect(errors[0]!.error).toMatchObject({ name: 'ConnectionError', code: 'ERR_QUEUE_FULL' })
    expect(errors[0]!.error).toBe(errors[0]!.error)
    expect(errors[0]!.message).toMatch(/^2 messages \(2 wait already\) were not kept: .*maxEnqueuedMessages/)
    ws.send('5')
    await settle()
    expect(errors[1]!.message).toMatch(/^a message \(2 wait already\) was not kept: .*maxEnqueuedMessages/)
    expect((await accept()).sent).toEqual(['1', '2'])
  })

  test('exceeded ten thousand times makes one event', async () => {
    const { ws, errors } = world({ maxEnqueuedMessages: 10 })
    for (let sent = 0; sent < 10_000; sent++) ws.send(`${sent}`)
    await settle()
    expect(errors.map(({ message }) => message.split(' (')[0])).toEqual(['9990 messages'])
    expect(ws.bufferedAmount).toBe(10)
  })

  test('exceeded by what an error listener sends does not go round in circles, and is told with the next', async () => {
    const { ws, errors } = world({ maxEnqueuedMessages: 0 })
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
    'exceeded within an error listener is told at %s at the latest',
    async (when) => {
      const { ws, errors, dial, refuse, accept } = world({ ...everySecond, maxEnqueuedMessages: 0 })
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
      expect(errors[1]!.message).toMatch(/^a message \(0 wait already\) was not kept/)
    },
  )

  test('of 0 keeps nothing, and says so', async () => {
    const { ws, told, accept } = world({ maxEnqueuedMessages: 0 })
    ws.send('1')
    await settle()
    expect(told).toEqual(['error ERR_QUEUE_FULL'])
    const socket = await accept()
    ws.send('2')
    expect(socket.sent).toEqual(['2'])
  })

  test('by default is no bound', async () => {
    const { ws, accept, told, clock } = world()
    for (let count = 0; count < 5_000; count++) ws.send(`${count}`)
    const socket = await accept()
    // In slices, between which others have their turn.
    await clock.advance(10)
    expect(socket.sent).toEqual(Array.from({ length: 5_000 }, (_, count) => `${count}`))
    expect(told).toEqual(['open'])
  })
})

describe('drainQueuedMessages()', () => {
  test('gives back what waits, oldest first, once', async () => {
    const { ws, accept } = world()
    ws.send('1')
    ws.send('2')
    expect(ws.drainQueuedMessages()).toEqual(['1', '2'])
    expect([ws.drainQueuedMessages(), ws.bufferedAmount]).toEqual([[], 0])
    expect((await accept()).sent).toEqual([])
  })

  test('hands over to another socket', async () => {
    const [old, young] = [world(), world()]
    for (const message of ['1', '2']) old.ws.send(message)
    young.ws.send('0')
    old.ws.close()
    for (const message of old.ws.drainQueuedMessages()) young.ws.send(message)
    expect((await young.accept()).sent).toEqual(['0', '1', '2'])
  })

  type Act = (all: ReturnType<typeof world>) => unknown
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
  test.each(ends)('after %s still gives them, or reconnect() sends them', async (_, end) => {
    for (const choice of ['drain', 'reconnect'] as const) {
      const all = world({ ...everySecond, maxRetries: 1 })
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

  test('in the listener of the last close gives them already, and reconnect() there sends them in order', async () => {
    for (const choice of ['drain', 'reconnect'] as const) {
      const { ws, transport, refuse, accept } = world({ maxRetries: 0 })
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

  test('close() and reconnect() in one listener keep what waits, in order', async () => {
    const { ws, clock, refuse, accept } = world(everySecond)
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

  test('what a listener sends inside reconnect() comes after what was left', async () => {
    const { ws, accept } = world()
    ws.addEventListener('close', () => ws.send('3'), { once: true })
    ws.send('1')
    ws.send('2')
    ws.close()
    ws.reconnect()
    ws.send('4')
    expect((await accept()).sent).toEqual(['1', '2', '3', '4'])
  })

  test('a listener that closes inside reconnect() has the last word, and nothing is lost', async () => {
    const { ws, told } = world()
    ws.addEventListener('close', () => ws.close(), { once: true })
    ws.send('1')
    ws.reconnect()
    await settle()
    expect([ws.readyState, ws.bufferedAmount, ws.drainQueuedMessages()]).toEqual([3, 1, ['1']])
    expect(told.filter((each) => each.includes('ERR'))).toEqual([])
  })

  test('does not give what was sent after close(): that is counted and discarded', async () => {
    const { ws, accept } = world()
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
  test('while closing and after the end is counted and discarded', async () => {
    const { ws, told, accept } = world()
    const socket = await accept()
    ws.close()
    ws.send('12')
    expect([ws.readyState, ws.bufferedAmount]).toEqual([2, 2])
    socket.end({ code: 1000 })
    ws.send('345')
    await settle()
    expect([ws.readyState, ws.bufferedAmount]).toEqual([3, 5])
    expect(socket.sent).toEqual([])
    expect(told).toEqual(['open', 'close 1000'])
  })

  test('what the socket will not take is an error event where it waited, and one later', async () => {
    const { ws, told, accept } = world({
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
    expect(told).toEqual(['open', 'error'])
    ws.send('poison')
    await settle()
    expect([socket.sent, told]).toEqual([['good'], ['open', 'error', 'error ERR_DATA']])
  })

  test('with queue: false throws while connecting, and discards while closed, as the standard has it', async () => {
    const { ws, clock, refuse, accept } = world({ ...everySecond, queue: false })
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

  test('never answers whether it was sent: that is partysocket, not the standard', async () => {
    const { ws, accept } = world()
    expect(ws.send('1')).toBeUndefined()
    await accept()
    expect(ws.send('2')).toBeUndefined()
    expect(ReconnectingWebSocket.prototype.send.length).toBe(1)
  })
})
