import { describe, expect, test } from 'vitest'
import type { ConnectionEvent, SocketEvent } from '../../machines/connection.types.js'
import { Attempt } from '../../src/core/attempt.js'
import type { Core } from '../../src/core/core.js'
import type { AnyFeature } from '../../src/core/feature.js'
import { prepare, type Prepare } from '../../src/core/features/prepare.js'
import { ConnectionError } from '../../src/core/errors.js'
import type { UrlContext, UrlProvider } from '../../src/core/target/provider.types.js'
import { settle } from '../../src/tools/testing/clock.js'
import { FakeTransport } from '../../src/tools/testing/transport.js'
import type { MessageData, Transport } from '../../src/core/transport.js'
import { feature, scripted } from './support/scripted.js'

const url = 'ws://server.test/x'
const resolved: SocketEvent = { type: 'socket.resolved', gen: 7 }
const opened: SocketEvent = { type: 'socket.opened', gen: 7 }
const prepared: SocketEvent = { type: 'socket.prepared', gen: 7 }
const closed = (code: number): SocketEvent => ({ type: 'socket.closed', gen: 7, code })

interface Parts {
  transport?: Transport
  prepare?: Prepare
  resolve?: UrlProvider
  send?: (event: ConnectionEvent, one: Attempt) => unknown
  dialledOffline?: boolean
}

function attempt(options: Parts = {}): {
  core: Core
  attempt: Attempt
  transport: FakeTransport
  /** The events that the chart received. */
  chartEvents: ConnectionEvent[]
  frames: unknown[]
  signals: AbortSignal[]
} {
  const transport = new FakeTransport()
  const signals: AbortSignal[] = []
  const { resolve = ({ signal }: UrlContext) => (signals.push(signal), url), dialledOffline = false } = options
  const features: AnyFeature[] = [feature({ environment: { online: !dialledOffline, hidden: false } })]
  if (options.prepare !== undefined) features.push(prepare(options.prepare))
  const { core, chartEvents } = scripted({ url: resolve, transport: options.transport ?? transport, features })
  const one = (core.attempt = new Attempt(7, core))
  const frames: unknown[] = []
  core.events.add('message', (frame) => void frames.push(frame))
  const { send } = options
  if (send !== undefined) core.engine.send = (event) => void send(event, one)
  return { core, attempt: one, transport, chartEvents, frames, signals }
}

test('an attempt resolves, dials, opens and prepares, and reports each step once', async () => {
  const { core, attempt: one, transport, chartEvents, frames } = attempt()
  await one.start()
  expect(one.url).toBe('ws://server.test/x')
  transport.last.accept({ protocol: 'v1', extensions: 'deflate' })
  expect(one).toMatchObject({ protocol: 'v1', extensions: 'deflate' })
  one.prepare()
  transport.last.message('hello')
  transport.last.serverPing()
  transport.last.end({ code: 1012 })
  expect(chartEvents).toEqual([resolved, opened, prepared, closed(1012)])
  expect(one.close).toEqual({ code: 1012, reason: '', wasClean: true })
  expect(frames).toEqual(['hello'])
  expect([core.received, core.beats]).toEqual([2, 1])
})

describe('an attempt that is over', () => {
  const ways = {
    abandoned: (one: Attempt) => one.abandon(4000, 'away'),
    closed: (one: Attempt) => one.startClosing(1000, 'bye'),
  }
  const each = Object.entries(ways)

  test('calls no provider if it was closed in the tick that opened it', async () => {
    const { attempt: one, transport, chartEvents } = attempt({ resolve: () => expect.unreachable() })
    one.startClosing(1000, 'bye')
    await one.start()
    expect(transport.sockets).toEqual([])
    expect(chartEvents).toEqual([closed(1006)])
  })

  test.each(each)('dials nothing if it was %s while the provider was pending', async (way, end) => {
    const { attempt: one, transport, chartEvents } = attempt({ resolve: () => Promise.resolve(url) })
    const started = one.start()
    end(one)
    await started
    expect(transport.sockets).toEqual([])
    expect(one.url).toBe('')
    expect(chartEvents).toEqual(way === 'closed' ? [closed(1006)] : [])
  })

  test.each(each)('dials nothing if it was %s when it reported its URL', async (_, end) => {
    const { attempt: one, transport } = attempt({ send: ({ type }, given) => type === 'socket.resolved' && end(given) })
    await one.start()
    await settle()
    expect(transport.sockets).toEqual([])
  })

  test.each(each)('reports no completed hook after it was %s', async (_, end) => {
    let done = (): void => {}
    const {
      attempt: one,
      transport,
      chartEvents,
    } = attempt({ prepare: () => new Promise<void>((yes) => (done = yes)) })
    await one.start()
    transport.last.accept()
    one.prepare()
    end(one)
    done()
    await settle()
    expect(chartEvents).toEqual([resolved, opened])
  })

  test('reports no failed provider or hook after it was abandoned', async () => {
    const { attempt: one, chartEvents } = attempt({
      resolve: () => Promise.reject(new ConnectionError('ERR_PROVIDER', 'no')),
    })
    const started = one.start()
    one.abandon(4000, '')
    await started
    expect([chartEvents, one.failure]).toEqual([[], undefined])
    const {
      attempt: other,
      transport,
      chartEvents: toldOther,
    } = attempt({ prepare: () => Promise.reject(new Error('no')) })
    await other.start()
    transport.last.accept()
    other.prepare()
    other.abandon(4000, '')
    await settle()
    expect([toldOther, other.failure]).toEqual([[resolved, opened], undefined])
  })

  test('ignores further events of its socket (N07)', async () => {
    const { attempt: one, transport, chartEvents, frames } = attempt()
    await one.start()
    one.abandon(4000, 'away')
    expect(transport.last.actions).toEqual([{ type: 'abandon', code: 4000, reason: 'away' }])
    const { lateSink } = transport.last
    lateSink.opened({ protocol: 'late', extensions: 'late' })
    lateSink.message('late')
    lateSink.alive('pong')
    lateSink.failed({ error: new Error('late') })
    lateSink.closed({ code: 1000, reason: '', wasClean: true })
    expect([chartEvents, frames]).toEqual([[resolved], []])
    expect(one).toMatchObject({ protocol: '', extensions: '', close: undefined, failure: undefined })
  })

  test('is released even if its transport throws on abandon', async () => {
    const { attempt: one, transport } = attempt()
    await one.start()
    transport.last.abandon = () => {
      throw new Error('abandon')
    }
    expect(() => one.abandon(4000, '')).not.toThrow()
  })
})

describe('the prepare hook', () => {
  test('has the frames and a signal until it completes, and its unread frames are handed over', async () => {
    const heard: unknown[] = []
    const prepare: Prepare = async (link, { signal }) => {
      heard.push(link.protocol, signal.aborted, await link.read())
      signal.addEventListener('abort', () => heard.push('aborted'))
    }
    const { attempt: one, transport, chartEvents, frames } = attempt({ prepare })
    await one.start()
    transport.last.accept({ protocol: 'v1' })
    one.prepare()
    transport.last.message('for the hook')
    transport.last.message('left')
    await settle()
    expect(heard).toEqual(['v1', false, 'for the hook'])
    expect(chartEvents).toEqual([resolved, opened, prepared])
    expect(frames).toEqual([])
    expect(one.preparation?.end()).toEqual(['left'])
    one.release()
    expect(heard.at(-1)).toBe('aborted')
  })
})

test('the signal of an attempt that is over is aborted', () => {
  const { attempt: one } = attempt()
  one.release()
  expect(one.signal.aborted).toBe(true)
})

test('an attempt that never dialed is released like any other', () => {
  const { attempt: one } = attempt()
  one.abandon(4000, '')
  expect(() => one.release()).not.toThrow()
})

describe('closing an attempt', () => {
  test('starts the closing handshake of its socket and does not abort the signal yet', async () => {
    const { attempt: one, transport, chartEvents, signals } = attempt()
    await one.start()
    one.startClosing(1000, 'bye')
    await settle()
    expect(transport.last.actions).toEqual([{ type: 'close', code: 1000, reason: 'bye' }])
    expect(chartEvents).toEqual([resolved])
    expect(signals[0]!.aborted).toBe(false)
  })

  test('without a socket ends it at the next turn, without a failure, and aborts its provider', async () => {
    const signals: AbortSignal[] = []
    const { attempt: one, chartEvents } = attempt({
      resolve: ({ signal }) => (signals.push(signal), new Promise(() => {})),
    })
    void one.start()
    one.startClosing(undefined, undefined)
    expect([signals[0]!.aborted, chartEvents]).toEqual([true, []])
    await settle()
    expect([chartEvents, one.failure]).toEqual([[closed(1006)], undefined])
  })

  test('by release aborts the provider and a hook that is reading', async () => {
    let read: Promise<MessageData> | undefined
    const prepare: Prepare = (link) => (read = link.read())
    const { attempt: one, transport, signals } = attempt({ prepare })
    await one.start()
    transport.last.accept()
    one.prepare()
    one.release()
    expect(signals[0]!.aborted).toBe(true)
    await expect(read).rejects.toMatchObject({ code: 'ERR_ENDED' })
  })
})

describe('a failure', () => {
  test.each([
    ['ERR_PROVIDER', false],
    ['ERR_URL', true],
  ] as const)('with %s of the address feature is fatal: %s', async (code, fatal) => {
    const error = new ConnectionError(code, 'no')
    const address = { resolve: () => Promise.reject(error), controller: () => new AbortController() }
    const { core, chartEvents } = scripted({ features: [feature({ address })] })
    const one = (core.attempt = new Attempt(7, core))
    await one.start()
    expect([chartEvents, one.failure]).toEqual([[closed(1006)], { error, fatal }])
  })

  test('of a transport that throws in connect is ERR_TRANSPORT', async () => {
    const cause = new Error('connect')
    const transport = {
      connect: () => {
        throw cause
      },
    }
    const { attempt: one, chartEvents } = attempt({ transport })
    await one.start()
    expect(chartEvents).toEqual([resolved, closed(1006)])
    expect(one.failure).toMatchObject({ error: { code: 'ERR_TRANSPORT', cause } })
  })

  test.each<[string, Prepare]>([
    ['rejects', () => Promise.reject(new Error('hook'))],
    [
      'throws',
      () => {
        throw new Error('hook')
      },
    ],
  ])('of a hook that %s is ERR_PREPARE', async (_, prepare) => {
    const { attempt: one, transport, chartEvents } = attempt({ prepare })
    await one.start()
    transport.last.accept()
    one.prepare()
    await settle()
    expect(chartEvents).toEqual([resolved, opened, closed(1006)])
    expect(one.failure).toMatchObject({ error: { code: 'ERR_PREPARE', cause: { message: 'hook' } } })
  })

  test.each([
    [{ error: 'odd' }, { error: { code: 'ERR_SOCKET', cause: 'odd', status: undefined } }],
    [{ error: 'odd', status: 503, retryAfter: 5 }, { error: { code: 'ERR_HANDSHAKE', cause: 'odd', status: 503 } }],
    [{ error: new ConnectionError('ERR_MISSING_PEER', 'ws'), fatal: true }, { error: { code: 'ERR_MISSING_PEER' } }],
  ])('that the transport reports as %o keeps its details', async (detail, expected) => {
    const { attempt: one, transport } = attempt()
    await one.start()
    const { lateSink } = transport.last
    lateSink.failed(detail)
    lateSink.failed({ error: new Error('second') })
    const { error: _, ...rest } = detail
    expect(one.failure).toMatchObject({ ...rest, ...expected })
  })
})

test.each([true, false])('the attempt knows whether it was dialed offline: %s', (dialledOffline) => {
  expect(attempt({ dialledOffline }).attempt.dialledOffline).toBe(dialledOffline)
})
