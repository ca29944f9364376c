// For `AsyncDisposable`: kept in the published types, so that a consumer's `lib` need not name it.
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

/** What `send` takes besides the message. */
export interface SendOptions extends QueuedSend, TrackedSend {}

/** `sent`: handed to the socket (which proves nothing about arrival). `queued`: waits. `dropped`: the overflow policy let it go. */
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

/** A socket, or an attempt to get one, is over. */
export interface CloseEvent extends CoreCloseEvent {
  /**
   * What was handed to the socket and not proved to have arrived. Proof is the answer to a ping sent after it, or the server's answer
   * to `close()`. Messages from the server prove nothing: they may have left before.
   */
  readonly uncertain: Uncertain
}

/** A retry is scheduled. If an earlier listener has closed or reconnected, there is none, and the listeners after it are not called. */
export interface BackoffEvent extends CoreBackoffEvent {
  readonly uncertain: Uncertain
}

/** Why a message will not be sent, or (`unread`) was not taken by an iterator in time. */
export type DropReason = QueueDrop | 'unread'

export type DroppedEvent<In, Out> =
  { readonly data: Out; readonly reason: QueueDrop } | { readonly data: In; readonly reason: 'unread' }

/** The events of a connection: those of every connection, and what the features of `createConnection` add to them. */
export interface ConnectionEventMap<In, Out> extends Omit<CoreEvents<In, Out>, 'close' | 'backoff' | 'dropped'> {
  /** Once for each attempt or socket that ended. */
  close: CloseEvent
  backoff: BackoffEvent
  /** The queue is empty, and the socket has room, after a message had to wait. */
  drain: undefined
  dropped: DroppedEvent<In, Out>
}

/** One logical WebSocket connection that survives its sockets. */
export interface Connection<In = MessageData, Out = SendData> extends AsyncIterable<In>, AsyncDisposable {
  readonly state: ConnectionState
  readonly status: ConnectionStatus
  readonly readyState: ReadyState
  /** The URL of the present or last attempt, serialised; '' before a url function has given the first. */
  readonly url: string
  /** The subprotocol that the server chose; '' without a socket that has opened. */
  readonly protocol: string
  readonly extensions: string
  /** Bytes accepted and not yet handed to the network: the queue's and the socket's. */
  readonly bufferedAmount: number
  binaryType: BinaryType
  readonly counters: Counters

  /** Starts anew: dials, and forgets earlier failures. Nothing happens if it is connecting or open. */
  open(): void
  /** Resolves when open, at once if it is; rejects with `ERR_ENDED` when it has ended, or with the signal's reason. */
  opened(options?: { signal?: AbortSignal | undefined }): Promise<void>
  /** Resolves when it has ended, at once if it has; rejects with the signal's reason. */
  ended(options?: { signal?: AbortSignal | undefined }): Promise<CloseInfo>
  /**
   * Hands a message to the socket, or keeps it for the next one.
   * Throws `ERR_DATA`, `ERR_ENCODE`, `ERR_QUEUE_FULL`, or `ERR_ENDED` when closing or ended; then nothing was accepted.
   * Trap: `sent` says that the socket took it. Only the other side can say that it arrived.
   */
  send(message: Out, options?: SendOptions): SendResult
  /**
   * Sends a batch in order, all of it or nothing: every message is encoded and checked before the first is accepted, and so is the
   * room for those that must wait. Looks at the high-water mark once, before the first.
   * Throws as `send` does; what the iterable throws passes through.
   */
  sendMany(messages: Iterable<Out>, options?: Pick<SendOptions, 'ttl'>): SendCounts
  /**
   * Takes back what waits for a socket, oldest first: the connection will not send it, nor report it as `dropped`.
   * For handing it to another connection. What has expired is not among it; that is reported.
   */
  withdraw(): Out[]
  /**
   * Resolves when what `send` refused could be accepted: nothing waits, and the socket's buffer is below the high-water mark. Without a
   * socket that is at once if nothing waits, unless a message was refused that no queue can hold; then it waits for an open socket.
   * Rejects with `ERR_ENDED`, or with the signal's reason.
   */
  drained(options?: { signal?: AbortSignal | undefined }): Promise<void>
  /** Drops the present socket, or cuts a wait short, and dials now. The socket is closed with this code. @default code 4000 */
  reconnect(code?: number, reason?: string): void
  /** The app vouches for the link: earlier failures are forgotten now, not after `stableAfter`. */
  markHealthy(): void
  /**
   * Ends the connection: what is queued goes out if there is a socket for it, then the closing handshake, then no attempt any more.
   * `closeTimeout` is one deadline over both; what has not been sent by then is reported as `dropped`, what was sent and not proved
   * to have arrived as `uncertain` in the `close` event.
   * Resolves when it is over. Throws `ERR_CLOSE_ARGUMENT` for a code or reason that the standard forbids.
   */
  close(code?: number, reason?: string): Promise<CloseInfo>
  /** Hears from now on what the chart does; told first where it stands. Costs nothing once detached. */
  inspect(observer: InspectionObserver): () => void

  /** A listener that throws, or whose promise rejects, is reported as `error` and affects nothing else. Returns what removes it. */
  on<K extends keyof ConnectionEventMap<In, Out>>(
    type: K,
    listener: (event: ConnectionEventMap<In, Out>[K]) => unknown,
    options?: ListenOptions,
  ): () => void
  /** Calls back with the status, now and whenever it changes, as `state` events do. A store, for Svelte and RxJS; may be called unbound. */
  readonly subscribe: (listener: (status: ConnectionStatus) => void) => () => void
  /** The status. For `useSyncExternalStore`; may be called unbound. */
  readonly getSnapshot: () => ConnectionStatus
  /** Makes the status an observable for RxJS's `from`. */
  '@@observable'(): {
    subscribe(observer: { next?: ((status: ConnectionStatus) => void) | undefined }): { unsubscribe(): void }
  }
  /** Adds moments for a layer of your own, such as topics or requests. Returns what removes them. */
  use(moments: LateMoments<In, Out>): () => void
  /**
   * Messages from now on, across reconnects, until the connection ends.
   * The iteration is done after `close()` and an aborted signal, and after a normal close (code 1000 or none) that `retry` does not
   * retry. If the connection was refused, it rejects with `ERR_ENDED`; the cause is the loss.
   * Trap: an iterator that nobody reads fills up, and then, with `pause`, nothing is read for anybody; `return()` it.
   */
  messages(options?: MessagesOptions): AsyncIterableIterator<In>
  /**
   * Messages from the first access on, across reconnects, bounded as `messages()` is by default. Closes or errors at the end,
   * where an iteration is done or rejects.
   * The same stream until that one is over. Cancelling it ends the reading, not the connection.
   * Trap: as with `messages()`, one that nobody reads stops the reading for all.
   */
  readonly readable: ReadableStream<In>
  /**
   * The way out, across reconnects: a write is done when the socket has taken its message and has room for more, so that without a
   * socket it waits for one. The same stream until it is closed, aborted, or errored: by a message that cannot be sent, or with
   * `ERR_ENDED` when the connection has ended.
   * Trap: closing it (as `pipeTo` does) says that all was handed over. It does not close the connection.
   */
  readonly writable: WritableStream<Out>
}

export interface ExtendedOptions<In, Out, F extends Features> extends ConnectionOptions<In, Out> {
  /** What isn't built in. */
  features: F
}

/** A connection with features that are not built in. */
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
