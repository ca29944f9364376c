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
  /** The socket's abilities; omitted if there is no attempt. */
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
  ['a protocol ping and a socket that can ping', { socket: able }, true],
  ['a protocol ping and a socket that cannot ping', { socket: {} }, false],
  ['a protocol ping and no socket yet', { socket: undefined }, false],
  ['a protocol ping and no attempt', {}, false],
  ['a text ping', { heartbeat: text() }, true],
  ['a server that pings', { heartbeat: serverPing(), socket: able }, false],
])('canPing of the chart host is derived from %s', (_, situation, expected) => {
  expect(host(situation).canPing).toBe(expected)
})

test.each<[string, Situation, number]>([
  ['half an interval if any frame counts', { heartbeat: text({ interval: 8_000 }) }, 4_000],
  ['an interval if only a pong counts', { heartbeat: text({ interval: 8_000, proof: 'pong' }) }, 8_000],
  ['an interval with when: always', { heartbeat: text({ interval: 18_000, when: 'always' }) }, 18_000],
  ['half the interval of serverPing', { heartbeat: serverPing({ interval: 8_000 }) }, 4_000],
  ['half an interval on a socket that can ping', { socket: able }, 10_000],
  ['infinite on a socket that cannot ping', { socket: {} }, Infinity],
  ['infinite with noHeartbeat', { heartbeat: noHeartbeat() }, Infinity],
])('the check interval is %s', (_, situation, expected) => {
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
])('a deadline that is %i ms late gets %i ms of grace (T01)', (late, expected) => {
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

describe('the chart host reports to the chart', () => {
  test('the options', () => {
    expect(host()).toMatchObject({ timeout: 10_000, closeTimeout: 2_000, stableAfter: 10_000 })
    expect(host({ connectTimeout: 700 }).connectTimeout(9)).toBe(700)
    expect([0, 4, 9].map((failures) => host().connectTimeout(failures))).toEqual([10_000, 16_000, 30_000])
  })

  test('the counters', () => {
    expect(host({ paused: true })).toMatchObject({ livenessCount: 42, trafficCounts: true, paused: true })
    expect(host({ heartbeat: text({ when: 'always' }) })).toMatchObject({ trafficCounts: false, paused: false })
    expect(host({ hidden: true })).toMatchObject({ trafficCounts: false })
  })

  test('only pongs, if nothing else proves liveness', () => {
    const { core, host } = scripted({ heartbeat: protocolPing({ proof: 'pong' }) })
    core.received = 42
    core.pongs = 3
    expect(host.livenessCount).toBe(3)
  })

  test('whether the attempt was dialed offline', () => {
    expect(host({ socket: able, dialledOffline: true }).dialledOffline).toBe(true)
    expect(host({ socket: able }).dialledOffline).toBe(false)
    expect(host().dialledOffline).toBe(false)
  })
})

test("the chart host forwards the chart's effects and shows no internals", () => {
  const { core, host } = scripted()
  const asked: unknown[] = []
  core.effect = (name) => void asked.push(name)
  core.dispose = (gen) => void asked.push(gen)
  host.effect('dial')
  host.dispose(3)
  expect(asked).toEqual(['dial', 3])
  expect(JSON.stringify({ host: host })).toBe('{"host":"[host]"}')
})

test.each([true, false])('the chart host knows whether a link is moving: %s', (moving) => {
  expect(host({ socket: able, moving }).moving).toBe(moving)
})

test('the chart host has every value without features and before the first attempt', () => {
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

test('the connect deadline lies between 10 s and 30 s and never shrinks', () => {
  fc.assert(
    fc.property(fc.nat(10_000), (failures) => {
      expect(connectDeadline(failures)).toBeGreaterThanOrEqual(10_000)
      expect(connectDeadline(failures)).toBeLessThanOrEqual(30_000)
      expect(connectDeadline(failures + 1)).toBeGreaterThanOrEqual(connectDeadline(failures))
    }),
  )
})
