import { bag } from '../checks.js'
import { makeError } from '../errors.js'
import type { SendData, MessageData } from '../transport.js'
import type { Connection } from '../connection.types.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes } from '../feature.js'

/** The outcome of one `sendMany`. Each message is counted once. */
export interface SendCounts {
  /** Taken by the socket, which doesn't prove delivery. */
  readonly sent: number
  /** Waiting for the socket. */
  readonly queued: number
  /** Discarded; each was a `dropped` event. */
  readonly dropped: number
}

/** Documented at `Connection`. */
export type BatchMethods<Out> = Pick<Connection<MessageData, Out>, 'sendMany'>

interface BatchTypes extends FeatureTypes {
  readonly methods: BatchMethods<this['Out']>
}
/** The type of `batch()`. */
export interface BatchFeature extends Feature<'batch', BatchTypes, 'richQueue'> {}

class Batches {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  sendMany(messages: Iterable<unknown>, options?: object): SendCounts {
    const core = this.#core
    const { outgoing, queue } = core
    core.mustAccept('sendMany()')
    if (options !== undefined) {
      bag('send', options, ['ttl'] as never[])
      for (const part of core.parts) part.onSend?.(options)
    }
    const batch = Array.from(checkBatch(messages), (message) => ({ message, data: outgoing.encode(message) }))
    // The iterable is app code and may have closed the connection.
    core.mustAccept('sendMany()')
    const counts = { sent: 0, queued: 0, dropped: 0 }
    core.run(() => {
      // Checked once, so the high-water mark doesn't split a batch.
      const link = outgoing.open
      const room = link === undefined ? 0 : core.roomFor(batch.length)
      // What the features don't let through is queued, if it all fits.
      if (room < batch.length) queue.admit?.(batch.slice(room).map(({ data }) => data))
      let next = 0
      for (; link !== undefined && next < room; next++) {
        const { message, data } = batch[next]!
        const written = outgoing.write(link, message, data, options)
        if (written === false) break
        if (written !== true) outgoing.drop({ message, options }, 'refused')
        counts[written === true ? 'sent' : 'dropped']++
      }
      const rest = batch.slice(next)
      // Only if nothing was sent can the batch be rejected; otherwise messages without room are dropped.
      if (next === 0 && room > 0) queue.admit?.(rest.map(({ data }) => data))
      for (const { message, data } of rest) counts[this.#keep(message, data, options)]++
    })
    return counts
  }

  #keep(message: unknown, data: SendData, options: object | undefined): 'queued' | 'dropped' {
    const { outgoing } = this.#core
    try {
      return outgoing.keep(message, data, options)
    } catch {
      outgoing.drop({ message, options }, 'overflow')
      return 'dropped'
    }
  }
}

/** Rejects strings, which are iterables of characters. */
function checkBatch(messages: Iterable<unknown>): Iterable<unknown> {
  const given: unknown = messages
  if (typeof given === 'object' && given !== null && Symbol.iterator in given) return messages
  throw makeError('ERR_DATA', 'not-iterable', [typeof given])
}

/** Adds `sendMany`, which accepts a whole batch or none of it. Needs `richQueue()`. */
export const batch = (): BatchFeature => ({
  name: 'batch',
  needs: ['richQueue'],
  members: ['sendMany'],
  attach: (core) => new Batches(core),
})
