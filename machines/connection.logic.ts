import type { ConnectionContext, ConnectionEvent, SocketInput, Why } from './connection.types.js'

// What the chart computes: guards, updates and delays as plain functions. The XState chart and the compiled table share them.

/** What each of these functions may read. */
export interface Given {
  readonly context: ConnectionContext
  readonly event: ConnectionEvent
}

/** What an update changes of the context. */
export type ContextUpdate = Readonly<Partial<ConnectionContext>>

// Updates.

export const nextGeneration = ({ context }: Given): ContextUpdate => ({ gen: context.gen + 1 })

/** Computed when the chart is compiled, because it depends on its parameters only. */
export const because = (_: Given, { why }: { why: Why }): ContextUpdate => ({ why })

export const countFailure = ({ context }: Given): ContextUpdate => ({ failures: context.failures + 1 })

export const forgetFailures = (): ContextUpdate => ({ failures: 0 })

export const markProofs = ({ context }: Given): ContextUpdate => ({ mark: context.port.proofs })

export const takeVerdict = ({ event }: Given): ContextUpdate =>
  event.type === 'policy.retry' ? { wait: event.delay, hinted: event.hinted } : {}

export const takeWait = ({ event }: Given): ContextUpdate =>
  'wait' in event ? { wait: event.wait, hinted: false } : {}

// Guards.

export const current = ({ context, event }: Given): boolean => 'gen' in event && event.gen === context.gen

export const ownDelay = ({ context }: Given): boolean => !context.hinted

export const heard = ({ context }: Given): boolean => context.port.trafficCounts && context.port.proofs !== context.mark

export const paused = ({ context }: Given): boolean => context.port.paused

export const moving = ({ context }: Given): boolean => context.port.moving

export const canPing = ({ context }: Given): boolean => context.port.canPing

export const canPingCurrent = (given: Given): boolean => canPing(given) && current(given)

export const dialledOffline = ({ context }: Given): boolean => context.port.dialledOffline

// Delays. Milliseconds.

export const wait = ({ context }: Given): number => context.wait

export const connectTimeout = ({ context }: Given): number => context.port.connectTimeout(context.failures)

export const closeTimeout = ({ context }: Given): number => context.port.closeTimeout

export const stableAfter = ({ context }: Given): number => context.port.stableAfter

export const look = ({ context }: Given): number => context.port.look

export const timeout = ({ context }: Given): number => context.port.timeout

export const probe = ({ context }: Given): number => context.port.probe

export const grace = ({ context }: Given): number => context.port.grace

/** The input of the actor `socket`. */
export const socket = ({ context }: Pick<Given, 'context'>): SocketInput => ({ port: context.port, gen: context.gen })
