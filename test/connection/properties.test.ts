import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createConnection } from '../../src/create-connection.js'
import { protocolPing, serverPing, textHeartbeat } from '../../src/core/policies/heartbeat.js'
import type { Heartbeat } from '../../src/core/policies/profile.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket } from '../../src/tools/testing/transport.js'
import { setup } from '../support/setup.js'
import { play, scenes, schedules, type Mixture } from './support/schedule.js'

/** Runs per property; more than 10,000 in total. */
const numRuns = { anything: 4_000, queue: 2_000, world: 2_000, flapping: 1_500, halfOpen: 1_000, healthy: 500 }

/** XState takes several times as long per event, so it gets a fifth of the runs. */
const share = process.env['DEFAULT_ENGINE'] === 'xstate' ? 5 : 1

/** Plays schedules of these moves; `support/watched.ts` checks the invariants after each step and at the end. */
async function holds(mixture: Mixture, runs: number, maxLength: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scenes, schedules(mixture, maxLength), async (scene, steps) => play(scene, steps)),
    { numRuns: runs / share },
  )
}

const patience = { timeout: 180_000 }

describe('for any order of actions by app, server, network, page and clock', () => {
  test(
    'there is at most one socket, one state, no leak, and a way to reconnect (A06, C07, C08, C11, H12)',
    patience,
    () =>
      holds(
        {
          open: 3,
          close: 2,
          reconnect: 3,
          inOneTick: 2,
          markHealthy: 1,
          await: 2,
          send: 5,
          iterate: 1,
          read: 2,
          leave: 1,
          serve: 6,
          accept: 4,
          say: 4,
          pong: 3,
          die: 1,
          end: 4,
          refuse: 3,
          buffer: 2,
          late: 2,
          provide: 4,
          prepared: 3,
          world: 5,
          network: 1,
          pass: 8,
          passLong: 3,
          warp: 2,
        },
        numRuns.anything,
        40,
      ),
  )

  test('each accepted message is sent in order, dropped with a reason, or still queued (D04, D06, D08)', patience, () =>
    holds(
      {
        send: 30,
        buffer: 6,
        serve: 6,
        drop: 3,
        reconnect: 2,
        close: 1,
        open: 2,
        await: 3,
        prepared: 2,
        pass: 6,
        warp: 1,
      },
      numRuns.queue,
      50,
    ),
  )

  test('a wait requested by the server is respected, and every other wait ends (H05, N13, N14, T04)', patience, () =>
    holds(
      {
        refuse: 8,
        end: 6,
        world: 20,
        network: 4,
        serve: 6,
        accept: 2,
        provide: 3,
        pass: 8,
        passLong: 4,
        warp: 2,
        close: 1,
      },
      numRuns.world,
      40,
    ),
  )

  test('only a stable link or the app resets the failure count (C09, C10)', patience, () =>
    holds(
      {
        serve: 14,
        end: 8,
        drop: 6,
        die: 1,
        markHealthy: 1,
        pass: 10,
        passLong: 2,
        open: 1,
        reconnect: 1,
        late: 3,
        say: 1,
      },
      numRuns.flapping,
      40,
    ),
  )
})

/** Timers as in a runtime: they never fire in the loop turn that sets them. */
class LoopClock extends TestClock {
  override setTimeout(callback: () => void, delay: number): unknown {
    return super.setTimeout(callback, Math.max(1, delay))
  }
}

async function openLink(
  heartbeat: Heartbeat,
): Promise<{ clock: TestClock; socket: FakeSocket; transport: FakeTransport }> {
  const clock = new LoopClock()
  const transport = new FakeTransport()
  createConnection('ws://server.test/', { clock, transport, heartbeat, random: () => 0 })
  await settle()
  transport.last.accept()
  await settle()
  return { clock, transport, socket: transport.last }
}

const ms = fc.integer({ min: 1, max: 60_000 })

describe('the heartbeat', () => {
  test(
    'detects a half-open socket within 2 × interval + timeout; within one interval if any frame counts (N01, N03)',
    patience,
    () =>
      fc.assert(
        fc.asyncProperty(
          ms,
          ms,
          fc.constantFrom('protocol', 'text', 'pong only', 'server'),
          fc.array(fc.nat(20_000), { maxLength: 10 }),
          async (interval, timeout, kind, gaps) => {
            const heartbeat = {
              protocol: () => protocolPing({ interval, timeout }),
              text: () => textHeartbeat({ interval, timeout, ping: 'ping', pong: 'pong' }),
              'pong only': () => protocolPing({ interval, timeout, proof: 'pong' }),
              server: () => serverPing({ interval, timeout }),
            }[kind]()
            const { clock, socket, transport } = await openLink(heartbeat)
            let hears = true
            const ping = socket.ping!
            socket.ping = () => {
              ping()
              if (hears) queueMicrotask(() => socket.pong())
            }
            for (const gap of gaps) {
              await clock.advance(gap % Math.ceil(interval / 2))
              if (kind === 'text') socket.message('pong')
              else socket.pong()
            }
            expect(socket.over).toBe(false)
            hears = false
            // The server's last ping may be an interval old when the check starts. Timers round up, and the grace adds
            // one more.
            const intervals = { protocol: 1, text: 1, 'pong only': 2, server: 1.5 }[kind]
            await clock.advance(intervals * interval + timeout + 3)
            expect(socket.actions.at(-1)).toMatchObject({ type: 'abandon', code: 4000 })
            // The abandoned socket need not close.
            await clock.advance(250)
            expect(transport.sockets.length).toBeGreaterThan(1)
          },
        ),
        { numRuns: numRuns.halfOpen / share },
      ),
  )

  test(
    'keeps a link whose pongs arrive in time, even if the event loop is blocked when they arrive (T01)',
    patience,
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(9_000), fc.oneof(fc.constant(0), fc.nat(60_000)), fc.nat(990)), {
            minLength: 1,
            maxLength: 8,
          }),
          async (pings) => {
            const { clock, socket } = await openLink(protocolPing())
            for (const [latency, blocked, backlog] of pings) {
              const before = socket.count('ping')
              await clock.advance(10_000)
              expect(socket.count('ping')).toBe(before + 1)
              await clock.advance(latency)
              clock.block(blocked)
              // Timers first, then the network, as in Node's event loop.
              clock.advanceSync(0)
              // After a long block the pong may have to be read behind other data.
              if (latency + blocked > 11_000) await clock.advance(backlog)
              socket.pong()
              await settle()
              expect(socket.over).toBe(false)
            }
          },
        ),
        { numRuns: numRuns.healthy / share },
      ),
  )

  test('causes no chart event for a million frames and still detects a half-open link', async () => {
    const { connection, clock, transport, accept } = setup({
      heartbeat: protocolPing({ interval: 20_000, timeout: 10_000 }),
    })
    const socket = await accept()
    await clock.advance(9_000)
    let heard = 0
    connection.on('message', () => heard++)
    const events: string[] = []
    connection.inspect((event) => {
      if (event.type === '@xstate.event') events.push(event.event.type)
    })
    const { lateSink: sink } = socket
    for (let frame = 0; frame < 1_000_000; frame++) sink.message('tick')
    expect(heard).toBe(1_000_000)
    expect(events).toEqual([])
    await clock.advance(20_999)
    expect(socket.over).toBe(false)
    await clock.advance(1)
    expect(socket.actions.at(-1)).toMatchObject({ type: 'abandon', code: 4000 })
    expect(transport.alive).toBe(0)
    expect(connection.state).toBe('backoff')
  })
})
