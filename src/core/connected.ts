import type { ConnectionError } from './errors.js'
import type { Loss } from './policies/retry.js'
import type { CloseInfo, SendData, MessageData, Transport } from './transport.js'
import type { Connection, ConnectionOptions, SendResult } from './connection.types.js'
import type { AnyFeature, Feature, FeatureTypes } from './feature.js'
import type { ConnectionStatus } from './status.types.js'

// How features change the type of a connection. Types only.

/** A list of features, in order. */
export type Features = readonly AnyFeature[]

type TypesOf<F> = F extends Feature<string, infer T> ? T : never
type Coding<F extends Features> = Extract<TypesOf<F[number]>, { readonly message: object }>
/** The type of received messages: the result of the codec's `decode`, if there is a codec. */
export type InOf<F extends Features> = [Coding<F>] extends [never] ? MessageData : Coding<F>['message']['in']
/** The type of sent messages: the parameter of the codec's `encode`, if there is a codec. */
export type OutOf<F extends Features> = [Coding<F>] extends [never] ? SendData : Coding<F>['message']['out']

type Filled<T extends FeatureTypes, In, Out> = T & { readonly In: In; readonly Out: Out }
/** The intersection of one member of all features' types, with `In` and `Out` filled in. */
export type AllOf<
  F extends Features,
  K extends 'methods' | 'events' | 'send' | 'listen',
  In,
  Out,
> = F extends readonly [Feature<string, infer T extends FeatureTypes, infer _Needs>, ...infer Rest extends Features]
  ? Filled<T, In, Out>[K] & AllOf<Rest, K, In, Out>
  : unknown

/** The features that are needed but missing. The needs of an `AnyFeature` are known only at run time. */
type Lacking<Needs, Before> = unknown extends Needs ? never : Exclude<Needs, Before>
/** The text that the compiler shows if a feature lacks another one that it needs. */
type Missing<F extends Features, Before extends string = never> = F extends readonly [
  Feature<infer Name, infer _Types, infer Needs>,
  ...infer Rest extends Features,
]
  ? [Lacking<Needs, Before>] extends [never]
    ? Missing<Rest, Before | Name>
    : `${Name}() needs ${Lacking<Needs, Before>}() before it in features`
  : never
/** `unknown` if each feature comes after those it needs; otherwise a type that no list satisfies. */
export type Complete<F extends Features, Before extends string = never> = [Missing<F, Before>] extends [never]
  ? unknown
  : { readonly features: readonly Missing<F, Before>[] }

/** Emitted when a link is open: `prepare` is done, and the queue was flushed as far as the socket had room. */
export interface OpenEvent {
  /** The serialized URL. */
  readonly url: string
  /** The subprotocol that the server selected, or ''. */
  readonly protocol: string
  /** The extensions that the server selected, or ''. */
  readonly extensions: string
  /** The number of this attempt: 1 if the first attempt succeeded. */
  readonly attempt: number
  /** The value that `prepare` resolved with. */
  readonly prepared?: unknown
}

/** Emitted once for each link or attempt that ends. */
export interface CoreCloseEvent extends CloseInfo, Omit<Loss, 'close'> {
  /** Whether another attempt follows. Accurate when your listener runs, even if an earlier one closed or reconnected. */
  readonly willRetry: boolean
  /** Milliseconds until the next attempt; `undefined` if there is none. */
  readonly delay: number | undefined
}

/** Emitted when a retry is scheduled. If a listener closes or reconnects, the listeners after it are not called. */
export interface CoreBackoffEvent extends Pick<Loss, 'close' | 'error' | 'serverDelay'> {
  /** The number of the next attempt. */
  readonly attempt: number
  /** Milliseconds until it starts. */
  readonly delay: number
  /** When it starts, in milliseconds since 1970. */
  readonly retryAt: number
  /** The server asked for this delay. */
  readonly hinted: boolean
}

/** The events that every connection has; features add more. */
export interface CoreEvents<In, Out> {
  /** A link is ready: prepared, and the queue flushed as far as the socket had room. */
  open: OpenEvent
  /** A message arrived. The event is the message itself, decoded by the codec if there is one. */
  message: In
  /** A link or an attempt ended. */
  close: CoreCloseEvent
  backoff: CoreBackoffEvent
  /**
   * The new status, whenever it changes: the same object as `connection.status`. A status that an earlier listener has already
   * changed is skipped; the next one follows.
   */
  state: ConnectionStatus
  /** A ping was answered; `rtt` is the round-trip time in milliseconds. */
  heartbeat: { readonly rtt: number }
  /** An accepted message was discarded. */
  dropped: { readonly data: Out; readonly reason: string }
  /** A function that you supplied threw, or a message could not be decoded. Never a lost link, which is a state. */
  error: ConnectionError
}

/** The members that every connection has, documented at `Connection`; features add more. */
export interface CoreConnection<In, Out, Events, SendOptions, ListenOptions> extends Pick<
  Connection<In, Out>,
  | 'state'
  | 'status'
  | 'readyState'
  | 'url'
  | 'protocol'
  | 'extensions'
  | 'binaryType'
  | 'open'
  | 'reconnect'
  | 'markHealthy'
  | 'use'
> {
  /**
   * Ends the connection: sends the queued messages, then performs the closing handshake. With `promises()` it returns a promise.
   */
  close(code?: number, reason?: string): void
  /**
   * Sends a message, or queues it until a socket has room.
   *
   * @returns `'sent'`: the socket took it, which doesn't prove delivery. `'queued'`: it waits. `'dropped'`: the queue discarded it.
   * @throws ConnectionError `ERR_DATA`, `ERR_ENCODE`, `ERR_QUEUE_FULL`, or `ERR_ENDED` if the connection is closing or has ended. The
   * message was not accepted.
   */
  send(message: Out, options?: SendOptions): SendResult
  /**
   * Adds a listener and returns a function that removes it. If the listener throws or its promise rejects, that is reported as
   * `error`.
   */
  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => unknown, options?: ListenOptions): () => void
}

/** `send` and `on` take no options unless a feature reads them. */
type OptionsOf<F extends Features, K extends 'send' | 'listen'> =
  unknown extends AllOf<F, K, unknown, unknown> ? undefined : AllOf<F, K, InOf<F>, OutOf<F>>

type Core<F extends Features> = CoreConnection<
  InOf<F>,
  OutOf<F>,
  CoreEvents<InOf<F>, OutOf<F>> & AllOf<F, 'events', InOf<F>, OutOf<F>>,
  OptionsOf<F, 'send'>,
  OptionsOf<F, 'listen'>
>
type Added<F extends Features> = AllOf<F, 'methods', InOf<F>, OutOf<F>>

/** A connection with these features. */
export type Connected<F extends Features> = Omit<Core<F>, keyof Added<F>> & Added<F>

/** Options of `connect`. They mean the same as in `ConnectionOptions`, but are not checked. Durations are in milliseconds. */
export interface CoreOptions extends Pick<
  ConnectionOptions,
  | 'heartbeat'
  | 'backoff'
  | 'retry'
  | 'connectTimeout'
  | 'closeTimeout'
  | 'stableAfter'
  | 'binaryType'
  | 'autoOpen'
  | 'random'
  | 'clock'
  | 'unref'
  | 'engine'
> {
  /** Creates the sockets. */
  readonly transport: Transport
  /** Subprotocols to offer. */
  readonly protocols?: readonly string[] | undefined
  /** The maximum number of queued messages: 1,000 unless set. `richQueue` has further limits. */
  readonly queue?: number | undefined
  /** The features of this connection. A feature comes after those it needs. */
  readonly features?: Features | undefined
}
