import type { Core } from '../core.js'
import type { Feature, FeatureTypes } from '../feature.js'
import type { Readers } from './readers.js'

/** Message totals of a connection, for graphs and status lines. */
export interface Counters {
  /** Messages received, across reconnects. */
  readonly received: number
  /** Messages handed to sockets, across reconnects. Doesn't prove delivery. */
  readonly sent: number
  /** Messages in the send queue now. */
  readonly queued: number
  /** Their size on the wire, in bytes. */
  readonly queuedBytes: number
  /** Messages that a slow reader had no room for, counted once per reader. Each was a `dropped` event. */
  readonly unread: number
}

interface CountersTypes extends FeatureTypes {
  readonly methods: { readonly counters: Counters }
}
/** The type of `counters()`. */
export interface CountersFeature extends Feature<'counters', CountersTypes, never> {}

class Count {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  get counters(): Counters {
    const { received, beats, outgoing, queue } = this.#core
    const readers = this.#core.part('readers') as Readers | undefined
    return {
      received: received - beats,
      sent: outgoing.sent,
      queued: queue.size,
      queuedBytes: queue.bytes ?? 0,
      unread: readers?.lost ?? 0,
    }
  }
}

/** Adds `connection.counters`: message totals. */
export const counters = (): CountersFeature => ({
  name: 'counters',
  members: ['counters'],
  attach: (core) => new Count(core),
})
