import { createHash, randomBytes } from 'node:crypto'
import type { jetstream, JetStreamClient, JetStreamManager, StoredMsg } from '@nats-io/jetstream'

/** A connection to NATS, such as `connect` of `@nats-io/transport-node` returns. */
export type NatsConnection = Parameters<typeof jetstream>[0]

export interface JetStream {
  readonly nc: NatsConnection
  readonly js: JetStreamClient
  readonly jsm: JetStreamManager
}

/** Someone else has written to the subject since it was read. */
export function isConflict(thrown: unknown): boolean {
  const code = (thrown as { readonly code?: unknown } | null)?.code
  return code === 10071 || code === 10164
}

/** Whether the server may be electing a leader, so that it is worth asking again. What was asked may have happened. */
export function isTransient(thrown: unknown): boolean {
  const { name, code } = (thrown ?? {}) as { readonly name?: string; readonly code?: unknown }
  // 10008: JetStream is temporarily unavailable. 10074, 10077: the stream is offline, or could not store the message.
  if (name === 'JetStreamApiError') return code === 10008 || code === 10074 || code === 10077
  // Without a leader, the client believes that JetStream is not enabled.
  const names = ['TimeoutError', 'NoRespondersError', 'RequestError', 'JetStreamNotEnabled']
  return names.includes(name ?? '') || code === 503
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Distinguishes the messages of this process, to find out whether one was stored. */
export const newNonce = (): string => randomBytes(6).toString('base64url')

export const newEpoch = (): string => randomBytes(9).toString('base64url')

/** A name as a part of a subject. */
export function token(name: string): string {
  return /^[\w-]{1,64}$/.test(name) ? name : `=${createHash('sha256').update(name).digest('base64url')}`
}

/** The last message of a subject, the first one from a place on, or the one at a place. */
export type Query =
  { readonly last_by_subj: string } | { readonly next_by_subj: string; readonly seq: number } | { readonly seq: number }

/** Repeats what can be repeated, while there is no leader. */
export async function patiently<T>(patience: number, call: () => Promise<T>): Promise<T> {
  for (const until = performance.now() + patience; ;) {
    try {
      return await call()
    } catch (thrown) {
      if (!isTransient(thrown) || performance.now() > until) throw thrown
      await pause(50)
    }
  }
}

/** A read from the leader, which has everything that was acknowledged. */
export function read({ jsm }: JetStream, stream: string, query: Query, patience: number): Promise<StoredMsg | null> {
  return patiently(patience, () => jsm.streams.getMessage(stream, query))
}
