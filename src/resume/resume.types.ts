import type { Feature, FeatureTypes } from '../core/feature.js'
import type { ListenOptions } from '../core/features/checks.js'
import type { Uncertain } from '../core/features/delivery.js'
import type { SendData } from '../core/transport.js'
import type { RefusalReason } from './protocol.js'

/** What the `auth` function gets. */
export interface AuthContext {
  /** Aborted when the attempt ends. */
  readonly signal: AbortSignal
  /** The number of the attempt, from 1. */
  readonly attempt: number
}

/** Where a session survives a reload of the page. */
export interface PersistOptions {
  /**
   * `sessionStorage`, or another storage that belongs to one tab. In a storage that tabs share, the last tab replaces the record of the
   * others.
   */
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  /** The key of the record. With `outbox`, its messages are stored under this key, a colon and their number. */
  readonly key: string
  /**
   * Also keep unacknowledged messages, so that they are sent after the reload. Every script of the page can read them there.
   *
   * Without it, messages that had not arrived at the server when the page was left are lost; `continuity` reports how many.
   * @default false
   */
  readonly outbox?: boolean | undefined
}

/** Options of `resumable`. Durations are in milliseconds. */
export interface ResumeOptions {
  /**
   * Returns the credentials for each hello, such as a token; any JSON value. Called once per hello, and may be async. If the server refuses
   * them, it is called once more; then the connection ends.
   *
   * If it throws, the attempt has failed; a `Refused` ends the connection. A hello takes at most 4,096 bytes.
   */
  auth?: ((context: AuthContext) => unknown) | undefined
  /**
   * Whether the attempt fails if the server doesn't select the subprotocol. With `false`, the connection then works as without a session:
   * messages arrive at most once, and `state` is `plain`.
   *
   * A browser fails a handshake whose offered subprotocols are all ignored. So `false` has an effect there only if you also set `protocols`.
   * @default true
   */
  required?: boolean | undefined
  /**
   * The most that may be sent and not yet acknowledged. Beyond it, messages wait in the send queue.
   *
   * `bytes` counts bytes of binary messages and characters of text, with their headers. It works like `highWaterMark`: the message that
   * crosses it is still sent.
   * @default { messages: 1_000, bytes: 1_048_576 }
   */
  window?: { readonly messages?: number | undefined; readonly bytes?: number | undefined } | undefined
  /**
   * When received messages are acknowledged: after `every` messages, or `delay` after the first one.
   * @default { every: window.messages / 4, delay: 200 }
   */
  ack?: { readonly every?: number | undefined; readonly delay?: number | undefined } | undefined
  /**
   * When a message counts as received. `listeners`: its listeners have returned. `manual`: you called `session.received(number)`.
   *
   * Choose `manual` if a message that is still in an iterator or a promise must not be lost with the page.
   * @default 'listeners'
   */
  acknowledge?: 'listeners' | 'manual' | undefined
  /**
   * Keeps the session over a reload of the page. A Web Lock per session gives a duplicated tab a session of its own. If the storage throws,
   * that is reported once as `ERR_ENVIRONMENT`, and the session lives as long as the page.
   */
  persist?: PersistOptions | undefined
  /**
   * The session's own heartbeat, which also acknowledges. It works in every runtime.
   * @default { interval: 20_000, timeout: 10_000 }
   */
  heartbeat?: { readonly interval?: number | undefined; readonly timeout?: number | undefined } | undefined
}

/** Why a session was lost. `closed`: the connection ended with messages unacknowledged. The others are the server's. */
export type LostReason = RefusalReason | 'closed'

/** The first link of a session is ready. */
export interface SessionBegun {
  readonly kind: 'begun'
  /** The id of the session. A secret. */
  readonly id: string
}

/** A further link of the session is ready: no message is lost or doubled. */
export interface SessionKept {
  readonly kind: 'kept'
  /** How long there was no link. Milliseconds. After a reload, the time since the session was last stored. */
  readonly away: number
  /** Messages sent again, and messages that the server has kept meanwhile. */
  readonly replayed: { readonly out: number; readonly in: number }
  /** Messages sent before a reload that never arrived, and that this page doesn't have. 0 with `persist.outbox`. */
  readonly forgotten: number
}

/** Continuity is lost. The connection begins a new session, unless it has ended. */
export interface SessionLost<Out> {
  readonly kind: 'lost'
  readonly reason: LostReason
  /** Only this topic is affected; `lastReceived` is the offset of its last message, and the lists are empty. */
  readonly topic?: string | undefined
  /** The number of the last received message. Load a snapshot of what followed it. */
  readonly lastReceived: number
  /** How many messages of the session the server has certainly handled. */
  readonly delivered: number
  /** Messages that the server has certainly not handled, in order. You can send them again. */
  readonly undelivered: readonly Out[]
  /** Messages that the server may have handled, in order. */
  readonly uncertain: readonly Out[]
  /** How many more there are, sent before a reload, that this page doesn't have. 0 with `persist.outbox`. */
  readonly forgotten: { readonly undelivered: number; readonly uncertain: number }
}

/**
 * What became of the session. Messages in the lists are as passed to `send`, before the codec. Binary messages without a codec are copies
 * as `Uint8Array`.
 */
export type Continuity<Out = SendData> = SessionBegun | SessionKept | SessionLost<Out>

/** Totals of a session object, across sessions. */
export interface SessionCounters {
  /** Links that resumed a session. */
  readonly resumed: number
  /** Sessions lost. */
  readonly lost: number
  /** Messages sent again, and messages that the server kept while there was no link. */
  readonly replayedOut: number
  readonly replayedIn: number
  /** Messages that arrived again and were discarded. */
  readonly duplicates: number
}

interface ResumeEvents<Out> {
  continuity: Continuity<Out>
  close: {
    /** Nothing while the session lives. Once the connection has ended, the unacknowledged messages. */
    readonly uncertain: Uncertain
  }
  backoff: { readonly uncertain: Uncertain }
}

interface ResumeTypes extends FeatureTypes {
  readonly events: ResumeEvents<this['Out']>
}

/** A session: the feature that you pass to the connection, and its handle. Made by `resumable`. `Out` is the type of sent messages. */
export interface ResumeSession<Out = SendData> extends Feature<'resumable', ResumeTypes, never> {
  /** The id of the session. A secret: in logs, show only a hash of it. Each new session has another one. */
  readonly id: string
  /**
   * `fresh`: no link yet. `attached`: a link is ready. `away`: there is no link, and the session waits for the next. `plain`: the server
   * doesn't support sessions, and `required` is false. `ended`: the connection has ended; `open()` begins a new session.
   */
  readonly state: 'fresh' | 'attached' | 'away' | 'plain' | 'ended'
  /** Messages sent and not acknowledged. `bytes` as in `window`. */
  readonly unacknowledged: { readonly messages: number; readonly bytes: number }
  /** Each access returns a new snapshot. */
  readonly counters: SessionCounters
  /**
   * The number of the message that was passed to the listeners last, which is the current one while they run. 0 for a message of a topic,
   * and before the first.
   */
  readonly number: number
  /**
   * Counts this message and all before it as received. Only with `acknowledge: 'manual'`.
   *
   * Numbers start at 1 in each session. If you call it after an `await`, also pass the `id` that the session had when the message arrived;
   * the call does nothing if that session is over.
   * @throws ConnectionError `ERR_OPTION` if no message of that number was passed to the listeners yet.
   */
  received(number: number, id?: string): void
  /**
   * Resolves once the server's handler has finished with everything sent so far. Messages that the queue discards don't count.
   *
   * Rejects with `ERR_SESSION_LOST` if continuity is lost, the connection ends, or the server doesn't support sessions; or with the signal's
   * reason.
   */
  delivered(options?: { signal?: AbortSignal | undefined }): Promise<void>
  /** Adds a listener, also before there is a connection. Returns a function that removes it. Guarded like other listeners. */
  on(type: 'continuity', listener: (event: Continuity<Out>) => unknown, options?: ListenOptions): () => void
}
