export { createConnection } from './connection.js'
export type {
  BackoffEvent,
  CloseEvent,
  Codec,
  Connection,
  ConnectionEventMap,
  ConnectionOptions,
  Counters,
  DroppedEvent,
  DropReason,
  MessagesOptions,
  OpenEvent,
} from './connection.types.js'
export type { UrlContext, UrlProvider, UrlTarget } from './provider.types.js'
export type { Why, WorldSignal } from '../machines/connection.types.js'
export type { Prepare } from './control/attempt.js'
export { systemClock, type Clock } from './control/clock.js'
export { pageEnvironment, silentEnvironment, type Environment } from './control/environment.js'
export type {
  ConnectionInspection,
  InspectedActor,
  InspectedEvent,
  InspectedSnapshot,
  InspectionObserver,
} from './core/engine/inspection.types.js'
export type { ConnectionState, ConnectionStatus, ReadyState } from './control/status.types.js'
export type { InboxOverflow } from './data/inbox.js'
export type { Link } from './data/link.js'
export type { SendCounts, SendOptions, SendResult, Uncertain } from './data/outbound.js'
export type { QueueDrop, QueueOverflow } from './data/queue.js'
export { ConnectionError, Refused, type ErrorCode, type HandshakeResponse } from './errors.js'
export type { ListenOptions } from './events.js'
export { defaults } from './options.js'
export {
  backoffDefaults,
  decorrelatedJitter,
  equalJitter,
  fixed,
  fullJitter,
  sequence,
  type Backoff,
  type BackoffInput,
} from './policies/backoff.js'
export { describeCloseCode, type CloseCode } from './policies/close-codes.js'
export {
  heartbeatDefaults,
  off,
  protocolPing,
  serverPing,
  textHeartbeat,
  type Heartbeat,
} from './policies/heartbeat.js'
export type { Loss, Retry, RetryInput } from './policies/retry.js'
export type { RetryClass } from './policies/retry-class.js'
export { webSocketTransport, type WebSocketClass, type WebSocketLike } from './transports/browser.js'
export type {
  BinaryType,
  CloseInfo,
  ControlFrame,
  Data,
  FailureDetail,
  Frame,
  Socket,
  SocketSink,
  Target,
  Throughput,
  TlsMaterial,
  TlsOptions,
  Transport,
} from './transports/transport.js'
