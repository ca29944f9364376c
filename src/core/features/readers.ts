import { bag, count, oneOf } from '../checks.js'
import { asyncIterator, ReaderSet, type Reader, type ReaderBounds, type ReaderOverflow } from './reader.js'
import { Listeners } from '../listeners.js'
import { quickSize } from '../bytes.js'
import { checkSignal } from '../signal-options.js'
import type { MessageData } from '../transport.js'
import type { Connection } from '../connection.types.js'
import type { Core } from '../core.js'
import type { Feature, FeatureTypes, Part } from '../feature.js'
import type { ConnectionState } from '../status.types.js'
import { failureToReader } from './promises.js'
import { messagesDefaults } from './reader-defaults.js'

/** Options of `messages()`. */
export interface MessagesOptions {
  /** The maximum number of unread messages. @default 1_000 */
  limit?: number | undefined
  /**
   * The maximum size of unread messages, in bytes of binary messages plus characters of text, before decoding. The message that exceeds it is
   * still kept.
   * @default 1_048_576
   */
  bytes?: number | undefined
  /**
   * What a full reader does. If the transport can't pause, `pause` discards and reports the oldest message; after `close()`, the newest.
   * @default 'pause'
   */
  overflow?: ReaderOverflow | undefined
  /** Ends the iteration and discards unread messages. */
  signal?: AbortSignal | undefined
}

/** Documented at `Connection`. */
export type ReaderMethods<In> = Pick<Connection<In>, 'messages' | typeof Symbol.asyncIterator>

interface ReadersTypes extends FeatureTypes {
  readonly methods: ReaderMethods<this['In']>
}
/** The type of `readers()`. */
export interface ReadersFeature extends Feature<'readers', ReadersTypes, never> {}

/** The readers of one connection, and how many of them have paused the socket. */
export class Readers implements Part {
  /** Bytes of binary messages plus characters of text delivered to readers, including the current message. */
  size = 0
  /** Messages that a reader had no room for. */
  lost = 0
  readonly #core: Core
  readonly #readers = new ReaderSet<unknown>(this)
  #listeners: Listeners<unknown> | undefined
  #leave: (() => void) | undefined
  #holders = 0
  /** The number of links so far: a pause of an old link doesn't affect the new one. */
  #links = 0
  #pausedAt = 0

  constructor(core: Core) {
    this.#core = core
  }

  messages(options: MessagesOptions = {}): Reader<unknown> {
    const {
      limit = messagesDefaults.limit,
      bytes = messagesDefaults.bytes,
      overflow = messagesDefaults.overflow,
      signal,
    } = bag<MessagesOptions>('messages', options, ['limit', 'bytes', 'overflow', 'signal'])
    const bounds = {
      limit: count('messages.limit', limit, 1),
      bytes: count('messages.bytes', bytes, 1),
      overflow: oneOf('messages.overflow', overflow, ['pause', 'drop-oldest', 'drop-newest']),
    }
    return this.read(bounds, signal === undefined ? {} : { signal: checkSignal('messages.signal', signal) })
  }

  [asyncIterator](): Reader<unknown> {
    return this.messages()
  }

  read(bounds: ReaderBounds, until: { signal?: AbortSignal; ended?: () => void }): Reader<unknown> {
    const reader = this.#readers.create(bounds, until)
    const { state } = this.#core.status
    if (state === 'closing') reader.finish()
    if (state === 'ended') reader.end(failureToReader(this.#core, 'messages()'))
    return reader
  }

  // Called by readers.

  /** Subscribes to messages only while a reader exists. */
  add(listener: (message: unknown) => unknown): () => void {
    if (this.#listeners === undefined) {
      const listeners = (this.#listeners = new Listeners<unknown>((thrown) =>
        this.#core.fail('ERR_INTERNAL', 'a reader', thrown),
      ))
      this.#leave = this.#core.use({
        onDelivered: (message: unknown, data: MessageData) => {
          this.size += quickSize(data)
          listeners.emit(message)
        },
      })
    }
    const remove = this.#listeners.add(listener)
    return () => {
      remove()
      if (this.#listeners?.size !== 0) return
      this.#listeners = undefined
      this.#leave?.()
    }
  }

  unread(data: unknown): void {
    this.lost++
    this.#core.schedule(() => this.#core.events.emit('dropped', { data, reason: 'unread' }))
  }

  /**
   * Pauses reading until the returned function is called. Returns `undefined` without a socket, or if the transport can't pause.
   */
  hold(): (() => void) | undefined {
    const { link } = this.#core.outgoing
    const socket = link?.socket ?? this.#core.attempt?.socket
    if (socket?.pause === undefined || socket.resume === undefined) return undefined
    if (++this.#holders === 1) {
      socket.pause()
      this.#core.paused = true
      this.#pausedAt = this.#core.timers.now()
    }
    const held = this.#links
    let holds = true
    return () => {
      if (!holds || this.#links !== held) return
      holds = false
      if (--this.#holders > 0) return
      socket.resume!()
      this.#resumed()
    }
  }

  #resumed(): void {
    const core = this.#core
    core.paused = false
    // A pause shorter than the time between two checks has delayed no check.
    if (core.attempt === undefined || core.timers.now() - this.#pausedAt < core.heartbeat.interval / 2) return
    core.chart({ type: 'socket.resumed', gen: core.gen })
  }

  // Moments.

  onLinked(): void {
    this.#readers.forgetPauses()
  }

  /** Pauses end with their socket. */
  onEnd(): undefined {
    this.#links++
    this.#holders = 0
    this.#core.paused = false
  }

  onState(state: ConnectionState): void {
    if (state === 'closing') this.#readers.finish()
  }

  onSettled(): void {
    this.#readers.end(() => failureToReader(this.#core, 'messages()'))
  }
}

/** Adds `messages()` and `for await`, with bounded buffers: a slow reader slows the server down. */
export const readers = (): ReadersFeature => ({
  name: 'readers',
  members: ['messages', asyncIterator],
  attach: (core) => new Readers(core),
})
