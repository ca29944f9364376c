import { isTransient, pause, type JetStream } from './jetstream-api.js'
import type { StoreNode } from './store.js'

export interface JetStreamSettings {
  readonly prefix: string
  readonly lease: number
  readonly replicas: number
  readonly storage: 'file' | 'memory'
}

/** How far the clocks of the nodes may differ, as a part of the ttl. */
export const skewOf = (ttl: number): number => ttl / 10

const week = 604_800_000

/** Creates the streams, or updates them if the limits have changed. */
export async function makeStreams(api: JetStream, settings: JetStreamSettings, limits: StoreNode): Promise<void> {
  const { prefix, lease, replicas, storage } = settings
  const { ttl, tombstone, topic } = limits
  const nanoseconds = (ms: number): number => Math.round(Math.max(100, ms) * 1e6)
  const remembered = nanoseconds(ttl + tombstone + skewOf(ttl) + 1_000)
  const kept = nanoseconds(ttl)
  // Messages are dropped when their session ends. This is for sessions that expired while no node that lives had used them.
  const orphaned = nanoseconds(ttl + tombstone + week)
  // Replication lets entries pass that count for nothing, a few for each node.
  const more = replicas > 1 ? 31 : 0
  const streams = [
    // Sessions, and the messages for their clients. A commit within each ttl renews the session, and its last number.
    { name: 'meta', subjects: ['m.*'], max_age: remembered, max_msgs_per_subject: 1 + more },
    { name: 'out', subjects: ['o.*'], max_age: orphaned },
    // The numbers of messages by key, for those that were dropped.
    { name: 'keys', subjects: ['k.*.*'], max_age: kept, max_msgs_per_subject: 1 },
    // One more, for the mark that begins a topic.
    { name: 'topics', subjects: ['t.*'], max_msgs_per_subject: topic.messages + 1 + more },
    // Kept like the others: after a restart of the only server, no node could renew its lease or ask for another's.
    { name: 'leases', subjects: ['l.*'], max_age: nanoseconds(lease), max_msgs_per_subject: 1 },
  ]
  const until = performance.now() + 10_000
  for (const { name, subjects, ...rest } of streams) {
    const stream = `${prefix}-${name}`
    const config = {
      storage,
      num_replicas: replicas,
      ...rest,
      name: stream,
      subjects: subjects.map((subject) => `${prefix}.${subject}`),
    }
    for (;;) {
      try {
        await api.jsm.streams.add(config)
        break
      } catch (thrown) {
        const { code } = thrown as { readonly code?: unknown }
        // It exists, with other limits.
        if (code === 10058) {
          await api.jsm.streams.update(stream, config)
          break
        }
        // A cluster that has just started has too few servers for the replicas yet.
        if (!(isTransient(thrown) || code === 10005) || performance.now() > until) throw thrown
        await pause(100)
      }
    }
  }
}
