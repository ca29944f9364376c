// The chart driven by hand, through the public API of `statewire/xstate`.
import { createActor, initialTransition, SimulatedClock, transition } from 'xstate'
import { getShortestPaths } from 'xstate/graph'
import { describe, expect, test } from 'vitest'
import { connectionMachine, createHost, effectsOf, type ConnectionEvent, type HostFacts } from '../../machines/index.js'
import { configurations } from '../../machines/picture/model.js'
import { createConnection } from '../../src/create-connection.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { explore, stateName } from './model.js'

function driven(facts?: HostFacts) {
  const host = createHost(facts)
  const clock = new SimulatedClock()
  const actor = createActor(host.machine, { input: host.input, clock }).start()
  const send = (event: ConnectionEvent): string => {
    actor.send(event)
    return stateName(actor.getSnapshot())
  }
  const wait = (time: number): string => {
    clock.increment(time)
    return stateName(actor.getSnapshot())
  }
  return { host, actor, send, wait, gen: () => actor.getSnapshot().context.gen }
}

describe('an actor of the chart with a host', () => {
  test('runs from start to end by hand, and the host records the requested effects', () => {
    const { host, send, wait, gen } = driven()
    expect(send({ type: 'OPEN' })).toBe('connecting.resolving')
    send({ type: 'socket.resolved', gen: gen() })
    expect(send({ type: 'socket.opened', gen: gen() })).toBe('connecting.preparing')
    expect(send({ type: 'socket.prepared', gen: gen() })).toBe('open (resting, settling)')
    expect(host.effects.splice(0)).toEqual(['dial', 'prepare', 'announceOpen'])
    host.livenessCount++
    expect(wait(host.checkInterval)).toBe('open (resting, stable)')
    expect(wait(host.checkInterval)).toBe('open (waiting, stable)')
    expect(wait(host.timeout)).toBe('open (grace, stable)')
    expect(wait(host.grace + 1)).toBe('deciding')
    expect(host.effects.splice(0)).toEqual(['ping', 'watch', 'decideRetry', 'dispose'])
    expect(send({ type: 'policy.retry', gen: gen(), delay: 500, hinted: false })).toBe('backoff.scheduled')
    expect(send({ type: 'environment.offline', wait: 60_000 })).toBe('suspended')
    expect(wait(60_000)).toBe('connecting.resolving')
    expect(wait(host.connectTimeout(0))).toBe('deciding')
    expect(send({ type: 'policy.stop', gen: gen() })).toBe('ended')
    expect(host.effects).toEqual(['dial', 'decideRetry', 'dispose', 'settle'])
  })

  test("follows the host's facts", () => {
    const { host, send, wait, gen } = driven({
      canPing: false,
      checkInterval: 50,
      connectTimeout: (failures) => 100 + failures,
    })
    send({ type: 'OPEN' })
    expect(wait(99)).toBe('connecting.resolving')
    expect(wait(1)).toBe('deciding')
    send({ type: 'RECONNECT' })
    for (const type of ['socket.resolved', 'socket.opened', 'socket.prepared'] as const) send({ type, gen: gen() })
    expect(send({ type: 'environment.woke', wait: 0 })).toBe('open (resting, settling)')
    host.canPing = true
    expect(send({ type: 'environment.woke', wait: 0 })).toBe('open (probing, settling)')
    host.paused = true
    expect(wait(host.probe)).toBe('open (resting, settling)')
  })

  test('ignores an event of an older generation', () => {
    const { send, gen } = driven()
    send({ type: 'OPEN' })
    send({ type: 'RECONNECT' })
    expect(send({ type: 'socket.resolved', gen: gen() - 1 })).toBe('connecting.resolving')
    expect(send({ type: 'socket.resolved', gen: gen() })).toBe('connecting.handshaking')
  })
})

describe('the chart as a function with a host', () => {
  test('returns the same effects as an actor, through effectsOf', () => {
    const host = createHost()
    let [snapshot, actions] = initialTransition(connectionMachine, host.input)
    expect(effectsOf(actions)).toEqual([])
    const events: ConnectionEvent[] = [
      { type: 'OPEN' },
      { type: 'socket.resolved', gen: 1 },
      { type: 'socket.opened', gen: 1 },
      { type: 'socket.prepared', gen: 1 },
      { type: 'environment.woke', wait: 0 },
      { type: 'RECONNECT' },
      { type: 'CLOSE' },
      { type: 'socket.closed', gen: 2, code: 1000 },
    ]
    const { host: recording, send } = driven()
    for (const event of events) {
      ;[snapshot, actions] = transition(connectionMachine, snapshot, event)
      send(event)
      // An actor stops its socket after the actions of the step.
      expect(effectsOf(actions).toSorted(), event.type).toEqual(recording.effects.splice(0).toSorted())
    }
    // The host only provides its facts, so it performs no effect.
    expect(host.effects).toEqual([])
    expect(stateName(snapshot)).toBe('ended')
  })

  test('reaches every state the chart can be in', { timeout: 60_000 }, () => {
    const { places } = explore()
    const reached = new Set<string>()
    for (const { path } of places.values()) {
      const host = createHost()
      let [snapshot] = initialTransition(connectionMachine, host.input)
      for (const { event, facts } of path) {
        const { heard, ...others } = facts
        Object.assign(host, others)
        host.livenessCount = snapshot.context.lastCount + (heard ? 1 : 0)
        ;[snapshot] = transition(connectionMachine, snapshot, event as ConnectionEvent)
      }
      reached.add(stateName(snapshot))
    }
    expect([...reached].toSorted()).toEqual(configurations.map(({ name }) => name).toSorted())
  })

  test('works with getShortestPaths', () => {
    const host = createHost()
    const paths = getShortestPaths(connectionMachine, {
      input: host.input,
      serializeState: ({ value }) => JSON.stringify(value),
      events: ({ context: { gen } }): ConnectionEvent[] => [
        { type: 'OPEN' },
        { type: 'CLOSE' },
        { type: 'socket.resolved', gen },
        { type: 'socket.opened', gen },
        { type: 'socket.prepared', gen },
        { type: 'socket.closed', gen, code: 1006 },
        { type: 'policy.retry', gen, delay: 1_000, hinted: false },
        { type: 'policy.stop', gen },
        { type: 'environment.offline', wait: 60_000 },
        { type: 'environment.online', wait: 500 },
      ],
    })
    const reached = paths.map(({ state }) => stateName(state))
    expect(reached).toEqual(expect.arrayContaining(['ended', 'suspended', 'backoff.hastened', 'closing']))
  })
})

describe('the chart without a host', () => {
  const says = /^input\.host \(undefined\) must be a chart host: pass \{ input: createHost\(\)\.input \}$/

  test.each([[undefined], [{}], [{ host: undefined }]])(
    'throws an error that says what to pass for the input %j',
    (input) => {
      const [snapshot] = initialTransition(connectionMachine, input as never)
      expect(snapshot).toMatchObject({ status: 'error', error: { message: expect.stringMatching(says) } })
      const errors: unknown[] = []
      const actor = createActor(connectionMachine, { input: input as never })
      actor.subscribe({ error: (error) => errors.push(error) })
      actor.start()
      expect(errors).toEqual([expect.objectContaining({ message: expect.stringMatching(says) })])
    },
  )

  test('rejects an unknown fact', () => {
    expect(() => createHost({ canping: true } as never)).toThrow(
      /^createHost\.canping is not a fact: use one of livenessCount, .*canPing/,
    )
  })
})

describe('the facts of a host', () => {
  test('default to those of a connection with default options', async () => {
    const clock = new TestClock()
    const transport = new FakeTransport()
    const connection = createConnection('ws://server.test', { clock, transport })
    const host = createHost()
    /** Milliseconds until then. */
    const until = async (holds: () => boolean): Promise<number> => {
      const start = clock.now()
      while (!holds() && clock.now() - start < 120_000) await clock.advance(10)
      return clock.now() - start
    }
    await settle()
    expect(await until(() => connection.state === 'backoff')).toBe(host.connectTimeout(0))
    await until(() => connection.state === 'connecting')
    transport.last.accept()
    await settle()
    const isStable = (): boolean => connection.status.state === 'open' && connection.status.stable
    expect(await until(isStable)).toBe(host.stableAfter)
    transport.last.pong()
    const silent = await until(() => connection.state === 'backoff')
    expect(silent).toBe(host.checkInterval + host.timeout + host.grace)
    await until(() => connection.state === 'connecting')
    transport.last.accept()
    await settle()
    void connection.close()
    expect(await until(() => connection.state === 'ended')).toBe(host.closeTimeout)
  })

  test('print as one word in an inspector', () => {
    expect(JSON.stringify(createHost().input)).toBe('{"host":"[host]"}')
  })
})
