import type { AnyActorRef, InspectionEvent } from 'xstate'
import type {
  ConnectionInspection,
  InspectedActor,
  InspectedEvent,
  InspectedSnapshot,
  InspectionObserver,
} from './inspection.types.js'
import { onRejection } from '../guards.js'
import type { Outbox } from './outbox.js'

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
    value: copy(value),
    tags: [...(tags ?? [])],
    context: pick(context ?? {}, contextFields),
  }
}

/** A state by its name, or states of states. React Native has no `structuredClone`. */
function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)]))
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
  const parent = actor._parent
  const config = (actor as unknown as { logic?: { config?: unknown } }).logic?.config
  return {
    id: actor.id,
    sessionId: actor.sessionId,
    getSnapshot: () => snapshot,
    send: () => {},
    ...(parent !== undefined
      ? { _parent: { sessionId: parent.sessionId } }
      : typeof config === 'object' && config !== null && { logic: { config } }),
  }
}

/** The allow-list: what XState tells of the chart, rebuilt from fields that are known to be harmless. `undefined`: not on the list. */
export function projectInspection(event: InspectionEvent): ConnectionInspection | undefined {
  const { rootId } = event
  const about = { rootId, actorRef: projectActor(event.actorRef as AnyActorRef) }
  if (event.type === '@xstate.actor') return { type: event.type, ...about }
  if (event.type === '@xstate.event') {
    const sourceRef = event.sourceRef && projectActor(event.sourceRef as AnyActorRef)
    return { type: event.type, ...about, sourceRef, event: projectEvent(event.event) }
  }
  if (event.type !== '@xstate.snapshot') return undefined
  return { type: event.type, ...about, event: projectEvent(event.event), snapshot: projectSnapshot(event.snapshot) }
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

/**
 * Shows the chart to an observer, which is told outside of it, in order, until the returned function is called. Without
 * an observer nothing is built.
 */
export function attachInspector(
  root: AnyActorRef,
  outbox: Pick<Outbox, 'push' | 'fail'>,
  observer: InspectionObserver,
): () => void {
  let attached = true
  const failed = (thrown: unknown): void => outbox.fail('ERR_INSPECTOR', 'an inspector', thrown)
  const tell = (event: ConnectionInspection): void =>
    outbox.push(() => {
      if (!attached) return
      try {
        const returned: unknown = typeof observer === 'function' ? observer(event) : observer.next?.(event)
        onRejection(returned, failed)
      } catch (thrown) {
        failed(thrown)
      }
    })
  for (const event of introduce(root)) tell(event)
  const subscription = root.system.inspect((event) => {
    const projected = projectInspection(event)
    if (projected !== undefined) tell(projected)
  })
  return () => {
    attached = false
    subscription.unsubscribe()
  }
}
