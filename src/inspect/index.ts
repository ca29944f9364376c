export { introduce, projectInspection } from '../control/inspection.js'
export type {
  ConnectionInspection,
  InspectedActor,
  InspectedEvent,
  InspectedSnapshot,
  InspectionObserver,
} from '../control/inspection.types.js'
