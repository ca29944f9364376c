import type { ConnectionError } from './errors.js'
import type { Loss } from './policies/retry.js'
import type { CloseInfo, SendData, MessageData, Transport } from './transport.js'
import type { Connection, ConnectionOptions, SendResult } from './connection.types.js'
import type { AnyFeature, Feature, FeatureTypes } from './feature.js'
import type { ConnectionStatus } from './status.types.js'

// What features do to the type of a connection. Nothing here exists at run time.

export type Features = readonly AnyFeature[]

type TypesOf<F> = F extends Feature<string, infer T> ? T : never
type Coding<F extends Features> = Extract<TypesOf<F[number]>, { readonly message: object }>
/** What arrives: what the codec among the features makes of a frame. */
export type InOf<F extends Features> = [Coding<F>] extends [never] ? MessageData : Coding<F>['message']['in']
/** What is sent: what the codec among the features takes. */
export type OutOf<F extends Features> = [Coding<F>] extends [never] ? SendData : Coding<F>['message']['out']

type Filled<T extends FeatureTypes, In, Out> = T & { readonly In: In; readonly Out: Out }
/** One member of every feature, with `In` and `Out` filled in, all together. */
export type AllOf<
  F extends Features,
  K extends 'methods' | 'events' | 'send' | 'listen',
  In,
  Out,
> = F extends readonly [Feature<string, infer T extends FeatureTypes, infer _Needs>, ...infer Rest extends Features]
  ? Filled<T, In, Out>[K] & AllOf<Rest, K, In, Out>
  : unknown

/** What is needed and not there. What a feature of the type `AnyFeature` needs is known at run time only. */
type Lacking<Needs, Before> = unknown extends Needs ? never : Exclude<Needs, Before>
/** The sentence that the compiler shows when a feature is missing that another one needs. */
type Missing<F extends Features, Before extends string = never> = F extends readonly [
  Feature<infer Name, infer _Types, infer Needs>,
  ...infer Rest extends Features,
]
  ? [Lacking<Needs, Before>] extends [never]
    ? Missing<Rest, Before | Name>
    : `${Name}() needs ${Lacking<Needs, Before>}() before it in features`
  : never
/** Nothing if every feature has what it needs before it; otherwise no list fits. */
export type Complete<F extends Features, Before extends string = never> = [Missing<F, Before>] extends [never]
  ? unknown
  : { readonly features: readonly Missing<F, Before>[] }

/** Prepared, and the queue flushed as far as the socket had room. */
export interface OpenEvent {
  readonly url: string
  readonly protocol: string
  readonly extensions: string
  /** 1: the first try succeeded. */
  readonly attempt: number
  /** What `prepare` resolved with. */
  readonly prepared?: unknown
}

/** A socket, or an attempt to get one, is over. */
export interface CoreCloseEvent extends CloseInfo, Omit<Loss, 'close'> {
  /** Whether another attempt follows. Up to date when your listener is called, also if an earlier one has closed or reconnected. */
  readonly willRetry: boolean
  /** Until the next attempt. Milliseconds; `undefined` if there is none. */
  readonly delay: number | undefined
}

/** A retry is scheduled. If an earlier listener has closed or reconnected, later ones are not called. */
export interface CoreBackoffEvent extends Pick<Loss, 'close' | 'error' | 'serverDelay'> {
  /** The attempt to come. */
  readonly attempt: number
  /** Milliseconds. */
  readonly delay: number
  /** In milliseconds since 1970. */
  readonly retryAt: number
  /** The server asked for this delay. */
  readonly hinted: boolean
}

/** The events of every connection; features add to them. */
export interface CoreEvents<In, Out> {
  /** A link is ready: prepared, and the queue flushed as far as the socket had room. */
  open: OpenEvent
  /** The payload itself. */
  message: In
  /** Once for each attempt or socket that ended. */
  close: CoreCloseEvent
  backoff: CoreBackoffEvent
  /**
   * The new status, whenever it changes: the same object as `connection.status`. A status that an earlier listener has already
   * changed is skipped; the next one follows.
   */
  state: ConnectionStatus
  /** An answer to a ping came; `rtt` in milliseconds. */
  heartbeat: { readonly rtt: number }
  /** A message that was accepted and will not be sent. */
  dropped: { readonly data: Out; readonly reason: string }
  /** Something the app gave us threw, or a frame could not be decoded. Never a lost link: that is a state. */
  error: ConnectionError
}

/** What every connection can do; features add to it. The members are described in `Connection`. */
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
  /** Sends what waits, then the closing handshake, and then no attempt any more. `promises()` makes it resolve when it is over. */
  close(code?: number, reason?: string): void
  /**
   * Hands a message to the socket, or keeps it for the next one. Throws `ERR_DATA`, `ERR_ENCODE`, `ERR_QUEUE_FULL`, or `ERR_ENDED` when
   * closing or ended; then nothing was accepted.
   * Trap: `sent` says that the socket took it. Only the other side can say that it arrived.
   */
  send(message: Out, options?: SendOptions): SendResult
  /** Returns what removes the listener. One that throws, or whose promise rejects, is reported as `error`. */
  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => unknown, options?: ListenOptions): () => void
}

/** Without a feature that reads options, `send` and `on` take none. */
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

/** What `connect` takes. Those of `ConnectionOptions` mean the same; none is checked. Durations in milliseconds. */
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
  /** What makes the sockets. */
  readonly transport: Transport
  /** Subprotocols to offer. */
  readonly protocols?: readonly string[] | undefined
  /** How many messages may wait for a link: 1,000 if left out. `richQueue` bounds more than that. */
  readonly queue?: number | undefined
  readonly features?: Features | undefined
}
