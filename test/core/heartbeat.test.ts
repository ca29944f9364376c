import { describe, expect, test } from 'vitest'
import { Attempt } from '../../src/core/attempt.js'
import type { Core } from '../../src/core/core.js'
import { noHeartbeat, protocolPing, serverPing, textHeartbeat } from '../../src/core/policies/heartbeat.js'
import type { Heartbeat } from '../../src/core/policies/profile.js'
import type { TestClock } from '../../src/tools/testing/clock.js'
import type { FakeSocket } from '../../src/tools/testing/transport.js'
import { feature, scripted } from './support/scripted.js'

interface Beating {
  core: Core
  attempt: Attempt
  clock: TestClock
  socket: FakeSocket
  /** The operations on the socket, the events for chart and app, and the reports, in order. */
  done: unknown[]
}

async function beating(heartbeat: Heartbeat = protocolPing()): Promise<Beating> {
  const { core, clock, transport } = scripted({ heartbeat })
  const attempt = (core.attempt = new Attempt(7, core))
  await attempt.start()
  const socket = transport.last
  socket.accept()
  const done: unknown[] = []
  core.engine.send = ({ type }) => void done.push(type)
  core.fail = (code, what, thrown) => void done.push([code, what, thrown])
  core.events.add('heartbeat', (event) => void done.push(event))
  const { ping } = socket
  socket.ping = () => {
    done.push('ping')
    ping!()
  }
  socket.send = (data) => void done.push({ sent: data })
  return { core, attempt, clock, socket, done }
}

const dialect = (options: object = {}): Heartbeat => textHeartbeat({ ping: 'ping', pong: 'pong', ...options })

describe('a ping', () => {
  test.each<[string, Heartbeat, unknown[]]>([
    ['of the protocol', protocolPing(), ['ping']],
    ['that is a message', dialect(), [{ sent: 'ping' }]],
    ['that is none', serverPing(), []],
    ['that is off', noHeartbeat(), []],
  ])('%s is sent in its form, and a proof is expected', async (_, heartbeat, expected) => {
    const { attempt: one, done } = await beating(heartbeat)
    one.ping()
    expect(done).toEqual(expected)
    expect(one.expecting).toBe(true)
  })

  test('that cannot be created is reported and counts as acknowledged, since none was sent', async () => {
    const fault = new Error('ping')
    const throwing = (): never => {
      throw fault
    }
    const { attempt: one, socket, done } = await beating(dialect({ ping: throwing }))
    one.ping()
    socket.message('pong')
    expect(done).toEqual([['ERR_POLICY', 'heartbeat.ping', fault], 'socket.alive'])
    const { attempt: other, done: chartEvents } = await beating(dialect({ ping: () => 5 as never }))
    other.ping()
    expect(chartEvents).toEqual([
      ['ERR_POLICY', 'heartbeat.ping', expect.objectContaining({ code: 'ERR_DATA' })],
      'socket.alive',
    ])
    expect(other.expecting).toBe(false)
  })

  test.each([protocolPing(), dialect()])(
    'that a socket refuses causes no error: its close event is pending',
    async (given) => {
      const { attempt: one, socket, done } = await beating(given)
      socket.ping = socket.send = () => {
        throw new Error('closed')
      }
      expect(() => one.ping()).not.toThrow()
      expect(done).toEqual([])
    },
  )
})

describe('a pong', () => {
  test('reports the round trip of the last ping once', async () => {
    const { attempt: one, clock, socket, done } = await beating()
    socket.pong()
    expect(done).toEqual([])
    await clock.advance(100)
    one.ping()
    await clock.advance(30)
    socket.pong()
    socket.pong()
    expect(done).toEqual(['ping', { rtt: 30 }, 'socket.alive'])
  })

  test('is not expected when a server pings, nor by another socket', async () => {
    const { attempt: one, socket, done } = await beating(serverPing())
    one.ping()
    socket.message('pong')
    expect(done).toEqual(['socket.alive'])
    const { core, attempt: old, done: chartEvents } = await beating()
    old.ping()
    const next = new Attempt(8, core)
    next.alive('pong')
    expect(chartEvents).toEqual(['ping'])
  })

  test('with a clock set back reports a round trip of zero, not a negative one', async () => {
    const { attempt: one, clock, socket, done } = await beating()
    one.ping()
    clock.block(-50)
    socket.pong()
    expect(done).toEqual(['ping', { rtt: 0 }, 'socket.alive'])
  })
})

describe('outstanding pings', () => {
  const answers = (done: unknown[]): unknown[] => done.filter((each) => typeof each === 'object' && 'rtt' in each!)

  test('are acknowledged in order, each once', async () => {
    const { core, attempt: one, clock, socket, done } = await beating(dialect())
    const heard: unknown[] = []
    core.events.add('message', (message) => void heard.push(message))
    socket.message('pong')
    expect(heard.splice(0)).toEqual(['pong'])
    one.ping()
    await clock.advance(10)
    one.ping()
    await clock.advance(10)
    for (let pong = 0; pong < 3; pong++) socket.message('pong')
    expect(heard).toEqual(['pong'])
    expect(answers(done)).toEqual([{ rtt: 20 }, { rtt: 10 }])
  })

  test('of the protocol are all acknowledged by one pong', async () => {
    const { attempt: one, clock, socket, done } = await beating()
    one.ping()
    await clock.advance(10)
    one.ping()
    socket.pong()
    socket.pong()
    expect(answers(done)).toEqual([{ rtt: 0 }])
  })

  test('are limited to the oldest thousand if a server never replies', async () => {
    const { attempt: one, clock, socket, done } = await beating(dialect())
    for (let count = 0; count < 1_500; count++) {
      one.ping()
      clock.block(1)
    }
    for (let count = 0; count < 1_500; count++) socket.message('pong')
    const rtts = answers(done)
    expect([rtts.length, rtts[0], rtts.at(-1)]).toEqual([1_000, { rtt: 1_500 }, { rtt: 501 }])
  })

  test('prove the messages sent before them, and a late pong revokes nothing', async () => {
    const { core, attempt: one, socket } = await beating(dialect())
    const proved = (): number[] => [one.provenMessages, one.provenBytes]
    core.outgoing.write(one, '1', '1', undefined)
    one.ping()
    core.outgoing.write(one, '22', '22', undefined)
    one.ping()
    core.outgoing.write(one, '333', '333', undefined)
    expect([one.messages, one.bytes, ...proved()]).toEqual([3, 6, 0, 0])
    socket.message('pong')
    expect(proved()).toEqual([1, 1])
    socket.message('pong')
    expect(proved()).toEqual([2, 3])
    socket.message('pong')
    expect(proved()).toEqual([2, 3])
  })
})

describe('the time left for a ping', () => {
  test('is the whole timeout while none is outstanding', async () => {
    const { attempt: one, clock } = await beating()
    await clock.advance(5_000)
    expect(one.left).toBe(10_000)
  })

  test.each([
    [0, 10_000],
    [4_000, 6_000],
    [9_000, 1_000],
    [9_500, 1_000],
    [9_999, 1_000],
    // It was not waited for, so it is as if there were none.
    [10_000, 10_000],
    [20_000, 10_000],
  ])('%i ms after it was sent is %i ms', async (gone, left) => {
    const { attempt: one, clock } = await beating()
    await clock.advance(777)
    one.ping()
    await clock.advance(gone)
    expect(one.left).toBe(left)
  })
})

describe('proof of arrival', () => {
  interface Proving extends Pick<Beating, 'attempt' | 'clock' | 'core' | 'socket'> {
    /** Round trip and bytes, as passed to a feature's patience. */
    answered: unknown[]
    send(message: string): void
  }

  async function proving(heartbeat: Heartbeat): Promise<Proving> {
    const answered: unknown[] = []
    const patience = { factor: 1, moving: false, watch() {}, answered: (...all: unknown[]) => void answered.push(all) }
    const { core, clock, transport } = scripted({ heartbeat, features: [feature({ patience })] })
    const attempt = (core.attempt = new Attempt(7, core))
    await attempt.start()
    const socket = transport.last
    socket.accept()
    return {
      core,
      clock,
      attempt,
      socket,
      answered,
      send: (message) => core.outgoing.write(attempt, message, message, {}),
    }
  }

  test.each<[string, Heartbeat]>([
    ['the protocol', protocolPing()],
    ['messages', dialect()],
  ])('covers the messages sent before the acknowledged ping, by %s', async (_, heartbeat) => {
    const { attempt, clock, socket, answered, send } = await proving(heartbeat)
    const pong = (): void => (heartbeat.ping === 'protocol' ? socket.pong() : socket.message('pong'))
    send('four')
    attempt.ping()
    send('seven77')
    await clock.advance(30)
    pong()
    expect([attempt.provenMessages, attempt.provenBytes]).toEqual([1, 4])
    attempt.ping()
    pong()
    expect([attempt.provenMessages, attempt.provenBytes]).toEqual([2, 11])
    attempt.ping()
    pong()
    expect([attempt.provenMessages, attempt.provenBytes]).toEqual([2, 11])
    expect(answered).toEqual([
      [30, 4],
      [0, 7],
      [0, 0],
    ])
  })

  test('comes once from a protocol pong', async () => {
    const { core, attempt, socket } = await proving(protocolPing())
    attempt.ping()
    socket.pong()
    expect(core.pongs).toBe(1)
    expect(attempt.expecting).toBe(false)
  })
})

test('a new attempt expects no proof and has no acknowledgements; an abandoned one expects none', async () => {
  const { core, attempt: one } = await beating()
  const fresh = new Attempt(8, core)
  expect([fresh.expecting, fresh.answered, fresh.ready]).toEqual([false, false, false])
  one.ping()
  one.abandon(4000, '')
  expect([one.expecting, one.ready]).toEqual([false, false])
})

test('a close that answers nothing is not an acknowledgement', async () => {
  const { attempt: one } = await beating()
  one.closed({ code: 1000, reason: '', wasClean: true })
  expect(one.answered).toBe(false)
})

test('a heartbeat function that returns a promise is reported as such', async () => {
  const late = Promise.resolve('pong')
  const promised = expect.any(TypeError) as unknown
  const classifying = await beating({ ...dialect(), classify: () => late as never })
  classifying.socket.message('x')
  expect(classifying.done).toEqual([['ERR_POLICY', 'heartbeat.classify', promised]])
  const answering = await beating({ ...dialect(), classify: () => 'ping', answer: () => late as never })
  answering.socket.message('x')
  expect(answering.done).toEqual([['ERR_POLICY', 'heartbeat.answer', promised]])
})

test('a feature that holds messages back receives the reply to a ping', async () => {
  const given: unknown[] = []
  const pressure = {
    isOver: () => false,
    start() {},
    stop() {},
    opened() {},
    answer: (data: unknown) => void given.push(data),
  }
  const heartbeat: Heartbeat = { ...dialect(), classify: () => 'ping', answer: () => 'answer' }
  const { core, transport } = scripted({ heartbeat, features: [feature({ pressure })] })
  const attempt = (core.attempt = new Attempt(7, core))
  await attempt.start()
  transport.last.accept()
  transport.last.message('x')
  expect([given, transport.last.sent]).toEqual([['answer'], []])
})
