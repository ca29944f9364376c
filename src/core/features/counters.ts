import type { Core } from '../core.js'
import type { Feature, FeatureTypes } from '../feature.js'
import type { Readers } from './readers.js'

/** Running totals, for graphs and status lines. */
export interface Counters {
  readonly received: number
  readonly sent: number
  readonly queued: number
  readonly queuedBytes: number
  /** Came in and found no room with a reader that was too slow; each was a `dropped` event. */
  readonly unread: number
}

interface CountersTypes extends FeatureTypes {
  readonly methods: { readonly counters: Counters }
}
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

/** `connection.counters`. */
export const counters = (): CountersFeature => ({
  name: 'counters',
  members: ['counters'],
  attach: (core) => new Count(core),
})
