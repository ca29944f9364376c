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
  /** Passed to a socket and never received. Each was reported as uncertain. */
  lost: number
  /** Reported as uncertain, lost or not. */
  uncertain: number
  heard: number
}
