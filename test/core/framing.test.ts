// What a framing, and a link with a profile of its own, can do.
import { describe, expect, test } from 'vitest'
import { createConnection } from '../../src/create-connection.js'
import type { Core } from '../../src/core/core.js'
import type { AnyFeature, Framing } from '../../src/core/feature.js'
import { textHeartbeat } from '../../src/core/policies/heartbeat.js'
import type { SendData } from '../../src/core/transport.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { linked, sample } from './support/linked.js'

const framing = (more: Partial<Framing> = {}): Framing => ({
  outgoing: (data) => `<${String(data)}>`,
  incoming: (data) => String(data).slice(1, -1),
  ...more,
})

describe('the subprotocol that the server selected', () => {
  test('is shown as the framing says', async () => {
    const { core, accept } = linked([sample({ framing: framing({ selected: (protocol) => protocol.slice(2) }) })])
    await accept('x.feed')
    expect(core.face.protocol).toBe('feed')
  })

  test('that the framing throws for fails the attempt', async () => {
    const boom = new Error('boom')
    const thrower = framing({
      selected: () => {
        throw boom
      },
    })
    const { core, accept } = linked([sample({ framing: thrower })])
    await accept()
    expect([core.status.state, core.status.loss?.error?.cause]).toEqual(['backoff', boom])
  })
})

describe('a link', () => {
  const adopting = (profile: Parameters<Core['adopt']>[0]) => {
    let links = 0
    return linked([
      sample((core) => ({
        framing: framing({
          selected: (protocol) => {
            if (++links === 1) core.adopt(profile)
            return protocol
          },
        }),
      })),
    ])
  }

  test('can have a heartbeat of its own, and the next one has the connection’s', async () => {
    const { core, clock, accept, lose } = adopting({
      heartbeat: textHeartbeat({ ping: 'ping', pong: 'pong', proof: 'pong', interval: 50, timeout: 20 }),
    })
    const heard: unknown[] = []
    core.events.add('message', (message) => void heard.push(message))
    const first = await accept()
    await clock.advance(50)
    first.message('pong')
    expect([first.sent, heard, core.anyProves]).toEqual([['ping'], [], false])
    await lose()
    const second = await accept()
    second.message('<pong>')
    await clock.advance(20_000)
    expect([second.sent, heard, core.anyProves, second.count('ping')]).toEqual([[], ['pong'], true, 1])
  })

  test('can be without the framing, and its socket then has the app’s binaryType', async () => {
    const { core, accept, lose } = adopting({ framing: undefined })
    core.setBinaryType('blob')
    const heard: unknown[] = []
    core.events.add('message', (message) => void heard.push(message))
    const first = await accept()
    core.face.send('1')
    first.message('<a>')
    expect([first.target.binaryType, first.binaryType, first.sent]).toEqual(['arraybuffer', 'blob', ['1']])
    await lose()
    const second = await accept()
    core.face.send('2')
    second.message('<b>')
    expect([second.binaryType, second.sent, heard]).toEqual(['arraybuffer', ['<2>'], ['<a>', 'b']])
    core.setBinaryType('arraybuffer')
    core.setBinaryType('blob')
    expect([second.binaryType, core.face.binaryType]).toEqual(['arraybuffer', 'blob'])
  })
})

describe('framing.check', () => {
  test('refuses data in send, whether it would be sent or queued', async () => {
    const check = (data: SendData): void => {
      if (data === 'no') throw new RangeError('no')
    }
    const { core, accept } = linked([sample({ framing: framing({ check }) })])
    expect(() => core.face.send('no')).toThrow(RangeError)
    core.face.send('queued')
    const socket = await accept()
    expect(() => core.face.send('no')).toThrow(RangeError)
    expect(socket.sent).toEqual(['<queued>'])
  })
})

describe('framing.outgoing', () => {
  test('gets the message before the codec', async () => {
    const seen: unknown[] = []
    const outgoing = (data: SendData, message: unknown): SendData => {
      seen.push([data, message])
      return data
    }
    const codec = { encode: (message: number) => String(message), decode: Number }
    const { core, accept } = linked([sample({ codec }, 'codec'), sample({ framing: framing({ outgoing }) })])
    core.face.send(1)
    await accept()
    core.face.send(2)
    expect(seen).toEqual([
      ['1', 1],
      ['2', 2],
    ])
  })
})

describe('isFull', () => {
  test('is asked how many of a batch fit, and the rest is queued, or none is accepted', async () => {
    const transport = new FakeTransport()
    const feature: AnyFeature = sample({ isFull: (ahead: number) => sent() + ahead >= 3 })
    const connection = createConnection('ws://server.test/', {
      transport,
      clock: new TestClock(),
      queue: { messages: 2 },
      features: [feature],
    })
    const sent = (): number => transport.last.sent.length
    await settle()
    transport.last.accept()
    await settle()
    expect(() => connection.sendMany(['1', '2', '3', '4', '5', '6'])).toThrow(
      expect.objectContaining({ code: 'ERR_QUEUE_FULL' }),
    )
    expect(connection.sendMany(['1', '2', '3', '4', '5'])).toEqual({ sent: 3, queued: 2, dropped: 0 })
    expect(transport.last.sent).toEqual(['1', '2', '3'])
  })
})

describe('a link that is closed by a listener just as it opens', () => {
  test('still delivers what its preparation left unread, and what follows', async () => {
    const { core, accept } = linked([
      sample((attached) => ({
        preparation: {
          begin: (attempt) => {
            void Promise.resolve().then(() => attempt.done(undefined))
            return { take: () => {}, end: () => ['<unread>'] }
          },
        },
        framing: framing(),
        mayClose: () => attached.received > 1,
      })),
    ])
    const heard: unknown[] = []
    core.events.add('message', (message) => void heard.push(message))
    core.events.add('state', ({ state }: { state: string }) => {
      if (state === 'open') core.face.close()
    })
    const socket = await accept()
    socket.message('<later>')
    expect([core.status.state, heard]).toEqual(['closing', ['unread', 'later']])
  })
})
