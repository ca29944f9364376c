import { onAbort } from '../abort-signals.js'
import { Fifo } from '../lists.js'

/**
 * Older Hermes has no `Symbol.asyncIterator`; Babel's `for await` looks for this name there. A computed name would be `undefined`.
 */
export const asyncIterator: typeof Symbol.asyncIterator = Symbol.asyncIterator ?? ('@@asyncIterator' as never)

/**
 * What a full reader does: `pause` stops the socket if the transport can; the others discard the oldest or the newest message.
 */
export type ReaderOverflow = 'pause' | 'drop-oldest' | 'drop-newest'

/** The limits of a reader. */
export interface ReaderBounds {
  /** Messages. */
  readonly limit: number
  /** Bytes of binary messages plus characters of text, before decoding. */
  readonly bytes: number
  readonly overflow: ReaderOverflow
}

/** Messages that a runtime may already have parsed when it is paused: 64 KiB of the smallest. */
const surplus = 32_768

export interface InboxSource<In> {
  /** The total received so far, including the current message. Bytes of binary messages plus characters of text. */
  readonly size: number
  /** Subscribes to messages and returns a function that unsubscribes. */
  add(listener: (message: In) => unknown): () => void
  /** Pauses reading until the returned function is called; returns `undefined` if the transport can't pause. */
  hold(): (() => void) | undefined
  /** Reports a message that had no room. */
  unread(message: In): void
}

const none: readonly never[] = []

/** All readers of one connection. */
export class ReaderSet<In> {
  readonly #source: InboxSource<In>
  /** Created lazily; most connections have no readers. */
  #readers: Set<Reader<In>> | undefined

  constructor(source: InboxSource<In>) {
    this.#source = source
  }

  create(bounds: ReaderBounds, { signal, ended }: { signal?: AbortSignal; ended?: () => void } = {}): Reader<In> {
    let forget: (() => void) | undefined
    const reader = new Reader(this.#source, bounds, () => {
      this.#readers?.delete(reader)
      if (this.#readers?.size === 0) this.#readers = undefined
      forget?.()
      ended?.()
    })
    ;(this.#readers ??= new Set<Reader<In>>()).add(reader)
    if (signal?.aborted) void reader.return()
    else if (signal !== undefined) forget = onAbort(signal, () => void reader.return())
    return reader
  }

  /** A new socket is not paused. */
  forgetPauses(): void {
    for (const reader of this.#readers ?? none) reader.forgetPause()
  }

  finish(): void {
    for (const reader of this.#readers ?? none) reader.finish()
  }

  /** Ends all readers, each with its own error, or normally for `undefined`. */
  end(failure?: () => Error | undefined): void {
    for (const reader of this.#readers ?? none) reader.end(failure?.())
  }
}

/** A bounded buffer between the socket and one iteration. */
export class Reader<In> implements AsyncIterableIterator<In> {
  readonly #source: InboxSource<In>
  readonly #bounds: ReaderBounds
  readonly #stopListening: () => void
  readonly #ended: () => void
  #messages = new Fifo<{ readonly message: In; readonly size: number }>()
  #bytes = 0
  /** The source's `size` at the last message. */
  #seen: number
  readonly #waiting = new Fifo<
    (result: IteratorResult<In, undefined> | Promise<IteratorResult<In, undefined>>) => void
  >()
  #resume: (() => void) | undefined
  #overflow: ReaderOverflow
  #over = false
  /** The error to reject the next read with, once. */
  #failure: Error | undefined

  constructor(source: InboxSource<In>, bounds: ReaderBounds, ended: () => void) {
    this.#ended = ended
    this.#source = source
    this.#bounds = bounds
    this.#overflow = bounds.overflow
    this.#seen = source.size
    this.#stopListening = source.add((message) => this.#receive(message))
  }

  [asyncIterator](): this {
    return this
  }

  /** With a tag, reactive state treats it as a platform object and doesn't wrap it. */
  get [Symbol.toStringTag](): string {
    return 'Messages'
  }

  next(): Promise<IteratorResult<In, undefined>> {
    const entry = this.#shift()
    if (entry !== undefined) {
      // Resume at half: pausing for each message would cost too much.
      if (this.#holds(this.#bounds.limit / 2, this.#bounds.bytes / 2)) this.#read()
      return Promise.resolve({ done: false, value: entry.message })
    }
    if (!this.#over) return new Promise((resolve) => this.#waiting.push(resolve))
    const failure = this.#failure
    this.#failure = undefined
    return failure === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(failure)
  }

  /** Discards buffered messages and stops. */
  return(): Promise<IteratorResult<In, undefined>> {
    this.#messages = new Fifo()
    this.#failure = undefined
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** No more messages follow. Buffered ones can still be read; then `failure` rejects one read, as in generators. */
  end(failure?: Error): void {
    if (this.#over) return
    this.#over = true
    this.#failure = failure
    this.#stopListening()
    this.#ended()
    this.#read()
    for (let reader; (reader = this.#waiting.shift());) reader(this.next())
  }

  /** A new socket is not paused, so a full reader pauses it again. */
  forgetPause(): void {
    this.#resume = undefined
    this.#overflow = this.#bounds.overflow
    if (this.#full) this.#pause()
  }

  /**
   * The connection is closing. The server's close frame comes after its remaining messages, so the socket is no longer paused. Messages
   * without room are then discarded newest first, so those read have no gap.
   */
  finish(): void {
    if (this.#overflow === 'pause') this.#overflow = 'drop-newest'
    this.#read()
  }

  get #full(): boolean {
    return this.#messages.size >= this.#bounds.limit || this.#bytes >= this.#bounds.bytes
  }

  #holds(messages: number, bytes: number): boolean {
    return this.#messages.size <= messages && this.#bytes <= bytes
  }

  #receive(message: In): void {
    const now = this.#source.size
    const size = now - this.#seen
    this.#seen = now
    const reader = this.#waiting.shift()
    if (reader) {
      reader({ done: false, value: message })
    } else if (!this.#full) {
      this.#push(message, size)
      if (this.#full) this.#pause()
    } else if (this.#resume && this.#messages.size < this.#bounds.limit + surplus) {
      // The runtime had parsed these before it was paused, so they are kept.
      this.#push(message, size)
    } else if (this.#overflow === 'drop-newest') {
      this.#source.unread(message)
    } else {
      do this.#source.unread(this.#shift()!.message)
      while (!this.#resume && this.#full)
      this.#push(message, size)
    }
  }

  #push(message: In, size: number): void {
    this.#messages.push({ message, size })
    this.#bytes += size
  }

  #shift(): { readonly message: In } | undefined {
    const entry = this.#messages.shift()
    this.#bytes -= entry?.size ?? 0
    return entry
  }

  #pause(): void {
    if (this.#overflow === 'pause' && !this.#over) this.#resume ??= this.#source.hold()
  }

  #read(): void {
    this.#resume?.()
    this.#resume = undefined
  }
}
