import type {
  BackoffEvent,
  CloseEvent,
  ConnectionError,
  ConnectionInspection,
  Connection,
  DropReason,
  ErrorCode,
  InspectedActor,
  InspectedEvent,
  InspectedSnapshot,
  OpenEvent,
} from '../../index.js'
import { sessionFigures, type ContinuityOccurrence, type ObservableSession, type SessionFigures } from './sessions.js'

export type { SessionFigures } from './sessions.js'

/** The version of Stately's inspection message format in use. */
export const messageVersion = '0.7.2'

interface About {
  /** The actor. Unique within one process or page. */
  readonly sessionId: string
  /** The connection. Differs from `sessionId` only for spawned actors. */
  readonly rootId: string
  /** Milliseconds since 1970, as text. */
  readonly createdAt: string
  readonly id: null
  readonly _version: string
}

/** A snapshot in an inspection message. */
export interface MessageSnapshot {
  readonly status: InspectedSnapshot['status']
  readonly value?: unknown
  readonly tags?: readonly string[]
  readonly context?: Readonly<Record<string, string | number | boolean>>
}

/** Announces an actor, in the format of `@statelyai/inspect`. */
export interface ActorMessage extends About {
  readonly type: '@xstate.actor'
  readonly name: string
  /** The chart, as JSON. */
  readonly definition: string
  readonly snapshot: MessageSnapshot
  readonly parentId?: string
}

/** An event was sent to the actor, in the format of `@statelyai/inspect`. */
export interface EventMessage extends About {
  readonly type: '@xstate.event'
  readonly event: InspectedEvent
  readonly sourceId?: string
}

/** The actor's state after an event, in the format of `@statelyai/inspect`. */
export interface SnapshotMessage extends About {
  readonly type: '@xstate.snapshot'
  readonly event: InspectedEvent
  readonly snapshot: MessageSnapshot
}

/** Totals since the connection was created, or where noted, since observation began. */
export interface Figures {
  readonly sent: number
  readonly received: number
  readonly queued: number
  readonly queuedBytes: number
  /** Bytes in the queue and the socket. */
  readonly bufferedAmount: number
  readonly unread: number
  /** Messages of `dropped` events since observation began. */
  readonly dropped: number
  /** Messages that may have been lost with their links since observation began. */
  readonly uncertain: number
  readonly attempt: number
  /** The time of the next attempt, during a delay. Milliseconds since 1970. */
  readonly retryAt?: number
  /** The current delay. Milliseconds. */
  readonly delay?: number
  /** Only if the connection has a session that is observed. */
  readonly session?: SessionFigures
}

/** Sampled counters. A sample equal to the previous one is omitted. */
export interface FiguresMessage extends About {
  readonly type: '@statewire.figures'
  /** Milliseconds between samples. */
  readonly every: number
  readonly figures: Figures
}

/** An event of the connection, as numbers and enumerations. */
export type Occurrence =
  | { readonly kind: 'open'; readonly attempt: number }
  | {
      readonly kind: 'close'
      readonly code: number
      readonly wasClean: boolean
      readonly attempt: number
      readonly willRetry: boolean
      readonly delay?: number
      readonly error?: ErrorCode
      /** The HTTP status of a refused upgrade. */
      readonly status?: number
      /** Messages that may have been lost with the link. */
      readonly uncertain: number
    }
  | {
      readonly kind: 'backoff'
      /** The number of the next attempt. */
      readonly attempt: number
      readonly delay: number
      readonly retryAt: number
      readonly hinted: boolean
    }
  | { readonly kind: 'heartbeat'; readonly rtt: number }
  /** Aggregated over one sample. */
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly messages: number }
  | { readonly kind: 'error'; readonly error: ErrorCode; readonly status?: number }
  | ContinuityOccurrence

/** Reports an occurrence. */
export interface OccurrenceMessage extends About {
  readonly type: '@statewire.occurrence'
  readonly occurrence: Occurrence
}

/** The connection is no longer observed. Says nothing about the connection's state. */
export interface GoneMessage extends About {
  readonly type: '@statewire.gone'
}

/** An inspection message. Can be serialized as JSON or structured clone, and contains no secrets. */
export type InspectionMessage =
  ActorMessage | EventMessage | SnapshotMessage | FiguresMessage | OccurrenceMessage | GoneMessage

/** A `Record`, so that a missing code does not compile. */
const errorCodes: Record<ErrorCode, true> = {
  ERR_OPTION: true,
  ERR_URL: true,
  ERR_CLOSE_ARGUMENT: true,
  ERR_DATA: true,
  ERR_QUEUE_FULL: true,
  ERR_ENDED: true,
  ERR_PROVIDER: true,
  ERR_PREPARE: true,
  ERR_REFUSED: true,
  ERR_CONNECT_TIMEOUT: true,
  ERR_HEARTBEAT_TIMEOUT: true,
  ERR_IDLE_CUT: true,
  ERR_HANDSHAKE: true,
  ERR_SOCKET: true,
  ERR_TRANSPORT: true,
  ERR_MISSING_PEER: true,
  ERR_ENCODE: true,
  ERR_DECODE: true,
  ERR_POLICY: true,
  ERR_LISTENER: true,
  ERR_INSPECTOR: true,
  ERR_ENVIRONMENT: true,
  ERR_INTERNAL: true,
  ERR_SESSION_LOST: true,
  ERR_SESSION_ENDED: true,
  ERR_SESSION_FULL: true,
  ERR_STORE: true,
  ERR_HANDLER: true,
}

/** The code, if it is a known one; an error created by the app may have any code. */
const errorCode = (error: ConnectionError | undefined): { error?: ErrorCode } =>
  error !== undefined && Object.keys(errorCodes).includes(error.code) ? { error: error.code } : {}

/** Returns the numeric fields; a third-party transport may return anything as a status. */
function numbers<K extends string>(fields: { readonly [N in K]: unknown }): { [N in K]?: number } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value === 'number')) as {
    [N in K]?: number
  }
}

export const about = (sessionId: string, rootId: string, now: number): About => ({
  sessionId,
  rootId,
  createdAt: String(now),
  id: null,
  _version: messageVersion,
})

/** Cached, because all connections share one chart. */
const definitions = new WeakMap<object, string>()

function definitionOf({ id, logic }: InspectedActor): string {
  if (logic === undefined) return JSON.stringify({ id })
  const { config } = logic
  const known = definitions.get(config)
  if (known !== undefined) return known
  const text = JSON.stringify(config, (_, value: unknown) =>
    typeof value === 'function' ? { type: value.name } : value,
  )
  definitions.set(config, text)
  return text
}

function snapshotMessage({ status, value, tags, context }: InspectedSnapshot): MessageSnapshot {
  return value === undefined ? { status } : { status, value, tags: [...(tags ?? [])], context: { ...context } }
}

/** Converts an inspection event to a message. `name`: the developer's name for the connection. */
export function inspectionMessage(
  inspection: ConnectionInspection,
  now: number,
  name?: string,
): ActorMessage | EventMessage | SnapshotMessage {
  const { actorRef, rootId } = inspection
  const base = about(actorRef.sessionId, rootId, now)
  if (inspection.type === '@xstate.event') {
    const source = inspection.sourceRef?.sessionId
    return {
      type: inspection.type,
      ...base,
      event: inspection.event,
      ...(source !== undefined && { sourceId: source }),
    }
  }
  if (inspection.type === '@xstate.snapshot') {
    return { type: inspection.type, ...base, event: inspection.event, snapshot: snapshotMessage(inspection.snapshot) }
  }
  const parent = actorRef._parent?.sessionId
  return {
    type: inspection.type,
    ...base,
    name: parent === undefined ? (name ?? 'connection') : actorRef.id,
    definition: definitionOf(actorRef),
    snapshot: snapshotMessage(actorRef.getSnapshot()),
    ...(parent !== undefined && { parentId: parent }),
  }
}

type Observed = Pick<Connection, 'counters' | 'bufferedAmount' | 'status'>

export function figuresOf(
  connection: Observed,
  { dropped, uncertain }: Pick<Figures, 'dropped' | 'uncertain'>,
  session?: ObservableSession,
): Figures {
  const { sent, received, queued, queuedBytes, unread } = connection.counters
  const { attempt, retryAt, ...status } = connection.status
  const wait = 'delay' in status ? numbers({ retryAt, delay: status.delay }) : {}
  const { bufferedAmount } = connection
  return {
    sent,
    received,
    queued,
    queuedBytes,
    bufferedAmount,
    unread,
    dropped,
    uncertain,
    attempt,
    ...wait,
    ...(session !== undefined && { session: sessionFigures(session) }),
  }
}

export const opened = ({ attempt }: OpenEvent): Occurrence => ({ kind: 'open', attempt })

export function closed(event: CloseEvent): Occurrence {
  const { code, wasClean, attempt, willRetry, delay, error, status, uncertain } = event
  const { messages } = uncertain
  const more = { ...numbers({ delay, status }), ...errorCode(error) }
  return { kind: 'close', code, wasClean, attempt, willRetry, uncertain: messages, ...more }
}

export function waiting({ attempt, delay, retryAt, hinted }: BackoffEvent): Occurrence {
  return { kind: 'backoff', attempt, delay, retryAt, hinted }
}

export function failed(error: ConnectionError): Occurrence {
  return { kind: 'error', error: 'ERR_INTERNAL', ...errorCode(error), ...numbers({ status: error.status }) }
}
