import type { AnyActorRef, InspectionEvent } from 'xstate'
import type { ConnectionInspection, InspectedActor } from '../core/engine/inspection.types.js'
import { projectEvent, projectSnapshot as project, type RawSnapshot } from '../core/engine/projection.js'

const projectSnapshot = (snapshot: unknown) => project((snapshot ?? { status: 'active' }) as RawSnapshot)

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

/** What XState tells of the chart, projected. `undefined`: not on the list. */
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

/** Tells what an actor of the chart does, and first where it is, until the returned function is called. */
export function inspectActor(root: AnyActorRef, tell: (event: ConnectionInspection) => void): () => void {
  for (const event of introduce(root)) tell(event)
  const subscription = root.system.inspect((event) => {
    const projected = projectInspection(event)
    if (projected !== undefined) tell(projected)
  })
  return () => subscription.unsubscribe()
}
