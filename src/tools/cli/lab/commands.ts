import { faultList, type LabFault } from './faults.js'
import type { ConnectionAct, Side } from './protocol.js'

/** What somebody at the page wants, in the terms of this process. */
export type CheckedOrder =
  | { readonly act: 'strike'; readonly sides: readonly Side[]; readonly fault: LabFault }
  | { readonly act: 'heal'; readonly sides: readonly Side[] }
  | { readonly act: 'lost' | ConnectionAct }

const acts: readonly unknown[] = ['lost', 'open', 'close', 'reconnect'] satisfies readonly CheckedOrder['act'][]
const isSide = (value: unknown): value is Side => value === 'browser' || value === 'node'

/** `undefined`: nobody here would ask for that. */
export function parseOrder(text: string): CheckedOrder | undefined {
  let given: { act?: unknown; sides?: unknown; fault?: unknown }
  try {
    given = Object(JSON.parse(text)) as typeof given
  } catch {
    return undefined
  }
  const { act, sides } = given
  if (acts.includes(act)) return { act } as CheckedOrder
  if ((act !== 'strike' && act !== 'heal') || !Array.isArray(sides) || !sides.every(isSide)) return undefined
  if (act === 'heal') return { act, sides }
  const fault = faultList.find(({ name }) => name === given.fault)
  return fault === undefined ? undefined : { act, sides, fault }
}
