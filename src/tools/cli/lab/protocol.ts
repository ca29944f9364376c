import type { InspectionMessage } from '../../inspect/index.js'

// What the process and its page say to each other.

/** Whose server, whose connection. */
export type Side = 'browser' | 'node'

/** A fault, as far as a page shows it. */
export interface FaultLabel {
  readonly name: string
  readonly key: string
  readonly effect: string
}

/** One row of the table. */
export interface Count {
  readonly state: string
  readonly sent: number
  readonly received: number
  readonly queued: number
  readonly lost: number
  /** The last round trip of a message. Milliseconds. */
  readonly rtt?: number
}

/** Told on `/events`, one after the other. */
export type Told =
  | {
      readonly kind: 'hello'
      /** The server that the page's own connection is for. */
      readonly server: string
      readonly faults: readonly FaultLabel[]
      /** The settings in words. */
      readonly settings: readonly string[]
      /** What runs the chart of each side, in words. */
      readonly engines: Readonly<Record<Side, string>>
    }
  /** What is wrong on each side, by somebody's doing. */
  | { readonly kind: 'faults'; readonly faults: Readonly<Record<Side, string | undefined>> }
  | { readonly kind: 'count'; readonly count: Count }
  /** What the connection in the process does, for the viewer. */
  | { readonly kind: 'inspection'; readonly message: InspectionMessage }

/** What the connection in the process is asked to do. */
export type ConnectionAct = 'open' | 'close' | 'reconnect'

/** Asked for by a POST to `/do`. */
export type Order =
  | { readonly act: 'strike'; readonly sides: readonly Side[]; readonly fault: string }
  | { readonly act: 'heal'; readonly sides: readonly Side[] }
  /** The page's link is gone: what struck only that link is over. */
  | { readonly act: 'lost' }
  | { readonly act: ConnectionAct }
