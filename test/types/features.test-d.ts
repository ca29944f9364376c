import { describe, expectTypeOf, test } from 'vitest'
import {
  backpressure,
  batch,
  checks,
  codec,
  connect,
  counters,
  delivery,
  inspection,
  promises,
  readers,
  richQueue,
  store,
  streams,
  type BackpressureFeature,
  type BatchFeature,
  type ChecksFeature,
  type CodecFeature,
  type ComplaintFeature,
  type Complete,
  type Connected,
  type CountersFeature,
  type DeliveryFeature,
  type Fate,
  type Feature,
  type FeatureTypes,
  type HintsFeature,
  type IdleCutsFeature,
  type InspectionFeature,
  type LifecycleFeature,
  type PromisesFeature,
  type ReadersFeature,
  type RichQueueFeature,
  type SlowLinksFeature,
  type StoreFeature,
  type StreamsFeature,
  type Uncertain,
  type ZonesFeature,
} from '../../src/core/index.js'
import {
  createConnection,
  type BuiltIn,
  type CloseInfo,
  type Connection,
  type ConnectionEventMap,
  type SendData,
  type MessageData,
  type SendOptions,
  type Transport,
} from '../../src/index.js'

declare const transport: Transport
const url = 'wss://a.test'

interface Command {
  readonly do: string
}
interface News {
  readonly seen: number
}
const json = {
  encode: (command: Command): string => JSON.stringify(command),
  decode: (frame: MessageData): News => JSON.parse(String(frame)) as News,
}

interface TopicMethods<In, Out> {
  join(topic: string): In[]
  readonly joined: readonly Out[]
}
interface TopicsTypes extends FeatureTypes {
  readonly methods: TopicMethods<this['In'], this['Out']>
  readonly events: { joined: { readonly topic: string } }
  readonly send: { readonly topic?: string | undefined }
}
declare const topics: Feature<'topics', TopicsTypes, 'readers'>

describe('without features', () => {
  const connection = connect(url, { transport })

  test("a connection sends and receives the socket's types", () => {
    expectTypeOf(connection.send).parameter(0).toEqualTypeOf<SendData>()
    connection.on('message', (message) => expectTypeOf(message).toEqualTypeOf<MessageData>())
    expectTypeOf(connection.close()).toEqualTypeOf<void>()
  })

  test('a connection has no members of any feature', () => {
    // @ts-expect-error -- readers
    connection.messages()
    // @ts-expect-error -- promises
    void connection.opened()
    // @ts-expect-error -- counters
    void connection.counters
    // @ts-expect-error -- backpressure
    connection.on('drain', () => {})
    // @ts-expect-error -- no feature reads options of `send`
    connection.send('x', { ttl: 1 })
    // @ts-expect-error -- delivery
    connection.on('close', ({ uncertain }) => uncertain)
    // @ts-expect-error -- checks
    connection.on('open', () => {}, { once: true })
  })

  test('`connect` has no default transport', () => {
    // @ts-expect-error -- a transport is required
    connect(url, {})
  })
})

describe('a feature adds', () => {
  test('its members', () => {
    const connection = connect(url, { transport, features: [readers(), promises(), counters(), store()] })
    expectTypeOf(connection.messages()).toEqualTypeOf<AsyncIterableIterator<MessageData>>()
    expectTypeOf(connection.opened()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(connection.close()).toEqualTypeOf<Promise<CloseInfo>>()
    expectTypeOf(connection.counters.sent).toEqualTypeOf<number>()
    expectTypeOf(connection.getSnapshot()).toEqualTypeOf<Connection['status']>()
    // @ts-expect-error -- streams
    void connection.readable
  })

  test("members with the codec's message types, wherever the codec is given", () => {
    const before = connect(url, { transport, features: [codec(json), readers(), richQueue(), batch()] })
    const after = connect(url, { transport, features: [readers(), richQueue(), batch(), codec(json)] })
    for (const connection of [before, after]) {
      expectTypeOf(connection.messages()).toEqualTypeOf<AsyncIterableIterator<News>>()
      expectTypeOf(connection.withdraw()).toEqualTypeOf<Command[]>()
      expectTypeOf(connection.send).parameter(0).toEqualTypeOf<Command>()
      expectTypeOf(connection.sendMany).parameter(0).toEqualTypeOf<Iterable<Command>>()
      connection.on('message', (message) => expectTypeOf(message).toEqualTypeOf<News>())
      connection.on('dropped', ({ data }) => expectTypeOf(data).toEqualTypeOf<Command>())
    }
    expectTypeOf<CodecFeature<News, Command>>().toExtend<Feature>()
  })

  test('its events, and its fields to those of others', () => {
    const connection = connect(url, { transport, features: [backpressure(), delivery()] })
    connection.on('drain', (event) => expectTypeOf(event).toEqualTypeOf<undefined>())
    connection.on('close', ({ uncertain, code }) => {
      expectTypeOf(uncertain).toEqualTypeOf<Uncertain>()
      expectTypeOf(code).toEqualTypeOf<number>()
    })
    connection.on('backoff', ({ uncertain }) => expectTypeOf(uncertain).toEqualTypeOf<Uncertain>())
  })

  test('its options of `send`, together with those of others', () => {
    const one = connect(url, { transport, features: [delivery()] })
    one.send('x', { onFate: (fate) => expectTypeOf(fate).toEqualTypeOf<Fate>() })
    // @ts-expect-error -- richQueue
    one.send('x', { ttl: 1 })
    const both = connect(url, { transport, features: [richQueue(), delivery()] })
    both.send('x', { ttl: 1, key: 'k', onFate: () => {} })
    // @ts-expect-error -- no feature reads it
    both.send('x', { tttl: 1 })
  })

  test('its options of `on`', () => {
    const connection = connect(url, { transport, features: [checks()] })
    connection.on('open', () => {}, { once: true, signal: new AbortController().signal })
    // @ts-expect-error -- no feature reads it
    connection.on('open', () => {}, { onec: true })
  })

  test('what its author declares', () => {
    const connection = connect(url, { transport, features: [codec(json), readers(), topics] })
    expectTypeOf(connection.join('a')).toEqualTypeOf<News[]>()
    expectTypeOf(connection.joined).toEqualTypeOf<readonly Command[]>()
    connection.on('joined', ({ topic }) => expectTypeOf(topic).toEqualTypeOf<string>())
    connection.send({ do: 'it' }, { topic: 'a' })
  })
})

describe('a required feature', () => {
  test('is reported by name if it is missing or too late', () => {
    // @ts-expect-error -- "batch() needs richQueue() before it in features"
    connect(url, { transport, features: [batch()] })
    // @ts-expect-error -- "batch() needs richQueue() before it in features"
    connect(url, { transport, features: [batch(), richQueue()] })
    connect(url, { transport, features: [richQueue(), batch()] })
    // @ts-expect-error -- "streams() needs backpressure() before it in features"
    connect(url, { transport, features: [readers(), streams()] })
    // @ts-expect-error -- "topics() needs readers() before it in features"
    connect(url, { transport, features: [topics] })
  })

  test('is reported in a sentence', () => {
    type Batch = Complete<[BatchFeature]>
    expectTypeOf<Batch>().toEqualTypeOf<{
      readonly features: readonly 'batch() needs richQueue() before it in features'[]
    }>()
    type Streams = Complete<[ReadersFeature, StreamsFeature]>
    expectTypeOf<Streams>().toEqualTypeOf<{
      readonly features: readonly 'streams() needs backpressure() before it in features'[]
    }>()
    expectTypeOf<Complete<[RichQueueFeature, BatchFeature]>>().toEqualTypeOf<unknown>()
  })

  test('may be built in', () => {
    createConnection(url, { features: [topics] })
    const presence = {} as Feature<'presence', FeatureTypes, 'topics'>
    // @ts-expect-error -- "presence() needs topics() before it in features"
    createConnection(url, { features: [presence] })
    createConnection(url, { features: [topics, presence] })
  })
})

describe('createConnection with features', () => {
  const connection = createConnection(url, { codec: json, features: [topics] })

  test('has its built-in members and the added ones', () => {
    expectTypeOf(connection.join('a')).toEqualTypeOf<News[]>()
    expectTypeOf(connection.joined).toEqualTypeOf<readonly Command[]>()
    expectTypeOf(connection.messages()).toEqualTypeOf<AsyncIterableIterator<News>>()
    expectTypeOf(connection.withdraw()).toEqualTypeOf<Command[]>()
    expectTypeOf(connection.close()).toEqualTypeOf<Promise<CloseInfo>>()
  })

  test('has their events besides its own', () => {
    connection.on('joined', ({ topic }) => expectTypeOf(topic).toEqualTypeOf<string>())
    connection.on('message', (message) => expectTypeOf(message).toEqualTypeOf<News>())
    connection.on('close', ({ uncertain }) => expectTypeOf(uncertain).toEqualTypeOf<Uncertain>())
    // @ts-expect-error -- no such event
    connection.on('jonied', () => {})
    connection.on('open', () => {}, { once: true })
  })

  test('accepts their options of `send` besides its own', () => {
    connection.send({ do: 'it' }, { topic: 'a', ttl: 1, onFate: () => {} })
    // @ts-expect-error -- no feature reads it
    connection.send({ do: 'it' }, { topics: 'a' })
  })

  test('without any is a plain Connection', () => {
    expectTypeOf(createConnection(url, { codec: json })).toEqualTypeOf<Connection<News, Command>>()
  })
})

/** The features of `createConnection`, with a codec, in its order. */
type All = readonly [
  ZonesFeature,
  ChecksFeature,
  PromisesFeature,
  StoreFeature,
  CountersFeature,
  RichQueueFeature,
  BackpressureFeature,
  HintsFeature,
  LifecycleFeature,
  BatchFeature,
  ReadersFeature,
  StreamsFeature,
  DeliveryFeature,
  SlowLinksFeature,
  IdleCutsFeature,
  ComplaintFeature,
  InspectionFeature,
  CodecFeature<News, Command>,
]
type Inferred = Connected<All>
type Written = Connection<News, Command>
type NameOf<F> = F extends { readonly name: infer Name } ? Name : never

describe('the handwritten Connection type', () => {
  test('has the members of all its features', () => {
    expectTypeOf<keyof Written>().toEqualTypeOf<keyof Inferred>()
  })

  test('has them with the same types, except `on` and `send`, whose hovers it keeps short', () => {
    type Same = Exclude<keyof Written & keyof Inferred, 'on' | 'send'>
    expectTypeOf<{ [K in Same]: Inferred[K] }>().toEqualTypeOf<{ [K in Same]: Written[K] }>()
  })

  test('accepts the same options of `send`', () => {
    expectTypeOf<Parameters<Inferred['send']>[0]>().toEqualTypeOf<Parameters<Written['send']>[0]>()
    type Options = NonNullable<Parameters<Inferred['send']>[1]>
    expectTypeOf<{ [K in keyof Options]: Options[K] }>().toEqualTypeOf<{ [K in keyof SendOptions]: SendOptions[K] }>()
    expectTypeOf<ReturnType<Inferred['send']>>().toEqualTypeOf<ReturnType<Written['send']>>()
  })

  test('has the same events', () => {
    type Told = ConnectionEventMap<News, Command>
    const inferred = {} as Inferred
    inferred.on('close', (event) => expectTypeOf(event).toExtend<Told['close']>())
    inferred.on('close', (event) => expectTypeOf<Told['close']>().toExtend<typeof event>())
    inferred.on('backoff', (event) => expectTypeOf<Told['backoff']>().toExtend<typeof event>())
    inferred.on('backoff', (event) => expectTypeOf(event).toExtend<Told['backoff']>())
    inferred.on('open', (event) => expectTypeOf(event).toEqualTypeOf<Told['open']>())
    inferred.on('message', (event) => expectTypeOf(event).toEqualTypeOf<Told['message']>())
    inferred.on('state', (event) => expectTypeOf(event).toEqualTypeOf<Told['state']>())
    inferred.on('heartbeat', (event) => expectTypeOf(event).toEqualTypeOf<Told['heartbeat']>())
    inferred.on('drain', (event) => expectTypeOf(event).toEqualTypeOf<Told['drain']>())
    inferred.on('error', (event) => expectTypeOf(event).toEqualTypeOf<Told['error']>())
    expectTypeOf<Parameters<Inferred['on']>[0]>().toEqualTypeOf<Parameters<Written['on']>[0]>()
  })

  test('has the names of its features', () => {
    expectTypeOf<Exclude<NameOf<All[number]>, 'codec'>>().toEqualTypeOf<BuiltIn>()
    expectTypeOf<Complete<All>>().toEqualTypeOf<unknown>()
  })
})

test('the factories return their declared types', () => {
  expectTypeOf(checks()).toEqualTypeOf<ChecksFeature>()
  expectTypeOf(inspection()).toEqualTypeOf<InspectionFeature>()
})
