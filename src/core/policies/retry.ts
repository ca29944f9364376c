import type { ConnectionError } from '../errors.js'
import type { CloseInfo } from '../transport.js'
import { retryClassOf } from './close-codes.js'

/** How a link or an attempt ended. */
export interface Loss {
  /** The close code and reason. */
  readonly close: CloseInfo
  /** The cause, if more is known than `close` says. */
  readonly error: ConnectionError | undefined
  /** The HTTP status of a refused upgrade, if the transport could see it. */
  readonly status: number | undefined
  /**
   * The delay that the server asked for in `Retry-After` or in the close reason. Milliseconds, uncapped; `undefined` if it didn't.
   */
  readonly serverDelay?: number | undefined
  /** The number of the attempt that ended, from 1. */
  readonly attempt: number
}

/** The input of a retry policy. */
export interface RetryInput extends Loss {
  /** The default decision. */
  readonly byDefault: boolean
}

/** Decides whether to retry; `undefined` keeps the default. Called synchronously, once per loss. */
export type Retry = (loss: RetryInput) => boolean | undefined

/** The third policy violation in a row ends the connection. */
const rapidLosses = 3

/** The third 404 in a row ends the connection. */
const missingLosses = 3

/** Servers use either status for invalid credentials. */
const isUnauthorised = (status: number | undefined): boolean => status === 401 || status === 403

/**
 * The kind of a loss; consecutive losses of one kind are a streak.
 *
 * A string for a status and a number for a close code, so they never collide. 401 and 403 are one kind.
 */
export function lossKind({ status, close }: Pick<Loss, 'status' | 'close'>): string | number {
  if (isUnauthorised(status)) return 'unauthorised'
  return status === undefined ? close.code : `status ${status}`
}

/**
 * The default retry decision.
 *
 * `fatal`: the transport knows that the same target cannot succeed. `streak`: the number of losses of this kind (`lossKind`) in a row since
 * a link was last stable, including this one.
 */
export function retryByDefault({ fatal, status, close, streak }: Loss & { fatal: boolean; streak: number }): boolean {
  if (fatal) return false
  // The next attempt calls the `url` function again, which may return a fresh token; once.
  if (isUnauthorised(status)) return streak <= 1
  // An ingress also responds with 404 while its server is being replaced.
  if (status === 404) return streak < missingLosses
  if (status === 410 || status === 426) return false
  // Other statuses describe a temporary state.
  if (status !== undefined) return true
  const retry = retryClassOf(close.code)
  return retry === 'rapid' ? streak < rapidLosses : retry !== 'stop'
}

/** Whether the next attempt should wait longer than the backoff. */
export function isSlow({ status, close }: Pick<Loss, 'status' | 'close'>): boolean {
  return status === undefined ? retryClassOf(close.code) === 'slow' : status === 404
}
