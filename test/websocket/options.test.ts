import { describe, expect, test } from 'vitest'
import { ConnectionError, fixedBackoff } from '../../src/index.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import { ReconnectingWebSocket, type ReconnectingWebSocketOptions } from '../../src/websocket/index.js'
import { setupSocket } from './support/setup-socket.js'

const url = 'ws://server.test/'

/** What the constructor throws. */
function refusal(options: unknown): ConnectionError {
  try {
    new ReconnectingWebSocket(url, [], options as ReconnectingWebSocketOptions)
  } catch (thrown) {
    return thrown as ConnectionError
  }
  throw new Error('it was accepted')
}

describe('an invalid option is rejected at once, by its own name', () => {
  test.each<[keyof ReconnectingWebSocketOptions, unknown]>([
    ['minReconnectionDelay', -1],
    ['minReconnectionDelay', 'x'],
    ['minReconnectionDelay', NaN],
    ['minReconnectionDelay', null],
    ['minReconnectionDelay', Infinity],
    ['maxReconnectionDelay', -1],
    ['maxReconnectionDelay', '5s'],
    ['reconnectionDelayGrowFactor', 0.9],
    ['reconnectionDelayGrowFactor', NaN],
    ['reconnectionDelayGrowFactor', Infinity],
    ['reconnectionDelayGrowFactor', '2'],
    ['minUptime', -1],
    ['minUptime', '1'],
    ['connectionTimeout', 0],
    ['connectionTimeout', Infinity],
    ['connectionTimeout', '4s'],
    ['maxRetries', -1],
    ['maxRetries', 1.5],
    ['maxRetries', '3'],
    ['maxRetries', null],
    ['maxEnqueuedMessages', -1],
    ['maxEnqueuedMessages', 0.5],
    ['maxEnqueuedMessages', null],
    ['startClosed', 1],
    ['debug', 'yes'],
    ['debugLogger', 'console'],
    ['shouldReconnectOnClose', true],
    ['queue', {}],
    ['WebSocket', 'ws'],
    ['WebSocket', null],
    ['retry', 5],
    ['backoff', 5],
    ['closeTimeout', -1],
    ['transport', {}],
    ['heartbeat', 5],
    ['prepare', 5],
    ['signal', {}],
    ['inspect', 5],
    ['clock', {}],
    ['random', 5],
    ['environment', {}],
    ['unref', 1],
  ])('%s: %o', (name, value) => {
    const error = refusal({ [name]: value })
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.code).toBe('ERR_OPTION')
    // The option, its value, and the fix.
    expect(error.message).toMatch(new RegExp(`^${name}(?:\\.\\w+)? \\(.+\\) must `))
  })

  test.each([
    [{ maxRetires: 3 }, 'options.maxRetires (3) must not be given; the known names are '],
    [{ connectTimeout: 3 }, 'options.connectTimeout (3) must not be given; the known names are '],
    [{ binaryType: 'arraybuffer' }, 'options.binaryType (a string of 11 characters) must not be given'],
    [[], 'options (an array of 0) must be an object'],
  ])('%j', (options, message) => {
    const error = refusal(options)
    expect(error.code).toBe('ERR_OPTION')
    expect(error.message.startsWith(message)).toBe(true)
  })

  test.each([null, 'v1', 5])('%j is ignored as a third argument, as in the standard', (third) => {
    const transport = new FakeTransport()
    const Class = ReconnectingWebSocket.with({ transport })
    expect(new Class('ws://server.test/', [], third as never).readyState).toBe(0)
  })

  test('the known names are those of the class', () => {
    const { message } = refusal({ x: 1 })
    for (const name of ['maxRetries', 'startClosed', 'WebSocket', 'heartbeat']) expect(message).toContain(name)
    expect(message).not.toContain('stableAfter')
  })

  const noop = (): undefined => undefined
  test.each([
    [{ WebSocket: function () {}, transport: new FakeTransport() }, 'WebSocket', 'transport'],
    [{ shouldReconnectOnClose: noop, retry: noop }, 'shouldReconnectOnClose', 'retry'],
    [{ minReconnectionDelay: 5, backoff: fixedBackoff(5) }, 'minReconnectionDelay', 'backoff'],
    [{ maxReconnectionDelay: 5, backoff: fixedBackoff(5) }, 'maxReconnectionDelay', 'backoff'],
    [{ reconnectionDelayGrowFactor: 2, backoff: fixedBackoff(5) }, 'reconnectionDelayGrowFactor', 'backoff'],
  ])('two conflicting options: %o', (options, name, other) => {
    expect(refusal(options).message).toMatch(new RegExp(`^${name} \\(.+\\) cannot be combined with ${other}: `))
  })

  test('an undefined option counts as omitted', () => {
    const names = [
      'WebSocket',
      'transport',
      'maxRetries',
      'minUptime',
      'backoff',
      'minReconnectionDelay',
      'debugLogger',
    ]
    const options = Object.fromEntries(names.map((name) => [name, undefined]))
    const ws = new ReconnectingWebSocket(url, [], { ...options, startClosed: true })
    expect(ws.readyState).toBe(3)
  })
})

describe('the delay before a reconnect', () => {
  /** The delays of the nth retry for the lowest and the highest random value. */
  async function waits(
    options: ReconnectingWebSocketOptions,
    retries = 4,
  ): Promise<[least: number, greatest: number][]> {
    const all: number[][] = []
    for (const number of [0, 1 - Number.EPSILON]) {
      const { clock, closes, refuse } = setupSocket({ ...options, random: () => number })
      for (let retry = 0; retry < retries; retry++) {
        if (retry > 0) await clock.advance(closes.at(-1)!.retryDelay!)
        await refuse()
      }
      all.push(closes.map(({ retryDelay }) => Math.round(retryDelay!)))
    }
    return all[0]!.map((least, index) => [least, all[1]![index]!])
  }

  test('lies between the minimum and the grown delay, up to the maximum', async () => {
    expect(
      await waits({ minReconnectionDelay: 1_000, maxReconnectionDelay: 3_000, reconnectionDelayGrowFactor: 2 }),
    ).toEqual([
      [1_000, 2_000],
      [1_000, 3_000],
      [1_000, 3_000],
      [1_000, 3_000],
    ])
  })

  test('takes the defaults for the other two options if one is given', async () => {
    expect(await waits({ minReconnectionDelay: 500 }, 2)).toEqual([
      [500, 650],
      [500, 845],
    ])
    expect(await waits({ maxReconnectionDelay: 1_200 }, 2)).toEqual([
      [1_000, 1_200],
      [1_000, 1_200],
    ])
    expect(await waits({ reconnectionDelayGrowFactor: 100 }, 2)).toEqual([
      [1_000, 10_000],
      [1_000, 10_000],
    ])
  })

  test('may have a minimum above the default maximum', async () => {
    expect(await waits({ minReconnectionDelay: 20_000 }, 1)).toEqual([[20_000, 20_000]])
  })

  test('is the maximum if the bounds contradict each other, as in comparable libraries', async () => {
    expect(await waits({ minReconnectionDelay: 5_000, maxReconnectionDelay: 1_000 }, 2)).toEqual([
      [1_000, 1_000],
      [1_000, 1_000],
    ])
  })

  test('grows without a limit if configured so, and stays finite', async () => {
    const waited = await waits({ maxReconnectionDelay: Infinity, reconnectionDelayGrowFactor: 1e308 }, 1)
    expect(waited).toEqual([[1_000, expect.closeTo(Number.MAX_SAFE_INTEGER, -2)]])
  })

  test('grows even from a minimum of 0', async () => {
    const options = { minReconnectionDelay: 0, maxReconnectionDelay: 100, reconnectionDelayGrowFactor: 10 }
    expect(await waits(options, 3)).toEqual([
      [0, 10],
      [0, 100],
      [0, 100],
    ])
  })

  test("is the connection's own without any of the three options; with backoff it is that", async () => {
    expect(await waits({}, 2)).toEqual([
      [250, 1_250],
      [250, 2_250],
    ])
    expect(await waits({ backoff: fixedBackoff(70, { jitter: 0 }) }, 1)).toEqual([[70, 70]])
  })
})
