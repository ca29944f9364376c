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

/** The version of Stately's inspection messages that ours are written as. */
export const messageVersion = '0.7.2'

interface About {
  /** Whom it is about. Unique within one process or page. */
  readonly sessionId: string
  /** The connection; the same as `sessionId` but for what it has spawned. */
  readonly rootId: string
  /** In milliseconds since 1970, as text. */
  readonly createdAt: string
  readonly id: null
  readonly _version: string
}

export interface MessageSnapshot {
  readonly status: InspectedSnapshot['status']
  readonly value?: unknown
  readonly tags?: readonly string[]
  readonly context?: Readonly<Record<string, string | number | boolean>>
}

/** There is such an actor. As `@statelyai/inspect` sends it. */
export interface ActorMessage extends About {
  readonly type: '@xstate.actor'
  readonly name: string
  /** The chart as JSON text. */
  readonly definition: string
  readonly snapshot: MessageSnapshot
  readonly parentId?: string
}

/** An event was sent to it. As `@statelyai/inspect` sends it. */
export interface EventMessage extends About {
  readonly type: '@xstate.event'
  readonly event: InspectedEvent
  readonly sourceId?: string
}

/** It has taken an event, and this is where it stands now. As `@statelyai/inspect` sends it. */
export interface SnapshotMessage extends About {
  readonly type: '@xstate.snapshot'
  readonly event: InspectedEvent
  readonly snapshot: MessageSnapshot
}

/** Totals since the connection was made, and since somebody looks where it says so. */
export interface Figures {
  readonly sent: number
  readonly received: number
  readonly queued: number
  readonly queuedBytes: number
  /** The queue's and the socket's bytes. */
  readonly bufferedAmount: number
  readonly unread: number
  /** Messages of `dropped` events, since somebody looks. */
  readonly dropped: number
  /** Messages that may have been lost with their links, since somebody looks. */
  readonly uncertain: number
  readonly attempt: number
  /** In milliseconds since 1970, while a wait lasts. */
  readonly retryAt?: number
  /** How long the present wait is in all. Milliseconds. */
  readonly delay?: number
}

/** What the chart does not count. Sampled; one that would say what the last one said is left out. */
export interface FiguresMessage extends About {
  readonly type: '@statewire.figures'
  /** Milliseconds between samples. */
  readonly every: number
  readonly figures: Figures
}

/** Something happened, in numbers and enumerations. */
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
      /** The attempt to come. */
      readonly attempt: number
      readonly delay: number
      readonly retryAt: number
      readonly hinted: boolean
    }
  | { readonly kind: 'heartbeat'; readonly rtt: number }
  /** Gathered: the messages of one sample. */
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly messages: number }
  | { readonly kind: 'error'; readonly error: ErrorCode; readonly status?: number }

export interface OccurrenceMessage extends About {
  readonly type: '@statewire.occurrence'
  readonly occurrence: Occurrence
}

/** Nobody tells of this connection any more. It says nothing about the connection itself. */
export interface GoneMessage extends About {
  readonly type: '@statewire.gone'
}

/** What is told of a connection; JSON and structured clones carry it, and nothing in it is secret. */
export type InspectionMessage =
  ActorMessage | EventMessage | SnapshotMessage | FiguresMessage | OccurrenceMessage | GoneMessage

/** A `Record`, so that a code that is added to the type and forgotten here does not compile. */
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
}

/** An error that an app has made by hand may say anything as its code. */
const errorCode = (error: ConnectionError | undefined): { error?: ErrorCode } =>
  error !== undefined && Object.keys(errorCodes).includes(error.code) ? { error: error.code } : {}

/** The fields that are numbers: a transport of somebody else's may give anything as a status. */
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

/** All connections have one chart, and it is told of each. */
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

/** What an observer was told, as the message that says it. `name`: how the developer calls the connection. */
export function inspectionMessage(
  told: ConnectionInspection,
  now: number,
  name?: string,
): ActorMessage | EventMessage | SnapshotMessage {
  const { actorRef, rootId } = told
  const base = about(actorRef.sessionId, rootId, now)
  if (told.type === '@xstate.event') {
    const source = told.sourceRef?.sessionId
    return { type: told.type, ...base, event: told.event, ...(source !== undefined && { sourceId: source }) }
  }
  if (told.type === '@xstate.snapshot') {
    return { type: told.type, ...base, event: told.event, snapshot: snapshotMessage(told.snapshot) }
  }
  const parent = actorRef._parent?.sessionId
  return {
    type: told.type,
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
): Figures {
  const { sent, received, queued, queuedBytes, unread } = connection.counters
  const { attempt, retryAt, ...status } = connection.status
  const wait = 'delay' in status ? numbers({ retryAt, delay: status.delay }) : {}
  const { bufferedAmount } = connection
  return { sent, received, queued, queuedBytes, bufferedAmount, unread, dropped, uncertain, attempt, ...wait }
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
