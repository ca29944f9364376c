import { describe, expect, test } from 'vitest'
import type { ConnectionOptions, Fate } from '../../../src/index.js'
import { fixedBackoff } from '../../../src/core/policies/backoff.js'
import { textHeartbeat } from '../../../src/core/policies/heartbeat.js'
import { settle } from '../../../src/tools/testing/clock.js'
import type { SendData, MessageData } from '../../../src/core/transport.js'
import { collectGarbage } from '../../support/garbage.js'
import { setup, type Setup } from '../../support/setup.js'

interface Tracking<In, Out> extends Setup<In, Out> {
  /** The fate of each message, in the order reported. */
  fates: string[]
  /** Sends it and records its fate. */
  track(message: Out, options?: { ttl?: number; key?: string }): string
}

function tracking<In = MessageData, Out = SendData>(
  options: ConnectionOptions<In, Out> & { fake?: object } = {},
): Tracking<In, Out> {
  const each = setup<In, Out>({ backoff: fixedBackoff(100), ...options })
  const fates: string[] = []
  const name = (message: Out): string => (typeof message === 'string' ? message : JSON.stringify(message))
  return {
    ...each,
    fates,
    track: (message, given) =>
      each.connection.send(message, { ...given, onFate: (fate) => void fates.push(`${name(message)} ${fate}`) }),
  }
}

describe('the fate of a message', () => {
  test('is sent once the socket has it', async () => {
    const { track, fates, accept } = tracking()
    expect(track('a')).toBe('queued')
    expect(fates).toEqual([])
    await accept()
    expect(fates).toEqual(['a sent'])
    expect(track('b')).toBe('sent')
    expect(fates).toEqual(['a sent', 'b sent'])
  })

  test('becomes uncertain if its link is lost without a proof, and nothing more after that', async () => {
    const { track, fates, accept, clock } = tracking()
    const socket = await accept()
    track('a')
    socket.end()
    expect(fates).toEqual(['a sent', 'a uncertain'])
    await clock.advance(100)
    const next = await accept()
    next.end()
    await settle()
    expect(fates).toHaveLength(2)
  })

  test.each([
    ['of the protocol', undefined],
    ['that is a message', textHeartbeat({ ping: 'ping', pong: 'pong' })],
  ])('is proved by the pong for a ping %s that was sent after it', async (_, heartbeat) => {
    const { track, fates, accept, clock, connection } = tracking(heartbeat === undefined ? {} : { heartbeat })
    const socket = await accept()
    const pong = (): void => (heartbeat === undefined ? socket.pong() : socket.message('pong'))
    track('before')
    await clock.advance(10_000)
    track('after the ping')
    pong()
    track('after the pong')
    socket.end()
    expect(fates).toEqual([
      'before sent',
      'after the ping sent',
      'after the pong sent',
      'after the ping uncertain',
      'after the pong uncertain',
    ])
    expect(connection.status.loss).toBeDefined()
  })

  test('is proved by the peer’s answer to close()', async () => {
    const { track, fates, accept, connection } = tracking()
    const socket = await accept()
    track('a')
    void connection.close(1000)
    socket.end({ code: 1000 })
    expect([fates, connection.state]).toEqual([['a sent'], 'ended'])
  })

  test('is not proved by a close frame of the peer that crosses the local one, nor by a closeTimeout', async () => {
    const crossing = tracking()
    const socket = await crossing.accept()
    crossing.track('a')
    void crossing.connection.close(4001)
    socket.end({ code: 1012 })
    expect(crossing.fates).toEqual(['a sent', 'a uncertain'])
    const silent = tracking()
    await silent.accept()
    silent.track('a')
    void silent.connection.close()
    await silent.clock.advance(2_000)
    expect(silent.fates).toEqual(['a sent', 'a uncertain'])
  })

  test('is uncertain for each unproved message, as many as the close event counts', async () => {
    const { track, fates, accept, of, clock } = tracking()
    const socket = await accept()
    for (let id = 0; id < 5; id++) track(`${id}`)
    await clock.advance(10_000)
    socket.pong()
    for (let id = 5; id < 8; id++) track(`${id}`)
    socket.end()
    const uncertain = fates.filter((each) => each.endsWith('uncertain'))
    expect(uncertain).toEqual(['5 uncertain', '6 uncertain', '7 uncertain'])
    expect(of('close')[0]!.uncertain.messages).toBe(uncertain.length)
  })

  test('is uncertain when the app itself reconnects', async () => {
    const { track, fates, accept, connection } = tracking()
    await accept()
    track('a')
    connection.reconnect()
    expect(fates).toEqual(['a sent', 'a uncertain'])
  })

  test('is counted separately on each link', async () => {
    const { track, fates, accept, clock } = tracking()
    const first = await accept()
    track('a')
    await clock.advance(10_000)
    first.pong()
    first.end()
    await clock.advance(100)
    const second = await accept()
    // The first link had one proved message; this is the first of the second.
    track('b')
    second.end()
    expect(fates).toEqual(['a sent', 'b sent', 'b uncertain'])
  })
})

describe('the fate of an unsent message', () => {
  test('is overflow if the queue has no room', () => {
    const oldest = tracking({ queue: { messages: 1, overflow: 'drop-oldest' } })
    expect([oldest.track('a'), oldest.track('b')]).toEqual(['queued', 'queued'])
    expect(oldest.fates).toEqual(['a overflow'])
    const newest = tracking({ queue: { messages: 1, overflow: 'drop-newest' } })
    expect([newest.track('a'), newest.track('b')]).toEqual(['queued', 'dropped'])
    expect(newest.fates).toEqual(['b overflow'])
  })

  test('is expired if its turn comes after its ttl', async () => {
    const { track, fates, accept, clock } = tracking({ connectTimeout: 60_000 })
    track('a', { ttl: 10 })
    track('b')
    await clock.advance(10)
    await accept()
    expect(fates).toEqual(['a expired', 'b sent'])
  })

  test('is replaced if a later one has its key', async () => {
    const { track, fates, accept } = tracking()
    track('a', { key: 'k' })
    track('b', { key: 'k' })
    expect(fates).toEqual(['a replaced'])
    await accept()
    expect(fates).toEqual(['a replaced', 'b sent'])
  })

  test('is refused if an open socket rejects it from the queue', async () => {
    const { track, fates, transport } = tracking()
    track('poison')
    track('b')
    await settle()
    const socket = transport.last
    const { send } = socket
    socket.send = (data) => {
      if (data === 'poison') throw new TypeError('poison')
      send.call(socket, data)
    }
    socket.accept()
    await settle()
    expect(fates).toEqual(['poison refused', 'b sent'])
  })

  test('is ended if the connection ends', async () => {
    const { track, fates, connection } = tracking()
    track('a')
    void connection.close()
    await settle()
    expect(fates).toEqual(['a ended'])
  })

  test('is absent if it was not accepted and `send` threw', async () => {
    const { track, fates, accept, connection } = tracking({ queue: { messages: 0 } })
    expect(() => track('a')).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))
    expect(() => track(5 as never)).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
    const socket = await accept()
    socket.send = () => {
      throw new TypeError('poison')
    }
    expect(() => track('b')).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
    void connection.close()
    expect(() => track('c')).toThrow(expect.objectContaining({ code: 'ERR_ENDED' }))
    expect(fates).toEqual([])
  })

  test('is absent if the app withdrew it', () => {
    const { track, fates, connection } = tracking()
    track('a')
    expect(connection.withdraw()).toEqual(['a'])
    void connection.close()
    expect(fates).toEqual([])
  })
})

describe('fates are reported', () => {
  test('in the order of the messages, on each link', async () => {
    const { track, fates, accept } = tracking()
    track('a')
    track('b')
    const socket = await accept()
    track('c')
    socket.end()
    expect(fates).toEqual(['a sent', 'b sent', 'c sent', 'a uncertain', 'b uncertain', 'c uncertain'])
  })

  test('for a lost link after its `close` event and before the `state` event', async () => {
    const order: string[] = []
    const { connection, accept } = tracking()
    for (const type of ['close', 'state'] as const) connection.on(type, () => order.push(type))
    connection.send('a', { onFate: (fate) => order.push(fate) })
    const socket = await accept()
    order.length = 0
    socket.end()
    expect(order).toEqual(['close', 'uncertain', 'state'])
  })

  test('right before the `dropped` event', () => {
    const order: string[] = []
    const { connection } = tracking({ queue: { messages: 1, overflow: 'drop-oldest' } })
    connection.on('dropped', ({ reason }) => order.push(`event ${reason}`))
    connection.send('a', { onFate: (fate) => order.push(fate) })
    connection.send('b')
    expect(order).toEqual(['overflow', 'event overflow'])
  })

  test('outside the chart’s turn, so that commands of the callback take effect at once', async () => {
    const states: string[] = []
    const { connection, accept } = tracking()
    const socket = await accept()
    connection.send('a', {
      onFate: (fate) => {
        if (fate !== 'uncertain') return
        states.push(connection.state)
        void connection.close()
        states.push(connection.state)
      },
    })
    socket.end()
    expect(states).toEqual(['backoff', 'ended'])
  })

  test('in order to a callback that sends', async () => {
    const fates: string[] = []
    const { connection, accept } = tracking()
    const socket = await accept()
    const onFate = (name: string) => (fate: Fate) => {
      fates.push(`${name} ${fate}`)
      if (fate === 'sent' && name === 'a') connection.send('b', { onFate: onFate('b') })
    }
    connection.send('a', { onFate: onFate('a') })
    expect(socket.sent).toEqual(['a', 'b'])
    expect(fates).toEqual(['a sent', 'b sent'])
  })

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('fate')
      },
    ],
    ['rejects', () => Promise.reject(new Error('fate'))],
  ])('despite a callback that %s, which is reported for each call', async (_, onFate) => {
    const { connection, accept, of, track, fates } = tracking()
    const socket = await accept()
    expect(connection.send('a', { onFate })).toBe('sent')
    track('b')
    socket.end()
    await settle()
    expect(fates).toEqual(['b sent', 'b uncertain'])
    const cause = expect.objectContaining({ message: 'fate' }) as unknown
    expect(of('error')).toEqual([
      expect.objectContaining({ code: 'ERR_LISTENER', cause }),
      expect.objectContaining({ code: 'ERR_LISTENER', cause }),
    ])
  })

  test('for messages that a codec encodes', async () => {
    const { track, fates, accept } = tracking<MessageData, { id: number }>({
      codec: { encode: (message) => JSON.stringify(message), decode: (frame) => frame },
    })
    track({ id: 1 })
    const socket = await accept()
    track({ id: 2 })
    socket.end()
    expect(fates).toEqual(['{"id":1} sent', '{"id":2} sent', '{"id":1} uncertain', '{"id":2} uncertain'])
  })

  test('only for messages that request it, even between batches that do not', async () => {
    const { connection, track, fates, accept } = tracking()
    const socket = await accept()
    connection.sendMany(['1', '2'])
    track('a')
    connection.sendMany(['3', '4'])
    socket.end()
    expect(fates).toEqual(['a sent', 'a uncertain'])
  })

  test('for a socket that closes while it takes the message', async () => {
    const { track, fates, accept } = tracking()
    const socket = await accept()
    const { send } = socket
    socket.send = (data) => {
      send.call(socket, data)
      socket.end()
    }
    track('a')
    expect(fates).toEqual(['a sent', 'a uncertain'])
  })
})

test('an onFate that is not a function is rejected, and nothing is sent', async () => {
  const { connection, accept } = tracking()
  const socket = await accept()
  expect(() => connection.send('a', { onFate: 'x' as never })).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining('send.onFate') as unknown }),
  )
  expect(socket.sent).toEqual([])
})

describe('the connection retains', () => {
  /** A separate function, so that no variable of a pending call holds the last callback. */
  function send({ connection }: Tracking<MessageData, SendData>, count: number): WeakRef<object>[] {
    return Array.from({ length: count }, (_, id) => {
      const onFate = (): number => id
      connection.send('x', { onFate })
      return new WeakRef(onFate)
    })
  }

  /** The number of `count` callbacks that are still held after `then`. */
  async function held(
    count: number,
    then: (each: Tracking<MessageData, SendData>) => Promise<unknown>,
  ): Promise<number> {
    const each = tracking()
    await each.accept()
    const kept = send(each, count)
    await then(each)
    await collectGarbage()
    const left = kept.filter((ref) => ref.deref() !== undefined).length
    // Keeps the connection alive until here.
    expect(each.connection.state).toBe('open')
    return left
  }

  test('every callback that may be called again, and none after a proof and the next message', async () => {
    expect(await held(50, async () => {})).toBe(50)
    const proved = async ({ clock, transport, connection }: Tracking<MessageData, SendData>): Promise<void> => {
      await clock.advance(10_000)
      transport.last.pong()
      connection.send('next', { onFate: () => {} })
    }
    expect(await held(50, proved)).toBe(0)
  })

  test('nothing for messages without a callback, whatever their other options', async () => {
    const { connection, accept } = tracking()
    await accept()
    const kept = Array.from({ length: 50 }, () => {
      const options = { ttl: 1_000, key: 'k' }
      connection.send('x', options)
      return new WeakRef(options)
    })
    await collectGarbage()
    expect(kept.filter((ref) => ref.deref() !== undefined)).toEqual([])
    expect(connection.state).toBe('open')
  })
})
