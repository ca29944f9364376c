import type { InspectionMessage } from '../../inspect/index.js'
import { faultList, type LabFault } from './faults.js'

// The messages between the lab's process and its page.

/** The connection in the page, or the one in Node; each has a server of its own. */
export type Side = 'browser' | 'node'

/** A node with sessions. */
export type NodeName = 'A' | 'B'

/** What the page shows of a fault. */
export interface FaultLabel {
  readonly name: string
  readonly key: string
  readonly effect: string
}

/** The state of one connection and the fate of its messages. */
export interface Count {
  readonly state: string
  /** Why it is in that state. */
  readonly why: string
  /** When the next attempt starts. Empty if none is scheduled. */
  readonly next: string
  readonly sent: number
  readonly echoed: number
  readonly queued: number
  readonly uncertain: number
  readonly dropped: number
  /** The last round trip of a message. Milliseconds. */
  readonly rtt?: number
}

/** Streamed from `/events`. */
export type Told =
  | {
      readonly kind: 'hello'
      /** The server for the page's own connection. */
      readonly server: string
      /** The nodes for the page's own connection, if it uses a session. */
      readonly nodes: readonly { readonly name: NodeName; readonly url: string }[]
      /** What the session shows, in words. */
      readonly session: string
      readonly faults: readonly FaultLabel[]
      /** The settings in words. */
      readonly settings: string
      /** What happens to messages, and what the counts mean, in words. */
      readonly terms: string
      /** The name of each side's engine. */
      readonly engines: Readonly<Record<Side, string>>
    }
  /** The active fault of each side. */
  | { readonly kind: 'faults'; readonly faults: Readonly<Record<Side, string | undefined>> }
  /** Which nodes run. */
  | { readonly kind: 'nodes'; readonly up: Readonly<Record<NodeName, boolean>> }
  | { readonly kind: 'count'; readonly count: Count }
  /** An inspection message of the connection in Node, for the viewer. */
  | { readonly kind: 'inspection'; readonly message: InspectionMessage }

/** A method of the connection in Node. */
export type ConnectionAct = 'open' | 'close' | 'reconnect'

/** What can be done to a node with sessions. */
export type NodeAct = 'kill-node' | 'start-node'

/** Sent by the page: a POST to `/do`. */
export type PageCommand =
  | { readonly act: 'inject'; readonly sides: readonly Side[]; readonly fault: string }
  | { readonly act: 'heal'; readonly sides: readonly Side[] }
  /** The page's link was lost, which ends a fault of that link. */
  | { readonly act: 'link-lost' }
  | { readonly act: NodeAct; readonly node: NodeName }
  | { readonly act: ConnectionAct }

/** A valid command, with its fault looked up. */
export type CheckedCommand =
  | { readonly act: 'inject'; readonly sides: readonly Side[]; readonly fault: LabFault }
  | Exclude<PageCommand, { readonly act: 'inject' }>

const acts: readonly unknown[] = ['link-lost', 'open', 'close', 'reconnect'] satisfies readonly Exclude<
  CheckedCommand['act'],
  NodeAct
>[]
const isSide = (value: unknown): value is Side => value === 'browser' || value === 'node'

/** Parses and checks a command. Returns `undefined` if it is invalid. */
export function parseCommand(text: string): CheckedCommand | undefined {
  let given: { act?: unknown; sides?: unknown; fault?: unknown; node?: unknown }
  try {
    given = Object(JSON.parse(text)) as typeof given
  } catch {
    return undefined
  }
  const { act, sides, node } = given
  if (acts.includes(act)) return { act } as CheckedCommand
  if (act === 'kill-node' || act === 'start-node') return node === 'A' || node === 'B' ? { act, node } : undefined
  if ((act !== 'inject' && act !== 'heal') || !Array.isArray(sides) || !sides.every(isSide)) return undefined
  if (act === 'heal') return { act, sides }
  const fault = faultList.find(({ name }) => name === given.fault)
  return fault === undefined ? undefined : { act, sides, fault }
}
