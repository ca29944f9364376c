import { checkStreams, readableOf, writableOf, type WritableSink, type WritableView } from './whatwg-streams.js'
import type { Connection } from '../connection.types.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, Part } from '../feature.js'
import type { BackpressureMethods } from './backpressure.js'
import { messagesDefaults } from './reader-defaults.js'
import type { Readers } from './readers.js'

/** Documented at `Connection`. */
export type StreamMethods<In, Out> = Pick<Connection<In, Out>, 'readable' | 'writable'>

interface StreamTypes extends FeatureTypes {
  readonly methods: StreamMethods<this['In'], this['Out']>
}
/** The type of `streams()`. */
export interface StreamsFeature extends Feature<'streams', StreamTypes, 'readers' | 'backpressure'> {}

/** Creates each stream lazily and forgets it once it is over. */
class Streams implements Part, WritableSink<unknown> {
  readonly #core: Core
  #readable: ReadableStream<unknown> | undefined
  #writable: WritableView<unknown> | undefined

  constructor(core: Core) {
    this.#core = core
  }

  get readable(): ReadableStream<unknown> {
    if (this.#readable !== undefined) return this.#readable
    checkStreams('ReadableStream')
    const readers = this.#core.part('readers') as Readers
    const readable = readableOf(readers.read(messagesDefaults, { ended: () => (this.#readable = undefined) }))
    // Not cached if the connection has ended: after reopening, a new stream is created.
    if (!this.#hasEnded) this.#readable = readable
    return readable
  }

  get writable(): WritableStream<unknown> {
    checkStreams('WritableStream')
    const view =
      this.#writable ??
      writableOf(this, this.#core.codec !== undefined, () => {
        // A newer stream may exist already.
        if (this.#writable === view) this.#writable = undefined
      })
    if (this.#hasEnded) view.controller.error(this.#core.over('writable'))
    else this.#writable = view
    return view.stream
  }

  get #hasEnded(): boolean {
    return this.#core.status.state === 'ended'
  }

  send(message: unknown): 'sent' | 'queued' | 'dropped' {
    return this.#core.outgoing.send(message, undefined)
  }

  drained(until: { signal?: AbortSignal | undefined }): Promise<void> {
    return (this.#core.part('backpressure') as Part & BackpressureMethods).drained(until)
  }

  onSettled(): void {
    this.#writable?.controller.error(this.#core.over('writable'))
    this.#writable = undefined
  }
}

/** Adds `readable` and `writable`, WHATWG streams. Needs `readers()` and `backpressure()`. */
export const streams = (): StreamsFeature => ({
  name: 'streams',
  needs: ['readers', 'backpressure'],
  members: ['readable', 'writable'],
  attach: (core) => new Streams(core),
})
