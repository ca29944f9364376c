import type { ConnectionError } from '../errors.js'
import type { CloseInfo } from '../transport.js'
import { retryClassOf } from './close-codes.js'

/** How an attempt or a link ended. */
export interface Loss {
  readonly close: CloseInfo
  /** What went wrong, where more is known than the close tells. */
  readonly error: ConnectionError | undefined
  /** The HTTP status of a refused upgrade, where the transport could see it. */
  readonly status: number | undefined
  /** How long the server asked to be left alone, by `Retry-After` or in the close reason. Milliseconds, not capped; `undefined`: it did not ask. */
  readonly serverDelay?: number | undefined
  /** The attempt that ended; 1 is the first. */
  readonly attempt: number
}

export interface RetryInput extends Loss {
  /** What happens unless you say otherwise. */
  readonly byDefault: boolean
}

/** Whether to try again; `undefined` keeps the default. */
export type Retry = (loss: RetryInput) => boolean | undefined

/** The policy violation in a row that is not met with another attempt. */
const rapidLosses = 3

/** The 404 in a row that is not met with another attempt. */
const missingLosses = 3

/** Servers use either for "not with these credentials". */
const isUnauthorised = (status: number | undefined): boolean => status === 401 || status === 403

/**
 * What counts as the same kind of loss: losses of one kind in a row are a streak.
 *
 * A status is text and a close code a number, so that the two never meet; 401 and 403 are one kind.
 */
export function lossKind({ status, close }: Pick<Loss, 'status' | 'close'>): string | number {
  if (isUnauthorised(status)) return 'unauthorised'
  return status === undefined ? close.code : `status ${status}`
}

/**
 * Whether a loss is followed by another attempt, unless the app's `retry` says otherwise.
 *
 * `fatal`: the transport knows that the same target cannot succeed. `streak`: how many losses of this kind (`lossKind`)
 * in a row since the link was last stable, this one included.
 */
export function retryByDefault({ fatal, status, close, streak }: Loss & { fatal: boolean; streak: number }): boolean {
  if (fatal) return false
  // The next attempt asks the URL provider again, which may have a fresh token; it gets that one chance.
  if (isUnauthorised(status)) return streak <= 1
  // An ingress whose server is being replaced says so too, for a while.
  if (status === 404) return streak < missingLosses
  if (status === 410 || status === 426) return false
  // Any other answer to the upgrade is the server's present state, not its last word.
  if (status !== undefined) return true
  const retry = retryClassOf(close.code)
  return retry === 'rapid' ? streak < rapidLosses : retry !== 'stop'
}

/** Whether the next attempt is to leave the server in peace for longer than the backoff would. */
export function isSlow({ status, close }: Pick<Loss, 'status' | 'close'>): boolean {
  return status === undefined ? retryClassOf(close.code) === 'slow' : status === 404
}
