import { makeError, type ConnectionError } from '../errors.js'
import type { Heartbeat } from '../policies/profile.js'
import type { CloseInfo } from '../transport.js'

/** A link that has ended by itself. */
export interface CutLink {
  readonly close: CloseInfo
  /** How long it was open. Milliseconds. */
  readonly lasted: number
  /** Frames that came while it was open. */
  readonly frames: number
  readonly pinged: boolean
}

/** What it takes to be more than a coincidence. */
const cuts = 3
/** A server that closes at once has other reasons. Milliseconds. */
const shortest = 2_000
/** As many frames may come when a link begins, and say nothing of its silence: a greeting, the answers to first requests. */
const fewFrames = 4

/** How links end that were cut off or dropped for being idle: no close frame, or Going Away. */
const codes: readonly number[] = [1006, 1001]

/** Notices that link after link ends after about the same time, with next to no traffic and before the first ping. */
export class IdleCuts {
  #lasted: number[] = []

  /** What to tell of this one, if it makes the pattern plain: once, until a link ends in another way. */
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
