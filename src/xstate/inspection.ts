import type { AnyActorRef, InspectionEvent } from 'xstate'
import type { ConnectionInspection, InspectedActor } from '../core/engine/inspection.types.js'
import { projectEvent, projectSnapshot as project, type RawSnapshot } from '../core/engine/projection.js'

const projectSnapshot = (snapshot: unknown) => project((snapshot ?? { status: 'active' }) as RawSnapshot)

/** XState announces an actor before it has a snapshot; its development build throws if you request one. */
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

/** Projects an XState inspection event. `undefined` if it is not on the allow-list. */
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

/** Returns the events that a late observer has missed: the live actors and their current states. */
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

/** Reports the chart's current state, then its inspection events, until the returned function is called. */
export function inspectActor(root: AnyActorRef, listener: (event: ConnectionInspection) => void): () => void {
  for (const event of introduce(root)) listener(event)
  const subscription = root.system.inspect((event) => {
    const projected = projectInspection(event)
    if (projected !== undefined) listener(projected)
  })
  return () => subscription.unsubscribe()
}
