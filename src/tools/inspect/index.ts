import type { ConnectionInspection } from '../../core/engine/inspection.types.js'
import { introduce as introduceActor, projectInspection as project } from '../../xstate/inspection.js'

export type {
  ConnectionInspection,
  InspectedActor,
  InspectedEvent,
  InspectedSnapshot,
  InspectionObserver,
} from '../../core/engine/inspection.types.js'

export type {
  ActorMessage,
  EventMessage,
  Figures,
  FiguresMessage,
  GoneMessage,
  InspectionMessage,
  MessageSnapshot,
  Occurrence,
  OccurrenceMessage,
  SnapshotMessage,
} from './messages.js'
export { linkRelay, type RelayLink, type RelayLinkOptions } from './relay-link.js'
export { observe, type Observable, type ObserveOptions } from './observe.js'
export {
  linkViewer,
  type MessageFromViewer,
  type OwnWindow,
  type ViewerFrame,
  type ViewerLink,
  type ViewerOptions,
  type ViewerWindow,
} from './viewer-link.js'

/** An inspection event of XState, as far as its type matters here: so that whoever reads ours need not have XState's. */
export interface XStateInspection {
  readonly type: string
  readonly rootId: string
  readonly actorRef: object
  readonly sourceRef?: object | undefined
  readonly event?: { readonly type: string }
  readonly snapshot?: object
}

/** The allow-list: what XState tells of the chart, rebuilt from fields that are known to be harmless. `undefined`: not on the list. */
export function projectInspection(event: XStateInspection): ConnectionInspection | undefined {
  return project(event as Parameters<typeof project>[0])
}

/** What an observer that comes late has missed of an actor of the chart: the actors that live, and where they are. */
export function introduce(root: object): ConnectionInspection[] {
  return introduceActor(root as Parameters<typeof introduceActor>[0])
}
