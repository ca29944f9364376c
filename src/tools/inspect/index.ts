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
export type { ContinuityOccurrence, ObservableSession, SessionFigures } from './sessions.js'
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

/** The part of an XState inspection event that this module reads, so that its types do not require XState. */
export interface XStateInspection {
  readonly type: string
  readonly rootId: string
  readonly actorRef: object
  readonly sourceRef?: object | undefined
  readonly event?: { readonly type: string }
  readonly snapshot?: object
}

/**
 * Converts an XState inspection event to a `ConnectionInspection`: an allow-list, rebuilt from fields that contain no
 * secrets. `undefined` if the event is not on the list.
 */
export function projectInspection(event: XStateInspection): ConnectionInspection | undefined {
  return project(event as Parameters<typeof project>[0])
}

/**
 * Returns the inspection events that a late observer of a chart's actor has missed: the live actors and their current
 * states.
 */
export function introduce(root: object): ConnectionInspection[] {
  return introduceActor(root as Parameters<typeof introduceActor>[0])
}
