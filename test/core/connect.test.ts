// `connect` with few features: each works alone, and adds its members and no others.
import { describe, expect, test } from 'vitest'
import type { AnyFeature } from '../../src/core/feature.js'
import {
  backpressure,
  batch,
  checks,
  codec,
  complaint,
  connect,
  counters,
  delivery,
  hints,
  idleCuts,
  inspection,
  lifecycle,
  prepare,
  promises,
  readers,
  richQueue,
  slowLinks,
  store,
  streams,
  until,
  zones,
  type CoreOptions,
} from '../../src/core/index.js'
import { fixedBackoff } from '../../src/core/policies/backoff.js'
import { settle, TestClock } from '../../src/tools/testing/clock.js'
import { FakeTransport, type FakeSocket } from '../../src/tools/testing/transport.js'
import type { MessageData } from '../../src/core/transport.js'
import { FakeEnvironment } from '../support/setup.js'

/** The part of a connection that all share. */
interface Bare {
  readonly state: string
  readonly url: string
  readonly protocol: string
  readonly extensions: string
  readonly readyState: number
  binaryType: string
  open(): void
  close(code?: number, reason?: string): unknown
  reconnect(code?: number, reason?: string): void
  markHealthy(): void
  send(message: unknown, options?: object): string
  on(type: string, listener: (event: never) => unknown): () => void
  use(moments: object): () => void
  [member: string | symbol]: unknown
}

function connected(features: readonly AnyFeature[], options: Partial<CoreOptions> = {}) {
  const clock = new TestClock()
  const transport = new FakeTransport()
  const connection = connect('ws://server.test/', {
    transport,
    clock,
    backoff: fixedBackoff(100),
    features,
    ...options,
  } as never) as unknown as Bare
  const accept = async (): Promise<FakeSocket> => {
    await settle()
    transport.last.accept({ protocol: 'p', extensions: 'x' })
    await settle()
    return transport.last
  }
  return { connection, clock, transport, accept }
}

const environment = new FakeEnvironment()
const plain = { encode: (message: string) => message, decode: (frame: MessageData) => String(frame) }

/** Every feature, with the features it needs and the members it adds. */
const features: Record<string, readonly [AnyFeature, readonly (string | symbol)[], ...AnyFeature[]]> = {
  backpressure: [backpressure(), ['bufferedAmount', 'drained']],
  batch: [batch(), ['sendMany'], richQueue()],
  checks: [checks(), ['binaryType']],
  codec: [codec(plain), []],
  complaint: [complaint(), []],
  counters: [counters(), ['counters']],
  delivery: [delivery(), []],
  hints: [hints(), []],
  idleCuts: [idleCuts(), []],
  inspection: [inspection(), ['inspect']],
  lifecycle: [lifecycle(environment, new TestClock()), []],
  prepare: [prepare(() => 'prepared'), []],
  promises: [promises(), ['opened', 'ended', 'close', Symbol.asyncDispose]],
  readers: [readers(), ['messages', Symbol.asyncIterator]],
  richQueue: [richQueue(), ['withdraw']],
  slowLinks: [slowLinks(), []],
  store: [store(), ['subscribe', 'getSnapshot', '@@observable']],
  streams: [streams(), ['readable', 'writable'], readers(), backpressure()],
  until: [until(new AbortController().signal), []],
  zones: [zones(), []],
}
const names = Object.keys(features)
const allMembers = [...new Set(names.flatMap((name) => features[name]![1]))]
/** Present on every connection, although a feature may implement them. */
const ofAll = ['close', 'binaryType']

/** Opens, sends, receives, loses its link, reconnects and closes. */
async function lives(given: readonly AnyFeature[]): Promise<unknown[]> {
  const { connection, clock, accept } = connected(given)
  const log: unknown[] = []
  for (const type of ['open', 'message', 'close', 'backoff', 'dropped', 'error'])
    connection.on(type, (event: unknown) => void log.push(type === 'message' ? event : type))
  log.push(connection.state, connection.send('queued'))
  const first = await accept()
  log.push(connection.state, connection.send('sent'), first.sent)
  first.message('in')
  first.end()
  log.push(connection.state)
  await clock.advance(100)
  const second = await accept()
  second.message('again')
  void connection.close(4001, 'bye')
  second.end({ code: 4001 })
  await settle()
  log.push(
    connection.state,
    second.actions.filter(({ type }) => type === 'close'),
    clock.pending,
  )
  expect(() => connection.send('late')).toThrow(expect.objectContaining({ code: 'ERR_ENDED' }))
  return log
}

const life = [
  'connecting',
  'queued',
  'open',
  'open',
  'sent',
  ['queued', 'sent'],
  'in',
  'close',
  'backoff',
  'backoff',
  'open',
  'again',
  'close',
  'ended',
  [{ type: 'close', code: 4001, reason: 'bye' }],
  0,
]

describe('a connection without features', () => {
  test('opens, sends, receives, loses its link, reconnects and closes', async () => {
    expect(await lives([])).toEqual(life)
  })

  test('has the common members and none of any feature', async () => {
    const { connection, accept } = connected([])
    for (const member of allMembers.filter((each) => !ofAll.includes(each as string)))
      expect([member, connection[member]]).toEqual([member, undefined])
    await accept()
    expect(connection).toMatchObject({
      state: 'open',
      readyState: 1,
      url: 'ws://server.test/',
      protocol: 'p',
      extensions: 'x',
      binaryType: 'arraybuffer',
    })
    connection.binaryType = 'blob'
    expect(connection.binaryType).toBe('blob')
    expect(connection.close()).toBeUndefined()
    expect(connection.state).toBe('closing')
  })

  test('queues 1,000 messages for the next link, or as many as `queue` allows', () => {
    const { connection } = connected([])
    for (let count = 0; count < 1_000; count++) connection.send('x')
    expect(() => connection.send('x')).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))
    const { connection: small } = connected([], { queue: 1 })
    small.send('x')
    expect(() => small.send('x')).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))
  })

  test('sends pings and drops a link that does not reply', async () => {
    const { connection, clock, accept } = connected([])
    const socket = await accept()
    await clock.advance(10_000)
    expect(socket.count('ping')).toBe(1)
    await clock.advance(10_000)
    expect([connection.state, socket.over]).toEqual(['backoff', true])
  })

  test('calls a url function for each attempt and accepts a string or a target', async () => {
    const transport = new FakeTransport()
    const clock = new TestClock()
    let asked = 0
    connect(({ attempt }) => (asked++, { url: `ws://server.test/${attempt}`, protocols: 'v1', headers: { a: 'b' } }), {
      transport,
      clock,
      backoff: fixedBackoff(100),
    })
    await settle()
    expect(transport.last.target).toMatchObject({
      url: 'ws://server.test/1',
      protocols: ['v1'],
      headers: { a: 'b' },
    })
    transport.last.refuse()
    await clock.advance(100)
    expect([asked, transport.last.target.url]).toEqual([2, 'ws://server.test/2'])
  })

  test('reports exceptions of the app, and prints those without a listener', async () => {
    const { connection, accept } = connected([], { retry: () => 'yes' as never })
    const errors: unknown[] = []
    connection.on('error', (error) => void errors.push(error))
    const socket = await accept()
    socket.end()
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_POLICY' })])
  })
})

describe.each(names)('a connection with %s alone', (name) => {
  const [feature, members, ...needs] = features[name]!

  test('works like one without it', async () => {
    const given = [...needs, feature]
    const log = await lives(given)
    // The codec's output is text, too.
    expect(log).toEqual(life)
  })

  test('has the members of that feature and of the ones it needs, and no others', () => {
    const { connection } = connected([...needs, feature], { autoOpen: false })
    const expected = [
      ...members,
      ...names.filter((each) => needs.some((need) => need.name === each)).flatMap((each) => features[each]![1]),
    ]
    for (const member of allMembers) {
      if (ofAll.includes(member as string)) continue
      expect([member, member in connection]).toEqual([member, expected.includes(member)])
    }
  })
})

test('the list covers every feature', async () => {
  const entry = await import('../../src/core/index.js')
  const factories = Object.keys(entry).filter((each) => !['connect', 'preparation'].includes(each))
  expect(factories.toSorted()).toEqual(names.toSorted())
})

test('a connection with all features works like one without any', async () => {
  const order = ['richQueue', 'readers', 'backpressure', ...names]
  const all = [...new Set(order)].map((name) => features[name]![0])
  expect(await lives(all)).toEqual(life)
})
