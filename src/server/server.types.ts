import type { IncomingMessage } from 'node:http'
import type { WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../core/time/timers.js'
import type { ConnectionError } from '../core/errors.js'
import type { Payload, SessionStore } from './stores/store.js'

type Awaitable<T> = T | PromiseLike<T>

/** What the server knows of a client that says hello. */
export interface HelloContext {
  /** What the client's `auth` returned. Written by the client, so don't trust it. */
  readonly auth: unknown
  /** The session's id: a secret, and not a credential. */
  readonly id: string
  /** The upgrade request, with its cookies and headers. */
  readonly request: IncomingMessage
  /** Aborted when the socket ends. */
  readonly signal: AbortSignal
}

/** Who a client is. */
export interface Identity<Data> {
  /** The account, which owns the session for life: another principal that presents the same session id is refused with 4403. */
  readonly principal: string
  /** What your handlers need to know; `session.data`. Renewed by each hello. */
  readonly data?: Data | undefined
}

/** Converts between your messages and data. */
export interface ServerCodec<In, Out> {
  encode(message: Out): Payload
  decode(data: Payload): In
}

/** Options of `sessionServer`. Durations are in milliseconds. */
export interface SessionServerOptions<In = Payload, Out = Payload, Data = unknown> {
  /**
   * The server of `ws` whose sockets become sessions. Leave it out to pass sockets to `accept`.
   *
   * Sets `handleProtocols` to select `resume.v1`; one of your own is asked for the app's protocol. While draining, sets `verifyClient`.
   */
  server?: WebSocketServer | undefined
  /** Where sessions live. All nodes of a cluster use one store. @default memoryStore() */
  store?: SessionStore | undefined
  /**
   * Called for every hello. `undefined` refuses it (4401): the client asks its `auth` once more, then gives up. If it throws, the client
   * tries again later (1013).
   */
  authenticate: (hello: HelloContext) => Awaitable<Identity<Data> | undefined>
  /**
   * Returns the number of the last message whose effect your own database has, for effects that happen exactly once: store the number in
   * the same transaction as the effect. Called when a session begins on this node. If it throws, the client tries again later (1013).
   */
  processed?: ((id: string) => Awaitable<number>) | undefined
  /** Converts between your messages and data; without one, messages are strings and bytes. */
  codec?: ServerCodec<In, Out> | undefined
  /** How long a session survives without a link. @default 120_000 */
  ttl?: number | undefined
  /** How long the store remembers how far a session came, to tell a late client what was handled. @default 86_400_000 */
  tombstone?: number | undefined
  /**
   * Messages kept per session until the client acknowledges them, and what `send` does when they are too many. `reject`: throws
   * `ERR_SESSION_FULL`. `wait`: waits for room. `end`: ends the session, so the client learns that it lost messages.
   *
   * A publisher should never be blocked by one slow client, so `wait` suits servers that answer requests.
   *
   * @default { messages: 10_000, bytes: 8_388_608, overflow: 'reject' }
   */
  outbox?:
    | {
        readonly messages?: number | undefined
        readonly bytes?: number | undefined
        readonly overflow?: 'reject' | 'wait' | 'end' | undefined
      }
    | undefined
  /** Received messages that wait for your handler. Beyond, the socket is paused. @default { messages: 1_000, bytes: 1_048_576 } */
  inbox?: { readonly messages?: number | undefined; readonly bytes?: number | undefined } | undefined
  /** Acknowledges after this many handled messages, or this long after the first. @default { every: 250, delay: 50 } */
  ack?: { readonly every?: number | undefined; readonly delay?: number | undefined } | undefined
  /** Bytes in a socket's buffer above which messages wait in the store. @default 1_048_576 */
  highWaterMark?: number | undefined
  /** How long a socket may wait before its hello (4408). @default 5_000 */
  helloTimeout?: number | undefined
  /**
   * The longest silence of a client. After half of it, the server pings; after all of it, the socket is terminated and the session is
   * `away`. Clients ping every 20 s.
   * @default 45_000
   */
  idle?: number | undefined
  /** How long a hello waits for the node that had the session to finish its running handler. @default 8_000 */
  handover?: number | undefined
  /**
   * What happens when a handler throws. `end`: the session ends (1011) and the client learns that this message is uncertain. `skip`: the
   * message counts as handled, so the client never learns of it.
   * @default 'end'
   */
  onError?: 'end' | 'skip' | undefined
  /** Messages kept per topic, for clients that come back. @default { messages: 1_000 } */
  topics?: { readonly messages?: number | undefined } | undefined
  /** Limits of this node. Those per principal refuse a hello with 1013. */
  limits?: Limits | undefined
  /** Called for each event worth counting. It gets no secrets. If it throws, that is an `error` event. */
  metrics?: ((event: Metric) => void) | undefined
  /** The name of this node, unique among all that ever used the store. @default a random one */
  node?: string | undefined
  /** Clock and timers, for tests. @default the runtime's own clock */
  clock?: Clock | undefined
}

/** Limits of one node; `Infinity` for none. */
export interface Limits {
  /** Sessions of one principal. @default 1_000 */
  readonly sessions?: number | undefined
  /** Hellos of one principal. @default 600 */
  readonly hellosPerMinute?: number | undefined
  /** Bytes sent again to one principal: a small hello can ask for a whole outbox. @default 268_435_456 */
  readonly replayedBytesPerMinute?: number | undefined
  /** Sockets that have not been authenticated yet. Beyond, new ones are refused. @default 10_000 */
  readonly unauthenticated?: number | undefined
}

/** An event for your metrics. Durations are in milliseconds. */
export type Metric =
  | { readonly type: 'begun' | 'resumed' | 'away' | 'moved' | 'fenced' | 'duplicate' }
  /** A client was told that its session is over, or a session ended. */
  | { readonly type: 'lost' | 'ended'; readonly reason: string }
  /** A socket was refused or closed with this code, for example 4401, 4403 or 1013. */
  | { readonly type: 'refused'; readonly code: number }
  /** Messages sent again after a hello. */
  | { readonly type: 'replayed'; readonly messages: number; readonly bytes: number }
  /** From the first handled message to its acknowledgment. */
  | { readonly type: 'acknowledged'; readonly messages: number; readonly lag: number }
  | { readonly type: 'handover'; readonly result: 'released' | 'dead' | 'timeout'; readonly duration: number }

/** A message with its number. */
export interface NumberedMessage<In> {
  readonly data: In
  readonly number: number
}

/** Why a session changed. */
export interface SessionEvent {
  /** For `ended`: `goodbye`, `closed`, `handler`, `overflow`, `expired`, `drained`, or why the store has lost it. Otherwise ''. */
  readonly reason: string
}

/** The state of a session on this node. `moved`: another node has it, or a later session object on this one. */
export type SessionState = 'attached' | 'away' | 'moved' | 'ended'

/** One session, as the node sees it that has it. It survives links; when it moves, another node makes an object of its own. */
export interface Session<In = Payload, Out = Payload, Data = unknown>
  extends AsyncIterable<NumberedMessage<In>>, AsyncDisposable {
  /** A secret: show only `label`. */
  readonly id: string
  /** The first eight characters of the id's SHA-256, for logs. */
  readonly label: string
  readonly principal: string
  readonly data: Data | undefined
  readonly state: SessionState
  /** The app's subprotocol, or ''. */
  readonly protocol: string
  /**
   * Sends a message. Resolves with its number once the store has it: then it will arrive, or the client is told that it lost messages.
   *
   * With a `key`, sending again within `ttl` adds nothing: use one to repeat a call that failed with `ERR_STORE`.
   *
   * Rejects with `ERR_SESSION_FULL` or `ERR_SESSION_ENDED`: it will not arrive. With `ERR_STORE`: it may.
   */
  send(message: Out, options?: SessionSendOptions): Promise<number>
  /**
   * Resolves once the client has received everything up to `number`, by default all that was sent through this object. Rejects with
   * `ERR_SESSION_ENDED`, also when the session moves to another node, and with the signal's reason.
   */
  delivered(number?: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Handles messages, one at a time and in order: the next waits for the promise. A message is acknowledged once the promise has resolved.
   *
   * A session has one handler at a time; without one, messages wait. `signal` aborts when the session moves or ends; a handler that heeds
   * it hands over faster.
   *
   * @throws ConnectionError `ERR_OPTION` if there is a handler already.
   */
  on(
    type: 'message',
    handler: (message: In, context: { readonly number: number; readonly signal: AbortSignal }) => unknown,
  ): () => void
  /** Handles as many messages as have come, at most `limit` (256), for one transaction for all of them. */
  on(
    type: 'messages',
    handler: (messages: readonly In[], context: { readonly first: number; readonly signal: AbortSignal }) => unknown,
    options?: { readonly limit?: number | undefined },
  ): () => void
  on(type: SessionState, listener: (event: SessionEvent) => unknown): () => void
  /**
   * Sends the messages of a topic from now on, in every node that gets this session, until `leave`. A client that doesn't support topics
   * gets none.
   */
  join(topic: string): Promise<void>
  leave(topic: string): Promise<void>
  /**
   * Ends the session and closes the link. The client learns what was handled; a message whose handler still runs is uncertain.
   *
   * Rejects with `ERR_STORE` if the store fails, and with `ERR_SESSION_ENDED` if another node has the session: then it lives on.
   * @default code 1000
   */
  close(code?: number, reason?: string): Promise<void>
}

/** Options of a session's `send`. */
export interface SessionSendOptions {
  /** Identifies the message, so that a repeated call adds nothing. */
  readonly key?: string | undefined
  /** Ends the wait of `overflow: 'wait'`. */
  readonly signal?: AbortSignal | undefined
}

/** A topic: one copy of each message for all its sessions. */
export interface Topic<Out = Payload> {
  /** Resolves with the offset once the store has the message. Rejects with `ERR_STORE`. */
  publish(message: Out, options?: { readonly key?: string | undefined }): Promise<number>
}

export interface SessionServerEvents<In, Out, Data> {
  /** A session is on this node: a new one, or one that came from another node. Add its handler in this listener. */
  session: (session: Session<In, Out, Data>, context: { readonly resumed: boolean }) => unknown
  /** A socket whose client doesn't offer `resume.v1`. Without a listener it is closed with 1002. */
  plain: (socket: WebSocket, request: IncomingMessage) => unknown
  /** A handler, a listener or the store failed. Without a listener it is written to the console. */
  error: (error: ConnectionError) => unknown
}

/** Sessions over the sockets of a `ws` server. */
export interface SessionServer<In = Payload, Out = Payload, Data = unknown> extends AsyncDisposable {
  readonly node: string
  /** The number of sessions on this node, attached or away. */
  readonly size: number
  /** A session on this node. */
  get(id: string): Session<In, Out, Data> | undefined
  on<K extends keyof SessionServerEvents<In, Out, Data>>(
    type: K,
    listener: SessionServerEvents<In, Out, Data>[K],
  ): () => void
  /** Takes a socket of a `ws` server with `noServer`, right after its upgrade. */
  accept(socket: WebSocket, request: IncomingMessage): void
  /** Sends to a session from any node, whichever has its socket. Resolves and rejects as `session.send` does. */
  send(id: string, message: Out, options?: SessionSendOptions): Promise<number>
  topic(name: string): Topic<Out>
  /**
   * Empties this node without a storm: refuses new upgrades with 503 and `Retry-After`, and lets sessions go one by one, spread over
   * `within` milliseconds: each finishes its running handler, is stored, and its client is sent elsewhere (1012). A store that isn't
   * shared keeps nothing, so clients are told what was handled.
   *
   * Resolves when the node is empty and its sockets are closed, so that the process may exit. Sockets that are left after `within` and
   * `handover` are terminated, and those whose clients don't answer the close frame in two seconds.
   */
  drain(options: { readonly within: number }): Promise<void>
  /**
   * Closes all sockets (1012) and leaves the store, which keeps the sessions. Resolves when the sockets are closed; those whose clients
   * don't answer in two seconds are terminated. Doesn't close the `ws` server.
   */
  close(): Promise<void>
}
