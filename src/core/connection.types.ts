// For `AsyncDisposable`. Kept in the published types, so a consumer's `lib` need not include it.
/// <reference lib="esnext.disposable" preserve="true" />
import type { InspectionObserver } from './engine/inspection.types.js'
import type { Environment } from './environment/environment.js'
import type { QueueDrop, QueueOverflow } from './features/send-queue.js'
import type { Backoff } from './policies/backoff.js'
import type { Heartbeat } from './policies/profile.js'
import type { Retry } from './policies/retry.js'
import type { BinaryType, CloseInfo, SendData, MessageData, Transport } from './transport.js'
import type { AllOf, CoreBackoffEvent, CoreCloseEvent, CoreConnection, CoreEvents, Features } from './connected.js'
import type { MakeEngine } from './engine/engine.types.js'
import type { LateMoments } from './feature.js'
import type { SendCounts } from './features/batch.js'
import type { ListenOptions } from './features/checks.js'
import type { Codec } from './features/codec.js'
import type { Counters } from './features/counters.js'
import type { TrackedSend, Uncertain } from './features/delivery.js'
import type { Prepare } from './features/prepare.js'
import type { MessagesOptions } from './features/readers.js'
import type { QueuedSend } from './features/rich-queue.js'
import type { ConnectionState, ConnectionStatus, ReadyState } from './status.types.js'
import type { Clock } from './time/timers.js'

/** Options of `send`. */
export interface SendOptions extends QueuedSend, TrackedSend {}

/**
 * What happened to a message passed to `send`.
 *
 * `sent`: the socket took it, which doesn't prove delivery. `queued`: it waits for the socket. `dropped`: `queue.overflow` discarded it.
 */
export type SendResult = 'sent' | 'queued' | 'dropped'

/** Options of `createConnection`. `undefined` means left out. Durations are in milliseconds. */
export interface ConnectionOptions<In = MessageData, Out = SendData> {
  /** Subprotocols to offer, in order of preference. RFC 6455 §1.9. @default [] */
  protocols?: string | readonly string[] | undefined
  /** Creates the sockets. Use `wsTransport` from `statewire/ws` in Node services. @default webSocketTransport() */
  transport?: Transport | undefined
  /**
   * Pings after silence, and drops the link if nothing arrives in time.
   *
   * Browsers can't send protocol pings. There, no heartbeat runs until you pass a `textHeartbeat` or `serverPing`.
   *
   * @default protocolPing()
   */
  heartbeat?: Heartbeat | undefined
  /**
   * Returns the delay before the next attempt. Called once per wait, outside the chart. If it throws or returns an invalid delay, that is
   * reported as `ERR_POLICY` and the default is used.
   *
   * @default fullJitter()
   */
  backoff?: Backoff | undefined
  /**
   * The longest delay that a server may ask for, in `Retry-After` or in a close reason. A longer one is cut to this; `Infinity` accepts any.
   * The delay of `backoff` is added to it.
   *
   * @default 300_000
   */
  maxServerDelay?: number | undefined
  /**
   * Decides whether to try again after a lost link or a failed attempt, or when. `undefined` keeps the default decision. If it throws,
   * that is reported and the default decision holds.
   */
  retry?: Retry | undefined
  /** Limits of the send queue, and what to do when it is full. @default { messages: 1_000, bytes: 1_048_576, overflow: 'reject' } */
  queue?:
    | {
        readonly messages?: number | undefined
        readonly bytes?: number | undefined
        readonly overflow?: QueueOverflow | undefined
      }
    | undefined
  /**
   * Runs on each new link after the handshake, before queued messages are sent: authenticate here. It has until `connectTimeout`; if it
   * throws or rejects, the attempt has failed.
   *
   * Messages that it doesn't read are kept for your listeners, up to 1,000 or 1 MiB. After that the socket is paused, or the attempt fails
   * if the transport can't pause.
   */
  prepare?: Prepare | undefined
  /**
   * Converts between messages and frames: `encode` in `send`, `decode` before `message` listeners. If `encode` throws, so does `send`
   * (`ERR_ENCODE`); a message that `decode` rejects is reported as `ERR_DECODE` and skipped.
   *
   * It runs for every message, so its cost counts.
   */
  codec?: Codec<In, Out> | undefined
  /**
   * One deadline for the whole attempt: URL function, handshake and `prepare`.
   * @default max(10 s, min(30 s, 1 s · 2ⁿ)) after n failures
   */
  connectTimeout?: number | undefined
  /** How long `close()` waits for unsent messages and the closing handshake (RFC 6455 §7.1.2) before it drops the socket. @default 2_000 */
  closeTimeout?: number | undefined
  /**
   * How long a link must stay open before earlier failures are forgotten. With `Infinity`, only `markHealthy()` forgets them.
   * @default 10_000
   */
  stableAfter?: number | undefined
  /** Bytes in the socket's buffer (`bufferedAmount`) above which messages wait in the queue. @default 1_048_576 */
  highWaterMark?: number | undefined
  /** The type of binary messages. @default 'arraybuffer' */
  binaryType?: BinaryType | undefined
  /** Whether to dial at once, like `new WebSocket`. Otherwise, call `open()`. @default true */
  autoOpen?: boolean | undefined
  /** Ends the connection when aborted, as `close()` does. */
  signal?: AbortSignal | undefined
  /** Observes the chart in XState's inspection protocol. The events contain no URL, token or payload. */
  inspect?: InspectionObserver | undefined
  /** Clock and timers. Pass a `TestClock` in tests. @default the runtime's own clock */
  clock?: Clock | undefined
  /** Returns a number from 0 up to, but not including, 1. Used for jitter. @default Math.random */
  random?: (() => number) | undefined
  /** Reports changes of the network and the page. @default the DOM events of the page or worker; silent elsewhere */
  environment?: Environment | undefined
  /** Whether a Node process may exit while this connection only waits. @default false */
  unref?: boolean | undefined
  /**
   * Runs the chart. `xstateEngine` from `statewire/xstate` runs it as an XState actor.
   * @default the compiled engine
   */
  engine?: MakeEngine | undefined
}

/** Emitted once for each link or attempt that ends. */
export interface CloseEvent extends CoreCloseEvent {
  /**
   * Messages that the socket took but that may not have arrived. Proof of arrival is a reply to a ping sent after them, or the server's
   * reply to `close()`. Other messages from the server prove nothing: the server may have sent them earlier.
   */
  readonly uncertain: Uncertain
}

/** Emitted when a retry is scheduled. If a listener closes or reconnects, the listeners after it are not called. */
export interface BackoffEvent extends CoreBackoffEvent {
  /** As in the `close` event before it. */
  readonly uncertain: Uncertain
}

/** Why a message will not be sent, or, for `unread`, why a received message was discarded: its reader was too slow. */
export type DropReason = QueueDrop | 'unread'

/** A discarded message and the reason. `data` is the received message for `unread`, else the message passed to `send`. */
export type DroppedEvent<In, Out> =
  { readonly data: Out; readonly reason: QueueDrop } | { readonly data: In; readonly reason: 'unread' }

/** The events of a connection: those of every connection, and what the features of `createConnection` add to them. */
export interface ConnectionEventMap<In, Out> extends Omit<CoreEvents<In, Out>, 'close' | 'backoff' | 'dropped'> {
  /** A link or an attempt ended. */
  close: CloseEvent
  /** A retry is scheduled. */
  backoff: BackoffEvent
  /** The queue is empty, and the socket has room, after a message had to wait. */
  drain: undefined
  /** A message was discarded. */
  dropped: DroppedEvent<In, Out>
}

/** One logical WebSocket connection that spans any number of sockets. Made by `createConnection`. */
export interface Connection<In = MessageData, Out = SendData> extends AsyncIterable<In>, AsyncDisposable {
  /**
   * The state of the connection: `status.state`.
   *
   * `idle`: not opened yet. `connecting`: an attempt is in progress. `open`: messages go straight to the socket. `backoff`: waiting to
   * retry. `suspended`: waiting because there is no network, or the page is in the back/forward cache. `closing`: after `close()`, until
   * the closing handshake is done. `ended`: closed or refused; only `open()` or `reconnect()` starts it again.
   */
  readonly state: ConnectionState
  /**
   * The state with its details: the reason (`why`), the attempt, the last loss, and when the next attempt starts.
   *
   * Frozen. It stays the same object until something changes, so you can compare it by identity; each change is a `state` event.
   */
  readonly status: ConnectionStatus
  /**
   * The state as the standard's number: 0 CONNECTING, 1 OPEN, 2 CLOSING, 3 CLOSED.
   *
   * While waiting to retry it is 3, although the connection will reconnect; `status.willRetry` tells the difference.
   *
   * Source: WHATWG WebSockets §3.1, `readyState`.
   */
  readonly readyState: ReadyState
  /** The serialized URL of the current or last attempt. Empty until a `url` function has returned one. */
  readonly url: string
  /** The subprotocol that the server selected. Empty unless a socket is open. */
  readonly protocol: string
  /** The extensions that the server selected, as in `Sec-WebSocket-Extensions`. Empty unless a socket is open. */
  readonly extensions: string
  /** Bytes accepted but not yet handed to the network, in the queue and in the socket's buffer. */
  readonly bufferedAmount: number
  /**
   * How binary messages are delivered. Setting it applies to this and later sockets.
   * @throws ConnectionError `ERR_OPTION` for any other value.
   */
  binaryType: BinaryType
  /**
   * Totals since the connection was created, across reconnects, and how much is queued now.
   *
   * Each access returns a new snapshot. Pings and pongs are not counted.
   */
  readonly counters: Counters

  /** Connects now and resets the failure count. Does nothing while connecting or open. */
  open(): void
  /**
   * Resolves once the connection is open, immediately if it already is.
   *
   * Rejects with `ERR_ENDED` if the connection has ended, or with the signal's reason. A failed attempt doesn't reject it.
   */
  opened(options?: { signal?: AbortSignal | undefined }): Promise<void>
  /** Resolves once the connection has ended, immediately if it already has. Rejects only with the signal's reason. */
  ended(options?: { signal?: AbortSignal | undefined }): Promise<CloseInfo>
  /**
   * Sends a message, or queues it until a socket has room.
   *
   * @returns `'sent'`: the socket took it, which doesn't prove delivery. `'queued'`: it waits. `'dropped'`: `queue.overflow` discarded it.
   * @throws ConnectionError `ERR_DATA`, `ERR_ENCODE`, `ERR_QUEUE_FULL`, or `ERR_ENDED` if the connection is closing or has ended. The
   * message was not accepted.
   */
  send(message: Out, options?: SendOptions): SendResult
  /**
   * Sends several messages in order. Either all are accepted or none: the messages and the room in the queue are checked first.
   *
   * Checks the high-water mark only once, before the first message.
   * @throws ConnectionError as `send` does. Exceptions from the iterable pass through.
   */
  sendMany(messages: Iterable<Out>, options?: Pick<SendOptions, 'ttl'>): SendCounts
  /**
   * Removes and returns the queued messages, oldest first, for example to pass them to another connection.
   *
   * They are neither sent nor reported as `dropped`. Expired messages are reported and not returned.
   */
  withdraw(): Out[]
  /**
   * Resolves once the queue is empty and the socket's buffer is below the high-water mark, so that `send` can accept a refused message.
   *
   * While disconnected it resolves immediately if the queue is empty. The exception: after a message was refused that exceeds the whole
   * queue, it waits for an open socket. Rejects with `ERR_ENDED`, or with the signal's reason.
   */
  drained(options?: { signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Drops the current socket, or ends the wait for a retry, and connects now.
   *
   * The old socket closes with this code and reason.
   * @default code 4000
   * @throws ConnectionError `ERR_CLOSE_ARGUMENT` for a code or reason that the standard forbids.
   */
  reconnect(code?: number, reason?: string): void
  /** Marks the link stable now instead of after `stableAfter`, which resets the failure count. Does nothing unless open. */
  markHealthy(): void
  /**
   * Ends the connection: sends the queued messages if a socket is open, performs the closing handshake, and doesn't reconnect.
   *
   * `closeTimeout` limits both together. Messages not sent by then are reported as `dropped`; sent messages that may not have arrived are
   * `uncertain` in the `close` event. Resolves once the connection has ended. A second call changes nothing.
   * @throws ConnectionError `ERR_CLOSE_ARGUMENT` for a code or reason that the standard forbids (WHATWG WebSockets, `close()`).
   */
  close(code?: number, reason?: string): Promise<CloseInfo>
  /**
   * Subscribes to inspection events of the chart, in XState's protocol. The first ones describe the current state.
   *
   * @returns A function that unsubscribes; inspection costs nothing afterward.
   */
  inspect(observer: InspectionObserver): () => void

  /**
   * Adds a listener. If it throws or its promise rejects, that is reported as an `error` event and affects nothing else.
   *
   * @returns A function that removes the listener.
   * @throws ConnectionError `ERR_OPTION` for an unknown event type or an invalid option.
   */
  on<K extends keyof ConnectionEventMap<In, Out>>(
    type: K,
    listener: (event: ConnectionEventMap<In, Out>[K]) => unknown,
    options?: ListenOptions,
  ): () => void
  /**
   * Calls the listener with the status now and after each change. Makes the connection a Svelte store; may be called unbound.
   */
  readonly subscribe: (listener: (status: ConnectionStatus) => void) => () => void
  /** Returns the status, for React's `useSyncExternalStore`. May be called unbound. */
  readonly getSnapshot: () => ConnectionStatus
  /** Lets RxJS's `from(connection)` observe the status. */
  '@@observable'(): {
    subscribe(observer: { next?: ((status: ConnectionStatus) => void) | undefined }): { unsubscribe(): void }
  }
  /** Adds hooks for a layer of your own, such as topics or requests. Returns a function that removes them. */
  use(moments: LateMoments<In, Out>): () => void
  /**
   * Iterates over the messages that arrive from now on, across reconnects, until the connection ends.
   *
   * The iteration completes after `close()`, an aborted signal, or a normal close (code 1000 or none) that `retry` doesn't retry. If the
   * connection was refused, it rejects with `ERR_ENDED`; the cause is the loss.
   *
   * An unread iterator fills up. With `overflow: 'pause'` the socket then stops reading for all readers and listeners, so call `return()`
   * on an iterator that you no longer read.
   * @throws ConnectionError `ERR_OPTION` for an invalid option.
   */
  messages(options?: MessagesOptions): AsyncIterableIterator<In>
  /**
   * Streams the messages that arrive after the first access, across reconnects, with the default limits of `messages()`.
   *
   * It closes or errors where an iteration of `messages()` completes or rejects; until then each access returns the same stream.
   * Canceling it ends the reading, not the connection. As with `messages()`, an unread stream stops the reading for all.
   * @throws ConnectionError `ERR_MISSING_PEER` if the runtime has no `ReadableStream`.
   */
  readonly readable: ReadableStream<In>
  /**
   * Streams messages to the server, across reconnects. A write completes once the socket took the message and has room for more; while
   * disconnected it waits.
   *
   * Each access returns the same stream until it is closed, aborted or errored. It errors if a message can't be sent, and with `ERR_ENDED`
   * if the connection ends. Closing it, as `pipeTo` does, means that the socket took everything; it doesn't close the connection.
   * @throws ConnectionError `ERR_MISSING_PEER` if the runtime has no `WritableStream`.
   */
  readonly writable: WritableStream<Out>
}

/** The options of `createConnection` with additional features. */
export interface ExtendedOptions<In, Out, F extends Features> extends ConnectionOptions<In, Out> {
  /** Additional features, after the built-in ones. */
  features: F
}

/** A connection with additional features. */
export type Extended<In, Out, F extends Features> = Omit<
  Connection<In, Out>,
  'on' | 'send' | keyof AllOf<F, 'methods', In, Out>
> &
  Pick<
    CoreConnection<
      In,
      Out,
      ConnectionEventMap<In, Out> & AllOf<F, 'events', In, Out>,
      SendOptions & AllOf<F, 'send', In, Out>,
      ListenOptions
    >,
    'on' | 'send'
  > &
  AllOf<F, 'methods', In, Out>
