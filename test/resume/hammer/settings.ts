/** What the run does to links, nodes and the store. */
export const faultNames = [
  'links',
  'rogue',
  'kill',
  'stop',
  'cut-store',
  'restart-store',
  'promote-replica',
  'step-down',
] as const
export type FaultName = (typeof faultNames)[number]

export interface HammerSettings {
  readonly store: 'memory' | 'redis' | 'jetstream'
  /** `tx`: the app's database has the effect and the number of its message in one transaction. `handler`: the effect only. */
  readonly effect: 'tx' | 'handler'
  /** Messages in each direction, over all sessions. */
  readonly messages: number
  readonly sessions: number
  /** Processes with clients. */
  readonly drivers: number
  readonly seed: number
  readonly faults: readonly FaultName[]
  /** After this many milliseconds without progress, the run has failed. */
  readonly patience: number
}

export const lease = 2_000

/** How a node reaches its store. */
export interface StoreAccess {
  readonly kind: HammerSettings['store']
  readonly port: number
  readonly lease: number
  /** After a restart or a failover: whether sessions go on, or are lost. */
  readonly epoch: 'replid' | 'session'
  readonly replicas: 1 | 3
}

/** The first argument of a node's process. */
export interface NodeSettings {
  readonly name: string
  readonly store: StoreAccess
  readonly databasePort: number
  readonly effect: HammerSettings['effect']
}

/** To a node: append these messages. To the driver: what became of it. */
export interface AppendOrder {
  readonly order: number
  readonly id: string
  readonly values: readonly number[]
}

export type NodeReport =
  | { readonly type: 'ready'; readonly port: number }
  /** The numbers of the messages, 0 for those that failed. `over`: the session has ended. */
  | { readonly type: 'appended'; readonly order: number; readonly numbers: readonly number[]; readonly over: boolean }
  | { readonly type: 'metrics'; readonly counts: Readonly<Record<string, number>> }

/** The first argument of a driver's process. */
export interface DriverSettings {
  readonly ports: readonly number[]
  /** The first of its sessions, and how many it has. */
  readonly first: number
  readonly sessions: number
  /** Messages per session, in each direction. */
  readonly messages: number
  readonly seed: number
  /** Send what was certainly not handled again, in the next session. */
  readonly resend: boolean
}

export interface LostReport {
  readonly session: number
  readonly reason: string
  readonly delivered: number
  readonly undelivered: readonly number[]
  readonly uncertain: readonly number[]
}

export type DriverReport =
  | { readonly type: 'begun'; readonly session: number; readonly id: string; readonly received: number }
  | ({ readonly type: 'lost' } & LostReport)
  | { readonly type: 'ended'; readonly session: number; readonly why: string }
  | { readonly type: 'progress'; readonly acknowledged: readonly number[]; readonly received: readonly number[] }
  | {
      readonly type: 'result'
      readonly received: readonly Int32Array[]
      readonly counters: Readonly<Record<string, number>>
    }
