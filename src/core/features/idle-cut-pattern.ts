import { makeError, type ConnectionError } from '../errors.js'
import type { Heartbeat } from '../policies/profile.js'
import type { CloseInfo } from '../transport.js'

/** A link that this side did not end. */
export interface CutLink {
  readonly close: CloseInfo
  /** How long it was open. Milliseconds. */
  readonly lasted: number
  /** Frames received while it was open. */
  readonly frames: number
  readonly pinged: boolean
}

/** The number of cuts that make a pattern. */
const cuts = 3
/** Links shorter than this ended for other reasons. Milliseconds. */
const shortest = 2_000
/** A link with at most this many frames counts as silent: a greeting, replies to first requests. */
const fewFrames = 4

/** The codes of links cut for idleness: no close frame, or Going Away. */
const codes: readonly number[] = [1006, 1001]

/** Detects consecutive links that end after about the same time, with almost no traffic and before the first ping. */
export class IdleCuts {
  #lasted: number[] = []

  /** Returns an error if this link completes the pattern; once, until a link ends in another way. */
  ended({ close, lasted, frames, pinged }: CutLink, { ping, interval }: Heartbeat): ConnectionError | undefined {
    const isLikeOne = codes.includes(close.code) && lasted >= shortest && frames <= fewFrames && !pinged
    const like = this.#lasted.every((each) => Math.abs(each - lasted) <= Math.max(1_000, lasted / 10))
    this.#lasted = !isLikeOne ? [] : like ? [...this.#lasted, lasted].slice(-cuts - 1) : [lasted]
    if (this.#lasted.length !== cuts) return undefined
    const seconds = Math.round(lasted / 1_000)
    const every = ping === 'none' ? Infinity : interval / 1_000
    return makeError('ERR_IDLE_CUT', 'idle-cut', [cuts, seconds, every])
  }
}
