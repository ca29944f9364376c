import type { AnyActorRef, InspectionEvent } from 'xstate'
import type {
  ConnectionInspection,
  InspectedActor,
  InspectedEvent,
  InspectedSnapshot,
  InspectionObserver,
} from './inspection.types.js'

const contextFields = ['gen', 'failures', 'wait', 'hinted', 'mark', 'why'] as const
const eventFields = ['gen', 'code', 'delay', 'hinted', 'wait'] as const

/** The listed fields, where they hold nothing that could carry more than it says. */
function pick(source: object, fields: readonly string[]): Record<string, string | number | boolean> {
  const picked: Record<string, string | number | boolean> = {}
  for (const field of fields) {
    const value: unknown = (source as Record<string, unknown>)[field]
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') picked[field] = value
  }
  return picked
}

function projectSnapshot(snapshot: unknown): InspectedSnapshot {
  const { status, value, tags, context } = (snapshot ?? { status: 'active' }) as {
    status: InspectedSnapshot['status']
    value?: unknown
    tags?: Set<string>
    context?: object
  }
  // An actor that is no chart has a status and, in `input`, whatever it was started with.
  const bare = { status, output: undefined, error: undefined }
  if (value === undefined) return bare
  return {
    ...bare,
    value: structuredClone(value),
    tags: [...(tags ?? [])],
    context: pick(context ?? {}, contextFields),
  }
}

function projectEvent(event: { readonly type: string }): InspectedEvent {
  return { type: event.type, ...pick(event, eventFields) }
}

/** XState announces an actor before it has a snapshot; its development build throws when asked for it then. */
function snapshotOf(actor: AnyActorRef): unknown {
  try {
    return actor.getSnapshot()
  } catch {
    return undefined
  }
}

function projectActor(actor: AnyActorRef): InspectedActor {
  const snapshot = projectSnapshot(snapshotOf(actor))
  const config = (actor as unknown as { logic?: { config?: unknown } }).logic?.config
  return {
    id: actor.id,
    sessionId: actor.sessionId,
    ...(actor._parent === undefined && typeof config === 'object' && config !== null ? { logic: { config } } : {}),
    ...(actor._parent === undefined ? {} : { _parent: { sessionId: actor._parent.sessionId } }),
    getSnapshot: () => snapshot,
    send: () => {},
  }
}

/** The allow-list: what XState tells of the chart, rebuilt from fields that are known to be harmless. `undefined`: not on the list. */
export function projectInspection(event: InspectionEvent): ConnectionInspection | undefined {
  const { rootId } = event
  const actorRef = projectActor(event.actorRef as AnyActorRef)
  switch (event.type) {
    case '@xstate.actor':
      return { type: event.type, rootId, actorRef }
    case '@xstate.event': {
      const sourceRef = event.sourceRef && projectActor(event.sourceRef as AnyActorRef)
      return { type: event.type, rootId, actorRef, sourceRef, event: projectEvent(event.event) }
    }
    case '@xstate.snapshot': {
      const snapshot = projectSnapshot(event.snapshot)
      return { type: event.type, rootId, actorRef, event: projectEvent(event.event), snapshot }
    }
    default:
      return undefined
  }
}

/** What an observer that comes late has missed: the actors that live, and where they are. */
export function introduce(root: AnyActorRef): ConnectionInspection[] {
  const children = Object.values((root.getSnapshot() as { children: Record<string, AnyActorRef | undefined> }).children)
  return [root, ...children.filter((child) => child !== undefined)].flatMap((actor): ConnectionInspection[] => {
    const actorRef = projectActor(actor)
    const about = { rootId: root.sessionId, actorRef }
    return [
      { type: '@xstate.actor', ...about },
      { type: '@xstate.snapshot', ...about, event: { type: '@xstate.init' }, snapshot: actorRef.getSnapshot() },
    ]
  })
}

/** The observers of one connection, attached and detached at run time; without any, nothing is built. */
export class Inspection {
  readonly #root: AnyActorRef
  readonly #deliver: (task: () => void) => void
  readonly #report: (thrown: unknown) => void

  /** `deliver` runs a task outside the chart, in order. */
  constructor(root: AnyActorRef, deliver: (task: () => void) => void, report: (thrown: unknown) => void) {
    this.#root = root
    this.#deliver = deliver
    this.#report = report
  }

  attach(observer: InspectionObserver): () => void {
    let attached = true
    const tell = (event: ConnectionInspection): void =>
      this.#deliver(() => {
        if (!attached) return
        try {
          const returned: unknown = typeof observer === 'function' ? observer(event) : observer.next?.(event)
          if (returned instanceof Promise) returned.catch(this.#report)
        } catch (thrown) {
          this.#report(thrown)
        }
      })
    for (const event of introduce(this.#root)) tell(event)
    const subscription = this.#root.system.inspect((event) => {
      const projected = projectInspection(event)
      if (projected !== undefined) tell(projected)
    })
    return () => {
      attached = false
      subscription.unsubscribe()
    }
  }
}
