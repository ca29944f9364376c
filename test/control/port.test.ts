import { describe, expect, test } from 'vitest'
import type { Attempt } from '../../src/control/attempt.js'
import { ControlPort, type PortHost } from '../../src/control/port.js'
import { off, protocolPing, serverPing, textHeartbeat, type Heartbeat } from '../../src/policies/heartbeat.js'

interface World {
  heartbeat?: Heartbeat
  connectTimeout?: number
  /** What the socket can do; left out: there is no attempt. */
  socket?: object | undefined
  dialledOffline?: boolean
  held?: boolean
  left?: number
  moves?: boolean
  late?: number
  hidden?: boolean
}

function port(world: World = {}): { port: ControlPort; asked: unknown[] } {
  const asked: unknown[] = []
  const { heartbeat = protocolPing(), connectTimeout, dialledOffline = false } = world
  const attempt = 'socket' in world ? { socket: world.socket, dialledOffline } : undefined
  // As much of each as the port reads.
  const parts = {
    options: { heartbeat, connectTimeout, closeTimeout: 2_000, stableAfter: 10_000 },
    data: { inbound: { proofs: 42 }, brake: { held: world.held ?? false } },
    pulse: { left: world.left ?? 10_000, timeout: heartbeat.timeout, moves: () => world.moves ?? false },
    timers: { late: world.late ?? 0 },
    attempt: attempt as Attempt | undefined,
    hidden: world.hidden ?? false,
    effect: (name: string) => asked.push(name),
    dispose: (gen: number) => asked.push(gen),
  }
  return { port: new ControlPort(parts as unknown as PortHost), asked }
}

const text = (options: object = {}): Heartbeat => textHeartbeat({ ping: 'a', pong: 'b', ...options })
const able = { ping() {} }

test.each<[string, World, boolean]>([
  ['the protocol and a socket that can', { socket: able }, true],
  ['the protocol and a socket that cannot', { socket: {} }, false],
  ['the protocol and no socket yet', { socket: undefined }, false],
  ['the protocol and no attempt', {}, false],
  ['a message', { heartbeat: text() }, true],
  ['nothing: the server pings', { heartbeat: serverPing(), socket: able }, false],
])('whether it can ping, with %s', (_, world, expected) => {
  expect(port(world).port.canPing).toBe(expected)
})

test.each<[string, World, number]>([
  ['half an interval where any frame counts', { heartbeat: text({ interval: 8_000 }) }, 4_000],
  ['an interval where only a pong does', { heartbeat: text({ interval: 8_000, proof: 'pong' }) }, 8_000],
  ['an interval where each is to have a ping', { heartbeat: text({ interval: 18_000, when: 'always' }) }, 18_000],
  ['half an interval of a server that pings', { heartbeat: serverPing({ interval: 8_000 }) }, 4_000],
  ['half an interval of a socket that can ping', { socket: able }, 10_000],
  ['never, where the socket cannot ping', { socket: {} }, Infinity],
  ['never, when it is off', { heartbeat: off() }, Infinity],
])('it looks after %s', (_, world, expected) => {
  expect(port(world).port.look).toBe(expected)
})

test.each<[number, number]>([
  [3_000, 3_000],
  [5_000, 5_000],
  [10_000, 5_000],
])('a probe with %i ms left to the ping lasts %i ms', (left, expected) => {
  expect(port({ left }).port.probe).toBe(expected)
})

test.each<[number, number]>([
  [-1, 0],
  [0, 0],
  [400, 400],
  [1_000, 1_000],
  [9_000, 1_000],
])('a deadline that came %i ms late earns %i ms of grace (T01)', (late, expected) => {
  expect(port({ late }).port.grace).toBe(expected)
})

describe('it tells the chart', () => {
  test('what the options say', () => {
    expect(port().port).toMatchObject({ timeout: 10_000, closeTimeout: 2_000, stableAfter: 10_000 })
    expect(port({ connectTimeout: 700 }).port.connectTimeout(9)).toBe(700)
    expect([0, 4, 9].map((failures) => port().port.connectTimeout(failures))).toEqual([10_000, 16_000, 30_000])
  })

  test('what the data plane counts', () => {
    expect(port({ held: true }).port).toMatchObject({ proofs: 42, trafficCounts: true, paused: true })
    expect(port({ heartbeat: text({ when: 'always' }) }).port).toMatchObject({ trafficCounts: false, paused: false })
  })

  test('whether the attempt was dialled offline', () => {
    expect(port({ socket: able, dialledOffline: true }).port.dialledOffline).toBe(true)
    expect(port({ socket: able }).port.dialledOffline).toBe(false)
    expect(port().port.dialledOffline).toBe(false)
  })
})

test('it passes on what the chart asks for, and shows nothing of itself', () => {
  const { port: one, asked } = port()
  one.effect('dial')
  one.dispose(3)
  expect(asked).toEqual(['dial', 3])
  expect(JSON.stringify({ port: one })).toBe('{"port":"[port]"}')
})

test.each<[string, World, boolean]>([
  ['whose bytes move', { socket: able, moves: true }, true],
  ['whose bytes stand still', { socket: able }, false],
  ['that is not there', { moves: true }, false],
])('a link %s: whether it is moving', (_, world, expected) => {
  expect(port(world).port.moving).toBe(expected)
})
