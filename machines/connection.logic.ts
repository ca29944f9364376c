import type { ConnectionContext, ConnectionEvent, SocketInput, Why } from './connection.types.js'

// The chart's guards, updates and delays as plain functions, shared by the XState chart and the compiled table.

/** The input of these functions. */
export interface Given {
  readonly context: ConnectionContext
  readonly event: ConnectionEvent
}

/** The changed fields of the context. */
export type ContextUpdate = Readonly<Partial<ConnectionContext>>

// Updates.

export const nextGeneration = ({ context }: Given): ContextUpdate => ({ gen: context.gen + 1 })

/** Computed at compile time, because it depends only on its parameters. */
export const because = (_: Given, { why }: { why: Why }): ContextUpdate => ({ why })

export const countFailure = ({ context }: Given): ContextUpdate => ({ failures: context.failures + 1 })

export const forgetFailures = (): ContextUpdate => ({ failures: 0 })

export const saveCount = ({ context }: Given): ContextUpdate => ({ lastCount: context.host.livenessCount })

export const takeDecision = ({ event }: Given): ContextUpdate =>
  event.type === 'policy.retry' ? { wait: event.delay, hinted: event.hinted } : {}

export const takeWait = ({ event }: Given): ContextUpdate =>
  'wait' in event ? { wait: event.wait, hinted: false } : {}

// Guards.

export const current = ({ context, event }: Given): boolean => 'gen' in event && event.gen === context.gen

export const ownDelay = ({ context }: Given): boolean => !context.hinted

export const heard = ({ context }: Given): boolean =>
  context.host.trafficCounts && context.host.livenessCount !== context.lastCount

export const paused = ({ context }: Given): boolean => context.host.paused

export const moving = ({ context }: Given): boolean => context.host.moving

export const canPing = ({ context }: Given): boolean => context.host.canPing

export const canPingCurrent = (given: Given): boolean => canPing(given) && current(given)

export const dialledOffline = ({ context }: Given): boolean => context.host.dialledOffline

// Delays. Milliseconds.

export const wait = ({ context }: Given): number => context.wait

export const connectTimeout = ({ context }: Given): number => context.host.connectTimeout(context.failures)

export const closeTimeout = ({ context }: Given): number => context.host.closeTimeout

export const stableAfter = ({ context }: Given): number => context.host.stableAfter

export const checkInterval = ({ context }: Given): number => context.host.checkInterval

export const timeout = ({ context }: Given): number => context.host.timeout

export const probe = ({ context }: Given): number => context.host.probe

export const grace = ({ context }: Given): number => context.host.grace

/** The input of the actor `socket`. */
export const socket = ({ context }: Pick<Given, 'context'>): SocketInput => ({ host: context.host, gen: context.gen })
