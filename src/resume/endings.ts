import { closeCodes } from './protocol.js'
import type { LostReason } from './resume.types.js'

/** The reason for each close code that ends a session. */
export const reasonsByCode: Readonly<Record<number, LostReason | undefined>> = {
  [closeCodes.superseded]: 'superseded',
  [closeCodes.forbidden]: 'forbidden',
  // A message is too large for the server, and would be sent again on each link.
  1009: 'overflow',
}

/** The close code for each reason that also ends the connection. */
export const codesByReason: Readonly<Partial<Record<LostReason, number>>> = {
  superseded: closeCodes.superseded,
  forbidden: closeCodes.forbidden,
}
