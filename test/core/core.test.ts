import { describe, expect, test } from 'vitest'
import { Core } from '../../src/core/core.js'
import type { Part } from '../../src/core/feature.js'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { serverPing, textHeartbeat } from '../../src/core/policies/heartbeat.js'
import { settle } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { linked, sample } from './support/linked.js'
import { feature, scripted } from './support/scripted.js'

describe('a new core', () => {
  test('knows a fixed URL, and none before a url function was called', () => {
    expect(scripted({ url: 'ws://server.test/y' }).core.lastUrl).toBe('ws://server.test/y')
    expect(scripted({ url: () => 'ws://server.test/y' }).core.lastUrl).toBe('')
  })

  test('delivers binary messages as configured, as ArrayBuffer by default', () => {
    expect(scripted().core.binaryType).toBe('arraybuffer')
    expect(scripted({ binaryType: 'blob' }).core.binaryType).toBe('blob')
  })

  test.each([
    [true, 1],
    [false, 0],
    [undefined, 0],
  ])('with unref: %s unreferences %i of one timer', (unref, count) => {
    let unreferenced = 0
    const clock = {
      now: () => 0,
      wall: () => 0,
      setTimeout: () => ({ unref: () => unreferenced++ }),
      clearTimeout() {},
    }
    const core = new Core('ws://server.test/', { transport: new FakeTransport(), clock, unref, autoOpen: false })
    core.timers.setTimeout(() => {}, 10)
    expect(unreferenced).toBe(count)
  })

  test('has the heartbeat of its options, else that of a feature', () => {
    const [own, featured] = [serverPing({ interval: 5_000 }), serverPing({ interval: 6_000 })]
    const features = [feature({ heartbeat: featured })]
    expect(scripted({ features, heartbeat: own }).core.heartbeat).toBe(own)
    expect(scripted({ features }).core.heartbeat).toBe(featured)
    expect(scripted({ heartbeat: own }).core.heartbeat).toBe(own)
    expect(scripted().core.heartbeat.ping).toBe('protocol')
  })

  test("withholds the heartbeat's messages unless the heartbeat says otherwise", () => {
    const heartbeat = textHeartbeat({ ping: 'a', pong: 'b' })
    for (const [withhold, withholds] of [
      [undefined, true],
      [true, true],
      [false, false],
    ] as const) {
      expect(scripted({ heartbeat: { ...heartbeat, withhold } }).core.withholds).toBe(withholds)
    }
  })
})

test("a feature's patience multiplies the timeout", () => {
  const patience = { factor: 3, moving: false, watch() {}, answered() {} }
  const heartbeat = textHeartbeat({ ping: 'a', pong: 'b', timeout: 4_000 })
  expect(scripted({ heartbeat, features: [feature({ patience })] }).core.timeout).toBe(12_000)
  expect(scripted({ heartbeat }).core.timeout).toBe(4_000)
})

test('the binary type can be set before a socket exists and applies to the current one', async () => {
  const { core, accept } = linked([])
  core.setBinaryType('blob')
  const socket = await accept()
  expect(socket.binaryType).toBe('blob')
  core.setBinaryType('arraybuffer')
  expect([core.binaryType, socket.binaryType]).toEqual(['arraybuffer', 'arraybuffer'])
})

test('a promise as message is rejected, and its rejection is handled', async () => {
  const unhandled: unknown[] = []
  const note = (thrown: unknown): void => void unhandled.push(thrown)
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', note)
  try {
    const { core } = scripted()
    expect(() => core.check(Promise.reject(new Error('sent')))).toThrow(
      expect.objectContaining({ code: 'ERR_DATA' }) as Error,
    )
    await settle()
    await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled).toEqual([])
  } finally {
    process.off('unhandledRejection', note)
    for (const other of others) process.on('unhandledRejection', other)
  }
})

test('a message without its framing is delivered without a codec', async () => {
  const framing = { incoming: (data: unknown) => `(${String(data)})`, outgoing: (data: unknown) => data }
  const { core, accept } = linked([sample({ framing } as unknown as Part)])
  const received: unknown[] = []
  core.events.add('message', (message) => void received.push(message))
  const socket = await accept()
  socket.message('x')
  expect(received).toEqual(['(x)'])
})

describe('the chart', () => {
  test('disposes of the attempt of its generation, and of no other', () => {
    const { core, host, attach } = scripted()
    expect(() => host.dispose(7)).not.toThrow()
    const closed: unknown[] = []
    const socket = {
      bufferedAmount: 0,
      binaryType: 'blob',
      send() {},
      close() {},
      abandon: () => closed.push('abandon'),
    }
    const attempt = attach(socket as never)
    host.dispose(6)
    expect([core.attempt, closed]).toEqual([attempt, []])
    host.dispose(7)
    expect([core.attempt, closed]).toEqual([undefined, ['abandon']])
  })

  test('receives nothing more after it has failed', () => {
    const { core, chartEvents } = scripted()
    core.chart({ type: 'OPEN' })
    core.events.add('error', () => {})
    core.error(new Error('defect'))
    core.chart({ type: 'CLOSE' })
    expect(chartEvents).toEqual([{ type: 'OPEN' }])
    for (const type of ['OPEN', 'RECONNECT'] as const) {
      expect(() => core.command(type)).toThrow(expect.objectContaining({ code: 'ERR_INTERNAL' }) as Error)
    }
    expect(() => core.command('CLOSE')).not.toThrow()
  })
})

describe('closing', () => {
  /** A link that may not close yet. */
  async function held(): Promise<ReturnType<typeof linked> & { allow(): void; goodbyes(): unknown[] }> {
    let may = false
    const one = linked([sample({ mayClose: () => may })])
    const socket = await one.accept()
    return {
      ...one,
      allow() {
        may = true
        one.core.flush()
      },
      goodbyes: () =>
        socket.actions.flatMap((each) =>
          each.type === 'close' || each.type === 'abandon' ? [[each.type, each.code]] : [],
        ),
    }
  }

  test('keeps its first code, whatever is requested later', async () => {
    const { core, allow, goodbyes } = await held()
    core.ask('CLOSE', 4123, 'first')
    core.ask('CLOSE', 4456, 'second')
    core.command('HEALTHY')
    expect(goodbyes()).toEqual([])
    allow()
    expect(goodbyes()).toEqual([['close', 4123]])
  })

  test('starts once, and nothing is left to flush', async () => {
    const { core, allow, goodbyes } = await held()
    core.ask('CLOSE', 4123)
    allow()
    expect(core.flush()).toBe('done')
    expect(goodbyes()).toEqual([['close', 4123]])
  })

  test('ended by open() abandons the socket with the close code', async () => {
    const { core, goodbyes } = await held()
    core.ask('CLOSE', 4123)
    core.ask('OPEN')
    expect(goodbyes()).toEqual([['abandon', 4123]])
  })

  test('is acknowledged only if the app requested it', async () => {
    const answers: unknown[] = []
    const note = sample({ onEnd: ({ why, answered }) => void answers.push([why, answered]) })
    const { core, accept } = linked([note])
    await accept()
    core.attempt!.closed({ code: 1000, reason: '', wasClean: true }, true)
    await settle()
    expect(answers).toEqual([['closed', false]])
  })
})

describe('the status', () => {
  test('is a new object if a longer stay in the cache moves the end of the wait, and the same otherwise', async () => {
    const { core, clock, accept } = linked([])
    await accept()
    const stash = (): void => core.chart({ type: 'environment.bfcached', wait: 1_000 })
    stash()
    const first = core.status
    expect(first).toMatchObject({ state: 'suspended', delay: 1_000 })
    stash()
    expect(core.status).toBe(first)
    await clock.advance(300)
    stash()
    expect(core.status).toMatchObject({ state: 'suspended', delay: 1_000 })
    expect((core.status as { retryAt?: number }).retryAt).toBe((first as { retryAt?: number }).retryAt! + 300)
  })

  test('is a new object for a new generation', async () => {
    const { core } = linked([], { backoff: fixedBackoff(100) })
    core.ask('RECONNECT')
    const first = core.status
    core.ask('RECONNECT')
    expect(core.status).toEqual(first)
    expect(core.status).not.toBe(first)
    await settle()
  })
})
