export { createConnection, type BuiltIn } from './create-connection.js'
export type {
  BackoffEvent,
  CloseEvent,
  Connection,
  ConnectionEventMap,
  ConnectionOptions,
  DroppedEvent,
  DropReason,
  Extended,
  ExtendedOptions,
  SendOptions,
  SendResult,
} from './core/connection.types.js'
export type { OpenEvent } from './core/connected.js'
export type { SendCounts } from './core/features/batch.js'
export type { ListenOptions } from './core/features/checks.js'
export type { Codec } from './core/features/codec.js'
export type { Counters } from './core/features/counters.js'
export type { Fate, Uncertain } from './core/features/delivery.js'
export type { Prepare } from './core/features/prepare.js'
export type { MessagesOptions } from './core/features/readers.js'
export type { Link } from './core/feature.js'
export type { UrlContext, UrlProvider, UrlTarget } from './core/target/provider.types.js'
export type { Why, EnvironmentSignal } from '../machines/connection.types.js'
export { systemClock } from './core/time/clock.js'
export type { Clock } from './core/time/timers.js'
export { pageEnvironment, silentEnvironment, type Environment } from './core/environment/environment.js'
export type {
  ConnectionInspection,
  InspectedActor,
  InspectedEvent,
  InspectedSnapshot,
  InspectionObserver,
} from './core/engine/inspection.types.js'
export type { ConnectionState, ConnectionStatus, ReadyState } from './core/status.types.js'
export type { ReaderOverflow } from './core/features/reader.js'
export type { QueueDrop, QueueOverflow } from './core/features/send-queue.js'
export { ConnectionError, Refused, type ErrorCode, type HandshakeResponse } from './core/errors.js'
export { defaults } from './options.js'
export {
  backoffDefaults,
  decorrelatedJitter,
  equalJitter,
  fixedBackoff,
  fullJitter,
  sequenceBackoff,
  type Backoff,
  type BackoffInput,
} from './core/policies/backoff.js'
export { describeCloseCode, type CloseCode, type RetryClass } from './core/policies/close-codes.js'
export { noHeartbeat, protocolPing, serverPing, textHeartbeat } from './core/policies/heartbeat.js'
export { heartbeatDefaults, type Heartbeat } from './core/policies/profile.js'
export type { Loss, Retry, RetryInput } from './core/policies/retry.js'
export { webSocketTransport, type WebSocketClass, type WebSocketLike } from './transports/browser.js'
export type {
  BinaryType,
  CloseInfo,
  ControlFrame,
  SendData,
  FailureDetail,
  MessageData,
  Socket,
  SocketSink,
  Target,
  Throughput,
  TlsMaterial,
  TlsOptions,
  Transport,
} from './core/transport.js'
