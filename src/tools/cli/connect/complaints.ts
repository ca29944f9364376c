import type { ConnectionStatus } from '../../../index.js'
import { counted } from '../status/ending.js'
import { because } from '../status/present.js'
import { hintFor } from './hints.js'

/** Close codes of a normal end. */
export const normal: readonly number[] = [1000, 1001, 1005]

/** What a run has to answer for at its end. */
export interface Outcome {
  readonly status: ConnectionStatus
  readonly failures: readonly (string | undefined)[]
  readonly wasOpen: boolean
  /** Messages that no link took. */
  readonly unsent: number
  /** Messages that the session's server has certainly not handled. */
  readonly undelivered: number
  /** Messages that may not have arrived. */
  readonly uncertain: number
  /** A message was expected, and none came. */
  readonly isEmpty: boolean
}

/** Everything that makes the exit code 1. */
export function complaintsOf(outcome: Outcome): string[] {
  const { status, failures, wasOpen, unsent, undelivered, uncertain, isEmpty } = outcome
  const complaints = failures.filter((each) => each !== undefined)
  const { loss } = status
  const refused = status.why !== 'close' && !(loss?.close.wasClean && normal.includes(loss.close.code))
  if (refused) complaints.push(`ended: ${because(status)}`)
  const hint = refused && loss !== undefined && !wasOpen ? hintFor(loss) : undefined
  if (hint !== undefined) complaints.push(hint.remedy)
  if (unsent > 0) complaints.push(`${counted(unsent, 'message')} not sent`)
  if (undelivered > 0) complaints.push(`${counted(undelivered, 'message')} not handled by the server`)
  if (uncertain > 0) complaints.push(`${counted(uncertain, 'message')} may not have arrived`)
  if (isEmpty && complaints.length === 0) complaints.push('no message arrived')
  return complaints
}
