import type { Mutant } from './mutants.js'
import type { Over } from './settings.js'
import type { Tracker } from './tracker.js'

export interface LaneOptions {
  readonly over: Over
  readonly seed: number
  readonly tracker: Tracker
  readonly mutant: Mutant | undefined
  /** Ends the lane early. */
  readonly signal: AbortSignal
}

export interface Figures {
  reconnects: number
  dials: number
  accepted: number
  queued: number
  dropped: number
  received: number
  /** Not received, and counted as uncertain. */
  uncertain: number
  /** Not received, and on their way while a frame came in: the statement of the library leaves these out. */
  crossed: number
  heard: number
}
