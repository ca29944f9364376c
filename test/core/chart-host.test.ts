import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Attempt } from '../../src/core/attempt.js'
import { connectDeadline } from '../../src/core/chart-host.js'
import type { EngineHost } from '../../src/core/engine/engine.types.js'
import { noHeartbeat, protocolPing, serverPing, textHeartbeat } from '../../src/core/policies/heartbeat.js'
import type { Heartbeat } from '../../src/core/policies/profile.js'
import type { Socket } from '../../src/core/transport.js'
import { feature, scripted } from './support/scripted.js'

interface Situation {
  heartbeat?: Heartbeat
  connectTimeout?: number
  /** What the socket can do; left out: there is no attempt. */
  socket?: object | undefined
  dialledOffline?: boolean
  paused?: boolean
  moving?: boolean
  hidden?: boolean
}

function host({ heartbeat, connectTimeout, ...situation }: Situation = {}): EngineHost {
  const { dialledOffline = false, moving = false, hidden = false } = situation
  const environment = { online: !dialledOffline, hidden }
  const patience = { factor: 1, moving, watch: () => {}, answered: () => {} }
  const { core, host } = scripted({ heartbeat, connectTimeout, features: [feature({ environment, patience })] })
  core.paused = situation.paused ?? false
  core.received = 42
  if ('socket' in situation) {
    core.attempt = new Attempt(7, core)
    core.attempt.socket = situation.socket as Socket | undefined
  }
  return host
}

const text = (options: object = {}): Heartbeat => textHeartbeat({ ping: 'a', pong: 'b', ...options })
const able = { ping() {} }

test.each<[string, Situation, boolean]>([
  ['the protocol and a socket that can', { socket: able }, true],
  ['the protocol and a socket that cannot', { socket: {} }, false],
  ['the protocol and no socket yet', { socket: undefined }, false],
  ['the protocol and no attempt', {}, false],
  ['a message', { heartbeat: text() }, true],
  ['nothing: the server pings', { heartbeat: serverPing(), socket: able }, false],
])('whether it can ping, with %s', (_, situation, expected) => {
  expect(host(situation).canPing).toBe(expected)
})

test.each<[string, Situation, number]>([
  ['half an interval where any frame counts', { heartbeat: text({ interval: 8_000 }) }, 4_000],
  ['an interval where only a pong does', { heartbeat: text({ interval: 8_000, proof: 'pong' }) }, 8_000],
  ['an interval where each is to have a ping', { heartbeat: text({ interval: 18_000, when: 'always' }) }, 18_000],
  ['half an interval of a server that pings', { heartbeat: serverPing({ interval: 8_000 }) }, 4_000],
  ['half an interval of a socket that can ping', { socket: able }, 10_000],
  ['never, where the socket cannot ping', { socket: {} }, Infinity],
  ['never, when it is off', { heartbeat: noHeartbeat() }, Infinity],
])('it looks after %s', (_, situation, expected) => {
  expect(host(situation).checkInterval).toBe(expected)
})

test.each<[number, number]>([
  [3_000, 3_000],
  [5_000, 5_000],
  [10_000, 5_000],
])('a probe with %i ms left to the ping lasts %i ms', async (left, expected) => {
  const { core, host, clock } = scripted()
  const attempt = (core.attempt = new Attempt(7, core))
  attempt.socket = able as Socket
  attempt.ping()
  await clock.advance(10_000 - left)
  expect(attempt.left).toBe(left)
  expect(host.probe).toBe(expected)
})

test.each<[number, number]>([
  [-1, 0],
  [0, 0],
  [400, 400],
  [1_000, 1_000],
  [9_000, 1_000],
])('a deadline that came %i ms late earns %i ms of grace (T01)', (late, expected) => {
  let now = 0
  let callback = (): void => {}
  const clock = {
    now: () => now,
    wall: () => now,
    setTimeout: (given: () => void) => ((callback = given), 1),
    clearTimeout: () => {},
  }
  const { core, host } = scripted({ clock })
  let grace: number | undefined
  core.timers.setTimeout(() => (grace = host.grace), 100)
  now = 100 + late
  callback()
  expect(grace).toBe(expected)
})

describe('it tells the chart', () => {
  test('what the options say', () => {
    expect(host()).toMatchObject({ timeout: 10_000, closeTimeout: 2_000, stableAfter: 10_000 })
    expect(host({ connectTimeout: 700 }).connectTimeout(9)).toBe(700)
    expect([0, 4, 9].map((failures) => host().connectTimeout(failures))).toEqual([10_000, 16_000, 30_000])
  })

  test('what was counted', () => {
    expect(host({ paused: true })).toMatchObject({ livenessCount: 42, trafficCounts: true, paused: true })
    expect(host({ heartbeat: text({ when: 'always' }) })).toMatchObject({ trafficCounts: false, paused: false })
    expect(host({ hidden: true })).toMatchObject({ trafficCounts: false })
  })

  test('pongs alone, where nothing else proves life', () => {
    const { core, host } = scripted({ heartbeat: protocolPing({ proof: 'pong' }) })
    core.received = 42
    core.pongs = 3
    expect(host.livenessCount).toBe(3)
  })

  test('whether the attempt was dialled offline', () => {
    expect(host({ socket: able, dialledOffline: true }).dialledOffline).toBe(true)
    expect(host({ socket: able }).dialledOffline).toBe(false)
    expect(host().dialledOffline).toBe(false)
  })
})

test('it passes on what the chart asks for, and shows nothing of itself', () => {
  const { core, host } = scripted()
  const asked: unknown[] = []
  core.effect = (name) => void asked.push(name)
  core.dispose = (gen) => void asked.push(gen)
  host.effect('dial')
  host.dispose(3)
  expect(asked).toEqual(['dial', 3])
  expect(JSON.stringify({ host: host })).toBe('{"host":"[host]"}')
})

test.each([true, false])('whether a link is moving: %s', (moving) => {
  expect(host({ socket: able, moving }).moving).toBe(moving)
})

test('without features and before the first attempt every answer is there', () => {
  const { host } = scripted({ heartbeat: text({ timeout: 4_000 }) })
  expect([host.trafficCounts, host.moving, host.canPing, host.dialledOffline, host.probe]).toEqual([
    true,
    false,
    true,
    false,
    4_000,
  ])
})

test.each([
  [0, 10_000],
  [1, 10_000],
  [3, 10_000],
  [4, 16_000],
  [5, 30_000],
  [6, 30_000],
  [5_000, 30_000],
])('after %i failures an attempt may take %i ms', (failures, expected) => {
  expect(connectDeadline(failures)).toBe(expected)
})

test('the connect deadline stays within 10 s and 30 s and never shrinks', () => {
  fc.assert(
    fc.property(fc.nat(10_000), (failures) => {
      expect(connectDeadline(failures)).toBeGreaterThanOrEqual(10_000)
      expect(connectDeadline(failures)).toBeLessThanOrEqual(30_000)
      expect(connectDeadline(failures + 1)).toBeGreaterThanOrEqual(connectDeadline(failures))
    }),
  )
})
