// Under exactOptionalPropertyTypes, `{ option: undefined }` counts as an omitted option, for every optional member of
// the app's input.
import { expectTypeOf, test } from 'vitest'
import type {
  ConnectionOptions,
  createConnection,
  decorrelatedJitter,
  equalJitter,
  FailureDetail,
  fixedBackoff,
  fullJitter,
  Heartbeat,
  InspectionObserver,
  ListenOptions,
  MessagesOptions,
  protocolPing,
  SendOptions,
  serverPing,
  textHeartbeat,
  UrlTarget,
  webSocketTransport,
} from '../../src/index.js'
import type { linkViewer, ObserveOptions, RelayLinkOptions } from '../../src/tools/inspect/index.js'
import type { createRelay } from '../../src/tools/inspect/relay/index.js'
import type {
  createFaultServer,
  FakeTransportOptions,
  FakeSocket,
  faults,
  FaultServer,
  TestClock,
} from '../../src/tools/testing/index.js'
import type { WsTransportOptions } from '../../src/transports/ws.js'
import type { ReconnectingWebSocket, ReconnectingWebSocketOptions } from '../../src/websocket/index.js'

/** All optional members, present and undefined. */
type LeftOut<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? undefined : T[K] }
/** The object among the types of a parameter. */
type Bag<T> = Exclude<Extract<T, object>, (...args: never[]) => unknown>
type First<F extends (...args: never[]) => unknown> = Bag<Parameters<F>[0]>
type Second<F extends (...args: never[]) => unknown> = Bag<Parameters<F>[1]>

type Connected = ReturnType<typeof createConnection>

test('every optional member accepts undefined', () => {
  expectTypeOf<LeftOut<ConnectionOptions>>().toExtend<ConnectionOptions>()
  expectTypeOf<LeftOut<NonNullable<ConnectionOptions['queue']>>>().toExtend<NonNullable<ConnectionOptions['queue']>>()
  expectTypeOf<LeftOut<UrlTarget>>().toExtend<UrlTarget>()
  expectTypeOf<LeftOut<MessagesOptions>>().toExtend<MessagesOptions>()
  expectTypeOf<LeftOut<SendOptions>>().toExtend<SendOptions>()
  expectTypeOf<LeftOut<ListenOptions>>().toExtend<ListenOptions>()
  expectTypeOf<LeftOut<Heartbeat>>().toExtend<Heartbeat>()
  expectTypeOf<LeftOut<FailureDetail>>().toExtend<FailureDetail>()
  expectTypeOf<LeftOut<Bag<InspectionObserver>>>().toExtend<InspectionObserver>()
  expectTypeOf<LeftOut<First<Connected['opened']>>>().toExtend<First<Connected['opened']>>()
  expectTypeOf<LeftOut<First<Connected['ended']>>>().toExtend<First<Connected['ended']>>()
  expectTypeOf<LeftOut<First<Connected['drained']>>>().toExtend<First<Connected['drained']>>()
  expectTypeOf<LeftOut<Second<Connected['sendMany']>>>().toExtend<Second<Connected['sendMany']>>()

  expectTypeOf<LeftOut<First<typeof fullJitter>>>().toExtend<First<typeof fullJitter>>()
  expectTypeOf<LeftOut<First<typeof equalJitter>>>().toExtend<First<typeof equalJitter>>()
  expectTypeOf<LeftOut<First<typeof decorrelatedJitter>>>().toExtend<First<typeof decorrelatedJitter>>()
  expectTypeOf<LeftOut<Second<typeof fixedBackoff>>>().toExtend<Second<typeof fixedBackoff>>()
  expectTypeOf<LeftOut<First<typeof protocolPing>>>().toExtend<First<typeof protocolPing>>()
  expectTypeOf<LeftOut<First<typeof textHeartbeat>>>().toExtend<First<typeof textHeartbeat>>()
  expectTypeOf<LeftOut<First<typeof serverPing>>>().toExtend<First<typeof serverPing>>()

  expectTypeOf<LeftOut<First<typeof webSocketTransport>>>().toExtend<First<typeof webSocketTransport>>()
  expectTypeOf<LeftOut<WsTransportOptions>>().toExtend<WsTransportOptions>()

  expectTypeOf<LeftOut<ReconnectingWebSocketOptions>>().toExtend<ReconnectingWebSocketOptions>()
  type ListenerOptions = Bag<Parameters<ReconnectingWebSocket['addEventListener']>[2]>
  expectTypeOf<LeftOut<ListenerOptions>>().toExtend<ListenerOptions>()

  expectTypeOf<LeftOut<FakeTransportOptions>>().toExtend<FakeTransportOptions>()
  type Capabilities = NonNullable<FakeTransportOptions['capabilities']>
  expectTypeOf<LeftOut<Capabilities>>().toExtend<Capabilities>()
  expectTypeOf<LeftOut<First<FakeSocket['accept']>>>().toExtend<First<FakeSocket['accept']>>()
  type ClockOptions = NonNullable<ConstructorParameters<typeof TestClock>[0]>
  expectTypeOf<LeftOut<ClockOptions>>().toExtend<ClockOptions>()
  expectTypeOf<LeftOut<First<typeof createFaultServer>>>().toExtend<First<typeof createFaultServer>>()
  expectTypeOf<LeftOut<First<FaultServer['use']>>>().toExtend<First<FaultServer['use']>>()
  expectTypeOf<LeftOut<Second<FaultServer['until']>>>().toExtend<Second<FaultServer['until']>>()
  expectTypeOf<LeftOut<Second<FaultServer['swallow']>>>().toExtend<Second<FaultServer['swallow']>>()
  expectTypeOf<LeftOut<First<typeof faults.reset>>>().toExtend<First<typeof faults.reset>>()
  expectTypeOf<LeftOut<First<typeof faults.drip>>>().toExtend<First<typeof faults.drip>>()
  expectTypeOf<LeftOut<Second<typeof faults.http>>>().toExtend<Second<typeof faults.http>>()
  expectTypeOf<LeftOut<Second<typeof faults.swallow>>>().toExtend<Second<typeof faults.swallow>>()
  expectTypeOf<LeftOut<First<typeof faults.changeUpgrade>>>().toExtend<First<typeof faults.changeUpgrade>>()

  expectTypeOf<LeftOut<ObserveOptions>>().toExtend<ObserveOptions>()
  expectTypeOf<LeftOut<RelayLinkOptions>>().toExtend<RelayLinkOptions>()
  expectTypeOf<LeftOut<Second<typeof linkViewer>>>().toExtend<Second<typeof linkViewer>>()
  expectTypeOf<LeftOut<First<typeof createRelay>>>().toExtend<First<typeof createRelay>>()
})

test('a required member does not accept undefined', () => {
  // @ts-expect-error -- the pong is required
  expectTypeOf<{ ping: 'ping'; pong: undefined }>().toExtend<First<typeof textHeartbeat>>()
})
