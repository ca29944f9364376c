import type { ConnectionError } from './errors.js'
import type { Heartbeat } from './policies/profile.js'
import type { Loss } from './policies/retry.js'
import type { SendData, MessageData, Socket, Target } from './transport.js'
import type { Attempt, Failure } from './attempt.js'
import type { Core } from './core.js'
import type { ConnectionState } from './status.types.js'

/** A room around the core: it takes roles and listens to moments. One object serves any number of connections. */
export interface Feature<
  Name extends string = string,
  Types extends FeatureTypes = FeatureTypes,
  Needs extends string = string,
> {
  readonly name: Name
  /** Names of features that must stand before this one. */
  readonly needs?: readonly Needs[]
  /** Gives the part for one connection. Called once for each, before the first dial. Options belong to the factory. */
  attach(core: Core): object
  /** Members of the part that the connection gets. A name that another feature has added is an `ERR_OPTION`. */
  readonly members?: readonly (keyof Types['methods'])[]
  /** The events that it adds. `checks()` refuses listeners of others. */
  readonly events?: readonly (keyof Types['events'] & string)[]
  /** What it reads from the second argument of `send`. `checks()` refuses other names. */
  readonly sendOptions?: readonly (keyof Types['send'] & string)[]
  /** Never set: it carries the types. */
  readonly types?: Types
}

/** Any feature, for code that does not look at its types. */
// oxlint-disable-next-line typescript/no-explicit-any -- whatever it adds and needs
export type AnyFeature = Feature<string, any, any>

/** What a feature adds to the type of a connection. `this['In']` and `this['Out']` are the messages of the finished connection. */
export interface FeatureTypes {
  readonly In: unknown
  readonly Out: unknown
  readonly methods: unknown
  readonly events: unknown
  /** What it reads from the second argument of `send`. */
  readonly send: unknown
  /** What it reads from the third argument of `on`. */
  readonly listen: unknown
  /** Set by the one feature that changes what messages are. */
  readonly message?: { readonly in: unknown; readonly out: unknown }
}

/** What a feature does for one connection. A role has one player; moments are told to all, in the order of `features`. */
export interface Part extends Roles, Moments {}

export interface Roles {
  /** Message to data and back, in the app's terms. */
  readonly codec?: Coder | undefined
  /** Data to what the socket carries, and back. */
  readonly framing?: Framing | undefined
  readonly queue?: Queue | undefined
  /** Used unless the app gave a heartbeat. */
  readonly heartbeat?: Heartbeat | undefined
  /** Runs the `prepare` hooks and the handshake of the framing. Features get it from `preparation(core)`. */
  readonly preparation?: Preparation | undefined
  /** How long answers to pings may take. */
  readonly patience?: Patience | undefined
  /** Asks the URL function and checks what it gives. */
  readonly address?: Address | undefined
  /** What `on` does with its options. */
  readonly listening?: Listening | undefined
  readonly environment?: Surroundings | undefined
  readonly zone?: Zone | undefined
  /** Flow control: when the socket is full, and when it has room again. */
  readonly pressure?: Pressure | undefined
}

export interface Moments<In = unknown, Out = unknown> {
  /** All features are attached, and nothing was dialed. */
  onReady?(): void
  /** Before `open`, `close` or `reconnect` does anything. A throw refuses it. */
  onCommand?(type: string, code: number | undefined, reason: string | undefined): void
  /** Before a message that is sent with options is accepted. A throw refuses it. */
  onSend?(options: object): void
  /** Subprotocols to offer, in place of those of the app and of the features before. */
  offer?(offered: readonly string[]): readonly string[]
  /** On the raw link, before the queue. The last result that is not `undefined` is `open.prepared`. A throw is a failed attempt. */
  prepare?(link: Link, context: { readonly signal: AbortSignal }): unknown
  /** A link is ready and nothing was sent on it: what `send` is given goes out before the queue. */
  onLinked?(link: { send(message: Out): void }): void
  /** A message, before listeners; `true` consumes it. */
  onMessage?(message: In): boolean | void
  /** With the listeners: a message that no one consumed. `data` is what the codec was given. */
  onDelivered?(message: In, data: MessageData): void
  /** `true`: messages wait in the queue. Call `core.flush()` when it turns false. */
  isFull?(): boolean
  /** A message that was sent with options is in the socket of this attempt. */
  onWritten?(message: Out, options: object, attempt: Attempt): void
  /** Accepted, and given up. Called with the `dropped` event, for messages that were sent with options. */
  onDropped?(message: Out, options: object, reason: string): void
  /**
   * An attempt or a link is over. Called inside the chart's turn, so it must not call out. What it returns is added to the
   * loss and to the `close` event. The link's own counters are still there.
   */
  onEnd?(end: LinkEnd): object | undefined
  /** Overrules whether to try again, and for how long to wait at the least. The app's `retry` is asked last. */
  onLoss?(loss: Loss, failure: Failure | undefined): RetryAdvice | undefined
  /** `false`: not yet. Call `core.flush()` when it changes. `closeTimeout` bounds it. */
  mayClose?(): boolean
  /** After the listeners of `state`. */
  onState?(state: ConnectionState): void
  /** The connection has ended: what still waits is settled now. Called inside the chart's turn, so it must not call out. */
  onSettled?(): void
}

/** What `use` takes: a layer that comes later has missed what happens once, and doesn't prepare links. */
export type LateMoments<In = unknown, Out = unknown> = Omit<Moments<In, Out>, 'onReady' | 'prepare'>

/** An attempt or a link that is over. */
export interface LinkEnd {
  readonly attempt: Attempt
  /** The chart's reason. */
  readonly why: string
  /** The peer's Close answers ours, so it has read all that was sent before. */
  readonly answered: boolean
  readonly close: Loss['close']
}

export interface RetryAdvice {
  readonly retry: boolean
  /** What the server asked for; the backoff is added to it. Milliseconds. */
  readonly asked: number
  /** The least wait. Milliseconds. */
  readonly floor: number
}

export interface Coder {
  encode(message: never): SendData
  decode(data: MessageData): unknown
}

export interface Framing {
  /** After every `prepare`, before the queue. */
  handshake?(link: Link, context: { readonly signal: AbortSignal }): unknown
  /** At the socket. What it returns it owns: a socket that throws does not lose it. */
  outgoing(data: SendData): SendData
  /** After the heartbeat, before the codec. `undefined`: consumed. */
  incoming(data: MessageData): MessageData | undefined
}

/** A message that was accepted. */
export interface Entry {
  readonly message: unknown
  readonly data: SendData
  readonly options: object | undefined
}

/** Runs inside the chart's turn too, so it must not call out; `core.drop` only enqueues. */
export interface Queue {
  readonly size: number
  /** What waits. Bytes on the wire. */
  readonly bytes?: number | undefined
  /** A message was refused that can never wait here. Only an open socket with room can take it. */
  readonly refusedForGood?: boolean | undefined
  /** Throws `ERR_QUEUE_FULL` if these could not all be pushed. */
  admit?(batch: readonly SendData[]): void
  /** `dropped`: by policy, and reported. Throws `ERR_QUEUE_FULL`; then nothing was accepted. */
  push(entry: Entry): 'queued' | 'dropped'
  /** The next one to send. */
  peek(): Entry | undefined
  /** Takes out what `peek` returned. */
  shift(): void
  /** Takes out what fits, oldest first; it is the caller's then. For messages that are taken back, or that die with their link. */
  take(which: (entry: Entry) => boolean): Entry[]
  /** Gives up on everything, by `core.outgoing.drop`. */
  clear(reason: string): void
}

/** The raw socket as `prepare` sees it: before the queue is flushed and before any listener hears a message. */
export interface Link {
  readonly protocol: string
  /** Sends at once, past queue and codec. Throws `ERR_ENDED` when the attempt is over. */
  send(data: SendData): void
  /** The next frame, raw. Rejects with `ERR_ENDED` when the attempt is over. Frames left unread go to the listeners. */
  read(): Promise<MessageData>
}

export interface Preparation {
  /** Starts the hooks; tells the attempt by `done` or `fail`. */
  begin(attempt: Attempt): Preparing
}

/** The hooks of one attempt, while they run. */
export interface Preparing {
  take(data: MessageData): void
  /** What was left unread. */
  end(): readonly MessageData[]
}

export interface Patience {
  /** By how much `timeout` is multiplied. */
  readonly factor: number
  /** Bytes have moved since `watch`. */
  readonly moving: boolean
  watch(): void
  /** An answer came after `rtt`; it proved this many bytes of ours. */
  answered(rtt: number, proved: number): void
}

export interface Address {
  resolve(attempt: Attempt): Promise<Omit<Target, 'binaryType'>>
  /** For the URL function and `prepare`. */
  controller(): AbortController
}

/** What is known of the network and the page. */
export interface Surroundings {
  readonly online: boolean
  /** The page is hidden, so the browser may hold its timers back. */
  readonly hidden: boolean
}

/** Where the connection's own work and the app's callbacks run, on pages that have zones. */
export interface Zone {
  /** Runs the connection's own work. */
  outside<R>(work: () => R): R
  /** The callback as `addEventListener` would call it. */
  bind<A extends unknown[], R>(callback: (...given: A) => R): (...given: A) => R
}

export interface Listening {
  on(type: string, listener: (event: never) => unknown, options: object | undefined): () => void
  /** Removes listeners whose signal was aborted. */
  prune(): void
}

export interface Pressure {
  /** The socket's buffer is over the mark. */
  isOver(socket: Socket): boolean
  /** Something waits although there is a socket: look again until nothing does. */
  start(): void
  stop(): void
  /** The link is open and the queue was flushed. `waited`: something was in it. */
  opened(waited: boolean): void
  /** An answer to a ping of the server goes past the queue. */
  answer(data: SendData): void
}

/** Reports what the app gave us and threw: once, as an `error` event. */
export type Report = (error: ConnectionError) => void
