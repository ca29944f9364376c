import { describe, expect, test } from 'vitest'
import { Timers } from '../../src/control/timers.js'
import { Pulse, type PulseHost } from '../../src/control/pulse.js'
import { off, protocolPing, serverPing, textHeartbeat, type Heartbeat } from '../../src/policies/heartbeat.js'
import type { Tally } from '../../src/data/outbound.js'
import { TestClock } from '../../src/testing/clock.js'
import type { Socket } from '../../src/transports/transport.js'

function pulse(heartbeat: Heartbeat = protocolPing()): {
  pulse: Pulse
  clock: TestClock
  inbound: { expecting: boolean }
  outbound: { handed: Tally; uncertain: Tally; proved: Tally[]; prove(handed: Tally): void }
  socket: Socket
  done: unknown[]
} {
  const clock = new TestClock()
  const done: unknown[] = []
  const inbound = { expecting: false, expectProof: () => void (inbound.expecting = true) }
  const none = { messages: 0, bytes: 0 }
  const outbound = {
    handed: none,
    uncertain: none,
    proved: [] as Tally[],
    prove: (handed: Tally) => void outbound.proved.push(handed),
  }
  const host: PulseHost = {
    timers: new Timers(clock, false, { turn: (callback) => callback(), fail: (...what) => done.push(what) }),
    data: { inbound, outbound },
    alive: () => done.push('alive'),
    resumed: () => void done.push('resumed'),
    answered: (rtt) => void done.push({ rtt }),
    fail: (code, what, thrown) => done.push([code, what, thrown]),
  }
  const socket: Socket = {
    bufferedAmount: 0,
    binaryType: 'arraybuffer',
    send: (data) => void done.push({ sent: data }),
    ping: () => void done.push('ping'),
    close() {},
    abandon() {},
  }
  return { pulse: new Pulse(heartbeat, host), clock, inbound, outbound, socket, done }
}

describe('a ping', () => {
  test.each<[string, Heartbeat, unknown[]]>([
    ['of the protocol', protocolPing(), ['ping']],
    ['that is a message', textHeartbeat({ ping: 'ping', pong: 'pong' }), [{ sent: 'ping' }]],
    ['that is none', serverPing(), []],
    ['that is off', off(), []],
  ])('%s goes out as what it is, and a proof is awaited', (_, heartbeat, expected) => {
    const { pulse: one, inbound, socket, done } = pulse(heartbeat)
    one.ping(socket)
    expect(done).toEqual(expected)
    expect(inbound.expecting).toBe(true)
  })

  test('that cannot be made is reported, and counts as answered: nothing was asked', () => {
    const fault = new Error('ping')
    const throwing = (): never => {
      throw fault
    }
    const { pulse: one, socket, done } = pulse(textHeartbeat({ ping: throwing, pong: 'pong' }))
    one.ping(socket)
    one.pong()
    expect(done).toEqual([['ERR_POLICY', 'heartbeat.ping', fault], 'alive'])
    const { pulse: other, done: told } = pulse(textHeartbeat({ ping: () => 5 as never, pong: 'pong' }))
    other.ping(socket)
    expect(told).toEqual([['ERR_POLICY', 'heartbeat.ping', expect.any(TypeError)], 'alive'])
  })

  test('that a socket refuses is no trouble: its close is on the way', () => {
    const { pulse: one, socket, done } = pulse()
    socket.ping = () => {
      throw new Error('closed')
    }
    expect(() => one.ping(socket)).not.toThrow()
    expect(done).toEqual([])
  })
})

describe('a pong', () => {
  test('tells the round trip of the last ping, once', async () => {
    const { pulse: one, clock, socket, done } = pulse()
    one.pong()
    expect(done).toEqual([])
    await clock.advance(100)
    one.ping(socket)
    await clock.advance(30)
    one.pong()
    one.pong()
    expect(done).toEqual(['ping', { rtt: 30 }])
  })

  test('is not waited for when a server pings, nor by another socket', () => {
    const { pulse: one, socket, done } = pulse(serverPing())
    one.ping(socket)
    one.pong()
    expect(done).toEqual([])
    const { pulse: other, done: told } = pulse()
    other.ping(socket)
    other.reset()
    other.pong()
    expect(told).toEqual([])
  })

  test('of a clock that was set back took no time, not less', () => {
    const { pulse: one, clock, socket, done } = pulse()
    one.ping(socket)
    clock.block(-50)
    one.pong()
    expect(done).toEqual(['ping', { rtt: 0 }])
  })
})

describe('pings that are outstanding', () => {
  test('are answered in their order, each once', async () => {
    const { pulse: one, clock, socket, done } = pulse(textHeartbeat({ ping: 'ping', pong: 'pong' }))
    expect(one.pong()).toBe(false)
    one.ping(socket)
    await clock.advance(10)
    one.ping(socket)
    await clock.advance(10)
    expect([one.pong(), one.pong(), one.pong()]).toEqual([true, true, false])
    expect(done).toEqual([{ sent: 'ping' }, { sent: 'ping' }, { rtt: 20 }, { rtt: 10 }])
  })

  test('of the protocol are all answered by one pong', () => {
    const { pulse: one, socket } = pulse()
    one.ping(socket)
    one.ping(socket)
    expect([one.pong(), one.pong()]).toEqual([true, false])
  })

  test('are forgotten, the oldest first, where a server never answers', () => {
    const { pulse: one, socket } = pulse(textHeartbeat({ ping: 'ping', pong: 'pong' }))
    for (let count = 0; count < 5_000; count++) one.ping(socket)
    let answered = 0
    while (one.pong()) answered++
    expect(answered).toBe(1_000)
  })
})

describe('what is left to a ping', () => {
  test('is all of the timeout while none is out', async () => {
    const { pulse: one, clock } = pulse()
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
  ])('%i ms after it went out is %i ms', async (gone, left) => {
    const { pulse: one, clock, socket } = pulse()
    await clock.advance(777)
    one.ping(socket)
    await clock.advance(gone)
    expect(one.left).toBe(left)
  })
})

test.each([
  [9_999, []],
  [10_000, ['resumed']],
  [30_000, ['resumed']],
])('a pause of %i ms, where a look comes every 10 s, has it say %j', async (pause, expected) => {
  const { pulse: one, clock, done } = pulse()
  await clock.advance(50_000)
  one.paused(true)
  await clock.advance(pause)
  expect(done).toEqual([])
  one.paused(false)
  expect(done).toEqual(expected)
})
