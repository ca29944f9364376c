import type { ConnectionError } from './errors.js'
import type { Heartbeat } from './policies/profile.js'
import type { Loss } from './policies/retry.js'
import type { SendData, MessageData, Socket, Target } from './transport.js'
import type { Attempt, Failure } from './attempt.js'
import type { Core } from './core.js'
import type { ConnectionState } from './status.types.js'

/** Extends the core by taking roles and subscribing to moments. One object serves any number of connections. */
export interface Feature<
  Name extends string = string,
  Types extends FeatureTypes = FeatureTypes,
  Needs extends string = string,
> {
  /** Unique within a connection. */
  readonly name: Name
  /** Names of features that must come before this one. */
  readonly needs?: readonly Needs[]
  /** Creates the part of one connection. Called once per connection, before it dials. */
  attach(core: Core): object
  /** Members of the part to expose on the connection. `connect` throws `ERR_OPTION` for a name that another feature exposes. */
  readonly members?: readonly (keyof Types['methods'])[]
  /** Additional event types. `checks()` rejects listeners of unknown types. */
  readonly events?: readonly (keyof Types['events'] & string)[]
  /** The options of `send` that it reads. `checks()` rejects unknown ones. */
  readonly sendOptions?: readonly (keyof Types['send'] & string)[]
  /** Never set; carries the types. */
  readonly types?: Types
}

/** Any feature, for code that does not look at its types. */
// oxlint-disable-next-line typescript/no-explicit-any -- any additions and needs
export type AnyFeature = Feature<string, any, any>

/** The types that a feature adds to a connection. `this['In']` and `this['Out']` are the connection's message types. */
export interface FeatureTypes {
  readonly In: unknown
  readonly Out: unknown
  readonly methods: unknown
  readonly events: unknown
  /** Options of `send` that it reads. */
  readonly send: unknown
  /** Options of `on` that it reads. */
  readonly listen: unknown
  /** Set by the feature that changes the message types, such as `codec`. */
  readonly message?: { readonly in: unknown; readonly out: unknown }
}

/**
 * A feature's part in one connection. Each role is taken by one feature; moments are called on all, in the order of `features`.
 */
export interface Part extends Roles, Moments {}

/** Jobs that at most one feature of a connection can take. */
export interface Roles {
  /** Converts between messages and data. */
  readonly codec?: Coder | undefined
  /** Wraps data for the socket, and unwraps it. */
  readonly framing?: Framing | undefined
  /** Stores messages until a socket has room. */
  readonly queue?: Queue | undefined
  /** The default heartbeat, used unless the app sets one. */
  readonly heartbeat?: Heartbeat | undefined
  /** Runs the `prepare` hooks and the framing's handshake. Get it from `preparation(core)`. */
  readonly preparation?: Preparation | undefined
  /** Extends the time that ping replies may take. */
  readonly patience?: Patience | undefined
  /** Calls the `url` function and checks its result. */
  readonly address?: Address | undefined
  /** Implements the options of `on`. */
  readonly listening?: Listening | undefined
  /** The state of network and page. */
  readonly environment?: Surroundings | undefined
  /** Where callbacks run, on pages with zone.js. */
  readonly zone?: Zone | undefined
  /** Flow control: whether the socket is full, and when it has room again. */
  readonly pressure?: Pressure | undefined
}

/** Hooks that any number of features can implement. If one throws, that is reported unless stated otherwise. */
export interface Moments<In = unknown, Out = unknown> {
  /** Called once all features are attached, before dialing. */
  onReady?(): void
  /** Called before `open`, `close` or `reconnect` takes effect. Throwing rejects the call. */
  onCommand?(type: string, code: number | undefined, reason: string | undefined): void
  /** Called before a message with options is accepted. Throwing rejects the message. */
  onSend?(options: object): void
  /** Returns the subprotocols to offer, given those of the app and of earlier features. */
  offer?(offered: readonly string[]): readonly string[]
  /**
   * Called with the raw link before the queue is flushed. The last result other than `undefined` becomes `open.prepared`. Throwing
   * fails the attempt.
   */
  prepare?(link: Link, context: { readonly signal: AbortSignal }): unknown
  /** A link is ready, and nothing was sent on it yet. Messages passed to `send` precede the queue. */
  onLinked?(link: { send(message: Out): void }): void
  /** A message arrived; called before listeners. Return `true` to consume it. */
  onMessage?(message: In): boolean | void
  /** A message was delivered to the listeners. `data` is the codec's input. */
  onDelivered?(message: In, data: MessageData): void
  /**
   * Return `true` to keep messages in the queue. Call `core.flush()` once it becomes false. `ahead`: so many messages are sent before the
   * one in question.
   */
  isFull?(ahead: number): boolean
  /** The socket of this attempt took a message that has options. */
  onWritten?(message: Out, options: object, attempt: Attempt): void
  /** An accepted message with options was discarded. Called just before the `dropped` event. */
  onDropped?(message: Out, options: object, reason: string): void
  /**
   * A link or an attempt ended; its counters are still valid. Called inside a chart turn, so it must not call app code. The returned
   * fields are added to the loss and to the `close` event.
   */
  onEnd?(end: LinkEnd): object | undefined
  /** Overrides whether to retry, and the minimum wait. The app's `retry` still has the last word. */
  onLoss?(loss: Loss, failure: Failure | undefined): RetryAdvice | undefined
  /** Return `false` to delay the closing handshake, up to `closeTimeout`. Call `core.flush()` once it may start. */
  mayClose?(): boolean
  /** The state changed. Called before the `state` listeners. */
  onState?(state: ConnectionState): void
  /** The connection ended: settle everything that is pending. Called inside a chart turn, so it must not call app code. */
  onSettled?(): void
}

/** The moments that `use` accepts: all but `onReady`, which has passed, and `prepare`. */
export type LateMoments<In = unknown, Out = unknown> = Omit<Moments<In, Out>, 'onReady' | 'prepare'>

/** A link or an attempt that ended. */
export interface LinkEnd {
  readonly attempt: Attempt
  /** The chart's reason: `Why`, or `internal`. */
  readonly why: string
  /** The peer's close frame answers this side's, so the peer has read everything sent before. */
  readonly answered: boolean
  readonly close: Loss['close']
}

/** A feature's advice on a loss. */
export interface RetryAdvice {
  readonly retry: boolean
  /** The delay that the server asked for; the backoff is added to it. Milliseconds. */
  readonly asked: number
  /** The minimum wait. Milliseconds. */
  readonly floor: number
}

/** The role `codec`. */
export interface Coder {
  encode(message: never): SendData
  decode(data: MessageData): unknown
}

/** The role `framing`: wraps data for the socket, for example to number messages. */
export interface Framing {
  /** The server selected this subprotocol. Returns the one to show the app. `core.adopt` can remove the framing from this link. */
  selected?(protocol: string): string
  /** Called after the `prepare` hooks, before the queue is flushed. */
  handshake?(link: Link, context: { readonly signal: AbortSignal }): unknown
  /** Called in `send`, before the message may be queued. Throws for data that it can't frame. */
  check?(data: SendData): void
  /**
   * Called when data goes to the socket. If the socket throws, the framing must resend the data itself. `message` is the codec's input;
   * without a codec it is the same as `data`, whose bytes belong to the app.
   */
  outgoing(data: SendData, message: unknown): SendData
  /** Called after the heartbeat, before the codec. Return `undefined` to consume the data. */
  incoming(data: MessageData): MessageData | undefined
}

/** An accepted message. */
export interface Entry {
  readonly message: unknown
  readonly data: SendData
  readonly options: object | undefined
}

/** The role `queue`. Also called inside a chart turn, so it must not call app code; `core.outgoing.drop` only enqueues. */
export interface Queue {
  /** The number of queued messages. */
  readonly size: number
  /** Their size on the wire, in bytes. */
  readonly bytes?: number | undefined
  /** A message was refused that exceeds the whole queue, so only an open socket with room can take it. */
  readonly refusedForGood?: boolean | undefined
  /** Throws `ERR_QUEUE_FULL` unless all of these fit. */
  admit?(batch: readonly SendData[]): void
  /** Adds a message, or drops and reports one by policy. Throws `ERR_QUEUE_FULL` if it didn't accept the message. */
  push(entry: Entry): 'queued' | 'dropped'
  /** The next message to send. */
  peek(): Entry | undefined
  /** Removes the message that `peek` returned. */
  shift(): void
  /** Removes and returns the matching messages, oldest first, without reporting them. */
  take(which: (entry: Entry) => boolean): Entry[]
  /** Drops all messages with `core.outgoing.drop`. */
  clear(reason: string): void
}

/** The raw link that `prepare` gets, before the queue is flushed and before listeners get messages. */
export interface Link {
  /** The subprotocol that the server selected, or ''. */
  readonly protocol: string
  /** Sends data immediately, bypassing queue and codec. Throws `ERR_ENDED` once the attempt is over. */
  send(data: SendData): void
  /**
   * Resolves with the next raw message. Rejects with `ERR_ENDED` once the attempt is over. Unread messages go to the listeners.
   */
  read(): Promise<MessageData>
}

/** The role `preparation`. */
export interface Preparation {
  /** Starts the hooks; calls `done` or `fail` of the attempt when they settle. */
  begin(attempt: Attempt): Preparing
}

/** The running hooks of one attempt. */
export interface Preparing {
  /** Receives a message. */
  take(data: MessageData): void
  /** Stops, and returns the unread messages. */
  end(): readonly MessageData[]
}

/** The role `patience`. */
export interface Patience {
  /** Multiplies `timeout`. */
  readonly factor: number
  /** Whether bytes have moved since `watch`. */
  readonly moving: boolean
  watch(): void
  /** A ping was answered after `rtt` milliseconds, which proved that this many sent bytes arrived. */
  answered(rtt: number, proved: number): void
}

/** The role `address`. */
export interface Address {
  resolve(attempt: Attempt): Promise<Omit<Target, 'binaryType'>>
  /** Creates the controller of the signal that the `url` function and `prepare` get. */
  controller(): AbortController
}

/** The role `environment`: the state of network and page. */
export interface Surroundings {
  readonly online: boolean
  /** The page is hidden, so the browser may throttle its timers. */
  readonly hidden: boolean
}

/** The role `zone`: where the connection's own work and the app's callbacks run, on pages with zone.js. */
export interface Zone {
  /** Runs the connection's own work. */
  outside<R>(work: () => R): R
  /** Binds a callback to the current zone, as `addEventListener` does. */
  bind<A extends unknown[], R>(callback: (...given: A) => R): (...given: A) => R
}

/** The role `listening`. */
export interface Listening {
  on(type: string, listener: (event: never) => unknown, options: object | undefined): () => void
  /** Removes listeners whose signal was aborted. */
  prune(): void
}

/** The role `pressure`: flow control. */
export interface Pressure {
  /** Whether the socket's buffer is at or over the high-water mark. */
  isOver(socket: Socket): boolean
  /** Messages are queued although there is a socket: polls until none are. */
  start(): void
  stop(): void
  /** The link is open and the queue was flushed. `waited`: it was not empty. */
  opened(waited: boolean): void
  /** Replies to a ping of the server, bypassing the queue. */
  answer(data: SendData): void
}

/** Reports an exception of the app's code as one `error` event. */
export type Report = (error: ConnectionError) => void
