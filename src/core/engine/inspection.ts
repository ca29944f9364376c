import { definition } from '../../../machines/connection.definition.js'
import { names, parents, tags } from '../../../machines/connection.table.js'
import type { ConnectionEvent, ReadyStateTag } from '../../../machines/connection.types.js'
import { onRejection } from '../guards.js'
import type { CompiledEngine, Moment } from './compiled.js'
import type { Engine } from './engine.types.js'
import type {
  ConnectionInspection,
  InspectedActor,
  InspectedEvent,
  InspectedSnapshot,
  InspectionObserver,
} from './inspection.types.js'
import { projectEvent, projectSnapshot } from './projection.js'

/** Runs observers after the chart's event, one at a time. */
export interface InspectionTasks {
  enqueue(task: () => void): void
  fail(code: 'ERR_INSPECTOR', what: string, thrown: unknown): void
}

/**
 * Sends inspection events to an observer, in XState's protocol, until the returned function is called. The first events describe the current
 * state.
 */
export function attachInspector(engine: Engine, tasks: InspectionTasks, observer: InspectionObserver): () => void {
  let attached = true
  const failed = (thrown: unknown): void => tasks.fail('ERR_INSPECTOR', 'an inspector', thrown)
  const emit = (event: ConnectionInspection): void =>
    tasks.enqueue(() => {
      if (!attached) return
      try {
        const returned: unknown = typeof observer === 'function' ? observer(event) : observer.next?.(event)
        onRejection(returned, failed)
      } catch (thrown) {
        failed(thrown)
      }
    })
  const off = engine.inspect === undefined ? watch(engine as CompiledEngine, emit) : engine.inspect(emit)
  return () => {
    attached = false
    off()
  }
}

let sessions = 0
/** The session id of each engine that was ever observed. */
const sessionIds = new WeakMap<CompiledEngine, string>()

function sessionOf(engine: CompiledEngine): string {
  const known = sessionIds.get(engine)
  if (known !== undefined) return known
  const id = `c:${sessions++}`
  sessionIds.set(engine, id)
  return id
}

/** The parts of a state definition that are read here. */
interface DefinedState {
  readonly states?: Readonly<Record<string, DefinedState>>
  readonly after?: object
}

/** The type of the event that XState sends when a state's timer fires. */
function timeUpType(state: number): string {
  const keys = names.split(' ')
  const path: string[] = []
  for (let each = state; parents[each]! >= 0; each = parents[each]!) path.unshift(keys[each]!)
  const defined = path.reduce<DefinedState | undefined>((outer, key) => outer?.states?.[key], definition)
  return `xstate.after.${Object.keys(defined?.after ?? {}).join()}.${[keys[0], ...path].join('.')}`
}

function eventOf(subject: ConnectionEvent | number): InspectedEvent {
  if (typeof subject === 'object') return projectEvent(subject)
  return { type: subject < 0 ? 'xstate.stop' : timeUpType(subject) }
}

const allTags = Object.keys(tags) as ReadyStateTag[]

function rootSnapshot({ snapshot, status }: CompiledEngine): InspectedSnapshot {
  const { value, context } = snapshot
  return projectSnapshot({ status, value, context, tags: allTags.filter((tag) => snapshot.hasTag(tag)) })
}

const actor = (
  sessionId: string,
  snapshot: InspectedSnapshot,
  part: Pick<InspectedActor, 'id' | 'logic' | '_parent'>,
): InspectedActor => ({ sessionId, getSnapshot: () => snapshot, send: () => {}, ...part })

/** Emits the events that XState would emit for its actors: the chart, and the socket while it lives. */
function watch(engine: CompiledEngine, emit: (event: ConnectionInspection) => void): () => void {
  const rootId = sessionOf(engine)
  const root = (): InspectedActor => actor(rootId, rootSnapshot(engine), { id: rootId, logic: { config: definition } })
  const socket = (gen: number, status: InspectedSnapshot['status']): InspectedActor =>
    actor(`${rootId}.${gen}`, projectSnapshot({ status }), { id: 'socket', _parent: { sessionId: rootId } })
  const snapshot = (actorRef: InspectedActor, event: InspectedEvent): void =>
    emit({ type: '@xstate.snapshot', rootId, actorRef, event, snapshot: actorRef.getSnapshot() })
  const introduce = (actorRef: InspectedActor): void => {
    emit({ type: '@xstate.actor', rootId, actorRef })
    snapshot(actorRef, { type: '@xstate.init' })
  }

  const watcher = (moment: Moment, subject: ConnectionEvent | number): void => {
    const gen = subject as number
    const event = { type: 'xstate.init' }
    switch (moment) {
      case 'sent': {
        // Timer events come from the chart itself.
        const actorRef = root()
        const sourceRef = typeof subject === 'number' ? actorRef : undefined
        return emit({ type: '@xstate.event', rootId, actorRef, sourceRef, event: eventOf(subject) })
      }
      case 'spawned':
        return emit({ type: '@xstate.actor', rootId, actorRef: socket(gen, 'active') })
      case 'starting':
        return emit({ type: '@xstate.event', rootId, actorRef: socket(gen, 'active'), sourceRef: root(), event })
      case 'started':
        return snapshot(socket(gen, 'active'), event)
      case 'stopped':
        return snapshot(socket(gen, 'stopped'), { type: 'xstate.stop' })
      case 'taken':
        return snapshot(root(), eventOf(subject))
    }
  }

  introduce(root())
  if (engine.socket !== undefined) introduce(socket(engine.socket, 'active'))
  engine.watchers = [...engine.watchers, watcher]
  return () => {
    engine.watchers = engine.watchers.filter((each) => each !== watcher)
  }
}
