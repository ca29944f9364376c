import { describe, expect, test } from 'vitest'
import { Attempt } from '../../src/core/attempt.js'
import type { Core } from '../../src/core/core.js'
import type { EngineHost } from '../../src/core/engine/engine.types.js'
import type { AnyFeature, Part } from '../../src/core/feature.js'
import { codec } from '../../src/core/features/codec.js'
import { readers, type Readers } from '../../src/core/features/readers.js'
import { protocolPing, serverPing, textHeartbeat } from '../../src/core/policies/heartbeat.js'
import type { Heartbeat } from '../../src/core/policies/profile.js'
import type { SendData, MessageData, Socket } from '../../src/core/transport.js'
import { linked } from './support/linked.js'
import { feature, scripted } from './support/scripted.js'

interface Receiving {
  attempt: Attempt
  core: Core
  host: EngineHost
  /** Proofs of liveness for the chart, round trips, replies to the server, and reports. */
  log: unknown[]
  heard: unknown[]
}

function receiving(
  heartbeat: Heartbeat = protocolPing(),
  decode?: (frame: MessageData) => unknown,
  part: Part = {},
): Receiving {
  const features: AnyFeature[] = [readers(), feature(part)]
  if (decode !== undefined) features.push(codec({ encode: (data: SendData) => data, decode }))
  const { core, host } = scripted({ heartbeat, features })
  const attempt = (core.attempt = new Attempt(7, core))
  const log: unknown[] = []
  const send = (data: SendData): unknown => (data === 'ping' ? undefined : log.push({ answer: data }))
  attempt.socket = { bufferedAmount: 0, send, ping: () => {} } as unknown as Socket
  core.engine.send = ({ type }) => void log.push(type)
  core.fail = (code, what, thrown) => void log.push([code, what, thrown])
  core.events.add('heartbeat', () => void log.push('pong'))
  const heard: unknown[] = []
  core.events.add('message', (message) => void heard.push(message))
  return { attempt, core, host, log, heard }
}

const fault = new Error('fault')
const throwing = (): never => {
  throw fault
}
const text = (options: object = {}): Heartbeat => textHeartbeat({ ping: 'ping', pong: 'pong', ...options })

describe('an attempt counts', () => {
  test('frames, messages, and their size without encoding the text', () => {
    const { attempt: one, core } = receiving()
    const reader = core.part('readers') as Readers
    reader.add(() => {})
    one.message('ä€')
    one.message(new ArrayBuffer(10))
    one.message(new Blob(['12345']))
    one.alive('ping')
    one.alive('pong')
    expect([core.received, core.received - core.beats, reader.size]).toEqual([5, 3, 17])
  })

  test('heartbeat frames of the app’s protocol as frames, not as messages', () => {
    const { attempt: one, core, heard } = receiving(text())
    one.ping()
    one.message('pong')
    one.message('news')
    expect([core.received, core.received - core.beats, heard]).toEqual([2, 1, ['news']])
  })

  test('every frame as proof of liveness, or pongs only', () => {
    const any = receiving()
    const pongs = receiving(protocolPing({ proof: 'pong' }))
    for (const { attempt: one } of [any, pongs]) {
      one.message('x')
      one.alive('ping')
      one.alive('pong')
    }
    expect([any.host.livenessCount, pongs.host.livenessCount]).toEqual([3, 1])
  })
})

describe('the expected proof', () => {
  const frames = {
    message: (one: Attempt) => one.message('x'),
    'a ping': (one: Attempt) => one.alive('ping'),
    'a pong': (one: Attempt) => one.alive('pong'),
  }

  test.each(Object.entries(frames))('is %s, once', (name, come) => {
    const { attempt: one, log } = receiving()
    expect(one.expecting).toBe(false)
    come(one)
    expect(log).toEqual([])
    one.ping()
    expect(one.expecting).toBe(true)
    come(one)
    expect(one.expecting).toBe(false)
    come(one)
    expect(log).toEqual(name === 'a pong' ? ['pong', 'socket.alive'] : ['socket.alive'])
  })

  test.each(Object.entries(frames))("with proof: 'pong' is %s only if that is a pong", (name, come) => {
    const { attempt: one, log } = receiving(protocolPing({ proof: 'pong' }))
    one.ping()
    come(one)
    expect(log).toEqual(name === 'a pong' ? ['pong', 'socket.alive'] : [])
  })

  test('may be a pong of the app’s protocol', () => {
    const { attempt: one, log } = receiving(text({ proof: 'pong' }))
    one.ping()
    one.message('x')
    expect(log).toEqual([])
    one.message('pong')
    expect(log).toEqual(['socket.alive', 'pong'])
  })

  test('is not expected from another socket', () => {
    const { attempt: one, core, log } = receiving()
    one.ping()
    one.abandon(4000, '')
    const next = new Attempt(8, core)
    next.message('x')
    expect(log).toEqual([])
  })
})

describe('an unsolicited pong', () => {
  test('is a message, not a pong', () => {
    const { attempt: one, core, host, log, heard } = receiving(text({ proof: 'pong' }))
    one.ping()
    one.message('pong')
    one.expecting = true
    one.message('pong')
    expect([log, heard]).toEqual([['socket.alive', 'pong'], ['pong']])
    expect([core.received, core.received - core.beats, host.livenessCount, one.expecting]).toEqual([2, 1, 1, true])
  })

  test('in the protocol proves only liveness', () => {
    const { attempt: one, log } = receiving()
    one.ping()
    one.alive('stray')
    expect(log).toEqual(['socket.alive'])
    const { attempt: strict, host, log: nothing } = receiving(protocolPing({ proof: 'pong' }))
    strict.ping()
    strict.alive('stray')
    expect([nothing, host.livenessCount]).toEqual([[], 0])
  })

  test('includes a protocol pong after a message ping, and the reverse', () => {
    const { attempt: one, log } = receiving(text({ proof: 'pong' }))
    one.ping()
    one.alive('pong')
    const {
      attempt: other,
      log: nothing,
      heard,
    } = receiving({ ...protocolPing({ proof: 'pong' }), classify: () => 'pong' })
    other.ping()
    other.message('pong')
    expect([log, nothing, heard]).toEqual([[], [], ['pong']])
  })
})

describe('a ping of the server', () => {
  test('is answered and not delivered to listeners', () => {
    const { attempt: one, log, heard } = receiving(serverPing({ ping: '2', answer: '3' }))
    one.message('2')
    one.message('42')
    expect([log, heard]).toEqual([[{ answer: '3' }], ['42']])
  })

  test('is not answered if there is no reply', () => {
    const { attempt: one, log, heard } = receiving(serverPing({ ping: '2' }))
    one.message('2')
    expect([log, heard]).toEqual([[], []])
  })

  test('is reported if it cannot be answered, and still counts as a ping', () => {
    const { attempt: one, host, log, heard } = receiving(serverPing({ ping: '2', answer: throwing }))
    one.message('2')
    expect([log, heard]).toEqual([[['ERR_POLICY', 'heartbeat.answer', fault]], []])
    expect(host.livenessCount).toBe(1)
  })
})

test('a message that cannot be classified is reported, counts as proof since it may be the pong, and is delivered', () => {
  const { attempt: one, host, log, heard } = receiving(text({ pong: throwing, proof: 'pong' }))
  one.ping()
  one.message('x')
  expect(log).toEqual([['ERR_POLICY', 'heartbeat.classify', fault], 'socket.alive'])
  expect([host.livenessCount, heard]).toEqual([1, ['x']])
})

test('a message that cannot be decoded is reported and not delivered', () => {
  const { attempt: one, log, heard } = receiving(protocolPing(), throwing)
  one.message('x')
  expect([log, heard]).toEqual([[['ERR_DECODE', 'codec.decode', fault]], []])
})

test('a listener that throws is reported as such', () => {
  const { attempt: one, core, log } = receiving()
  core.events.add('message', throwing)
  one.message('x')
  expect(log).toEqual([['ERR_LISTENER', "a 'message' listener", fault]])
})

test.each(['an attempt that is released', 'the next attempt'] as const)(
  'frames go undecoded to active hooks until they end: %s',
  (ends) => {
    const taken: MessageData[] = []
    const preparing = { take: (frame: MessageData) => void taken.push(frame), end: () => [] }
    const {
      attempt: one,
      core,
      heard,
    } = receiving(protocolPing(), (frame) => ({ frame }), {
      preparation: { begin: () => preparing },
    })
    one.prepare()
    one.message('1')
    expect([taken, heard]).toEqual([['1'], []])
    if (ends === 'the next attempt') new Attempt(8, core).message('2')
    else {
      one.preparation = undefined
      one.message('2')
    }
    expect([taken, heard]).toEqual([['1'], [{ frame: '2' }]])
  },
)

test('a message is one turn: its consequences are reported after all listeners have received it', () => {
  const { attempt: one, core } = receiving()
  const order: string[] = []
  core.events.add('message', () => {
    core.schedule(() => order.push('told'))
    order.push('first')
  })
  core.events.add('message', () => void order.push('second'))
  one.message('x')
  expect(order).toEqual(['first', 'second', 'told'])
})

test('an abandoned attempt receives nothing', () => {
  const { attempt: one, core, heard } = receiving()
  one.abandon(4000, '')
  one.message('x')
  one.alive('ping')
  expect([heard, core.received]).toEqual([[], 0])
})

test('a message passes through five functions from the transport to its listener', async () => {
  const { core, accept } = linked([])
  let frames: string[] = []
  core.events.add('message', function listener() {
    frames = (new Error('where').stack ?? '').split('\n').slice(1)
  })
  const socket = await accept()
  socket.message('x')
  const transport = frames.findIndex((frame) => frame.includes('FakeSocket.message'))
  expect(frames.slice(0, transport)).toHaveLength(5)
})
