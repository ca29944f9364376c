import { expect, test } from 'vitest'
import { createActor, fromCallback } from 'xstate'
import { connectionMachine } from '../../machines/index.js'
import type { ConnectionEvent, SocketInput } from '../../machines/index.js'
import { FakeHost, start, stateName, step, usual, type Facts, type Outcome, type TimerEvent } from './model.js'

// What the chart remembers between events, which the table of states does not show.

type Step = ConnectionEvent | TimerEvent | readonly [event: TimerEvent, facts: Facts]

/** The last of these steps. */
function after(host: FakeHost, ...steps: readonly Step[]): Outcome {
  return steps.reduce((outcome, each) => {
    const [event, facts] = 'type' in each ? [each, undefined] : each
    return step(outcome.snapshot, event, facts)
  }, start(host))
}

const opening = [
  { type: 'OPEN' },
  { type: 'socket.resolved', gen: 1 },
  { type: 'socket.opened', gen: 1 },
  { type: 'socket.prepared', gen: 1 },
] as const
const lost = { type: 'socket.closed', gen: 1, code: 1006 } as const
const look = { type: 'xstate.after.checkInterval.connection.live.open.heartbeat.resting' } as const
const retry = { type: 'policy.retry', gen: 1, delay: 9_000, hinted: true } as const
const delaysOf = ({ started }: Outcome): number[] => started.map(({ delay }) => delay)

test('the initial context has no history', () => {
  const host = new FakeHost()
  expect(start(host).snapshot.context).toEqual({
    host,
    gen: 0,
    failures: 0,
    wait: 0,
    hinted: false,
    lastCount: 0,
    why: 'new',
  })
})

test('the socket receives its generation and its host', () => {
  const received: SocketInput[] = []
  const socket = fromCallback<ConnectionEvent, SocketInput>(({ input }) => void received.push(input))
  const host = new FakeHost()
  const actor = createActor(connectionMachine.provide({ actors: { socket } }), { input: { host } })
  actor.start()
  actor.send({ type: 'OPEN' })
  actor.send({ type: 'RECONNECT' })
  actor.stop()
  expect(received).toEqual([
    { host, gen: 1 },
    { host, gen: 2 },
  ])
})

test('an idle link stores the liveness count, and each check updates it', () => {
  const host = new FakeHost()
  host.livenessCount = 5
  const open = after(host, ...opening)
  expect(open.snapshot.context.lastCount).toBe(5)
  host.livenessCount = 8
  const looked = step(open.snapshot, look)
  expect(stateName(looked.snapshot)).toBe('open (resting, settling)')
  expect(looked.snapshot.context.lastCount).toBe(8)
})

test.each<[string, Partial<Facts>]>([
  ['something was heard', { heard: true }],
  ['we do not read', { paused: true }],
])('a check that finds that %s is followed by another', (_, facts) => {
  const looked = after(new FakeHost(), ...opening, [look, { ...usual, ...facts }])
  expect(stateName(looked.snapshot)).toBe('open (resting, settling)')
  expect(delaysOf(looked)).toEqual([1_000])
})

test('the wait of a retry decision is stored with whether the server requested it', () => {
  const waiting = after(new FakeHost(), ...opening, lost, retry)
  expect(waiting.snapshot.context).toMatchObject({ wait: 9_000, hinted: true, failures: 1 })
  expect(delaysOf(waiting)).toEqual([9_000])
})

test('a wait caused by the environment does not count as requested, whatever the server requested before', () => {
  const held = after(new FakeHost(), ...opening, lost, retry, { type: 'environment.offline', wait: 60_000 })
  expect(held.snapshot.context).toMatchObject({ wait: 60_000, hinted: false, why: 'offline' })
  expect(delaysOf(held)).toEqual([60_000])
})

test('a suspended page that enters the back/forward cache is suspended again', () => {
  const bfcached = { type: 'environment.bfcached', wait: 50_000 } as const
  const held = after(new FakeHost(), ...opening, lost, retry, { type: 'environment.offline', wait: 60_000 }, bfcached)
  expect(stateName(held.snapshot)).toBe('suspended')
  expect(held.snapshot.context).toMatchObject({ wait: 50_000, why: 'bfcached' })
  expect(delaysOf(held)).toEqual([50_000])
  expect(held.canceled).toHaveLength(1)
})
