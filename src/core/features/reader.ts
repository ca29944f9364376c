import { onAbort } from '../abort-signals.js'
import { Fifo } from '../lists.js'

/** Older Hermes has no `Symbol.asyncIterator`; Babel's `for await` looks for this name there. A computed name would be `undefined`. */
export const asyncIterator: typeof Symbol.asyncIterator = Symbol.asyncIterator ?? ('@@asyncIterator' as never)

/** What a full reader does: stops the socket where the transport can, or lets the oldest or the newest go. */
export type ReaderOverflow = 'pause' | 'drop-oldest' | 'drop-newest'

export interface ReaderBounds {
  /** Messages. */
  readonly limit: number
  /** Bytes of binary messages plus characters of text, as they came. */
  readonly bytes: number
  readonly overflow: ReaderOverflow
}

/** As many frames as a runtime can have parsed from one read (64 KiB of the smallest) before it stops. */
const surplus = 32_768

export interface InboxSource<In> {
  /** How much has come in so far, with the message that is being delivered. Bytes of binary, characters of text. */
  readonly size: number
  /** Calls back with each message, until the returned function is called. */
  add(listener: (message: In) => unknown): () => void
  /** Stops reading until the returned function is called; `undefined` where the transport cannot. */
  hold(): (() => void) | undefined
  /** A message that found no room. */
  unread(message: In): void
}

const none: readonly never[] = []

/** The buffers of all readers of one connection. */
export class ReaderSet<In> {
  readonly #source: InboxSource<In>
  /** Most connections have no reader of this kind. */
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

  /** A new socket reads until somebody stops it. */
  forgetPauses(): void {
    for (const reader of this.#readers ?? none) reader.forgetPause()
  }

  finish(): void {
    for (const reader of this.#readers ?? none) reader.finish()
  }

  /** `failure`: asked for each reader; `undefined`: it is done. */
  end(failure?: () => Error | undefined): void {
    for (const reader of this.#readers ?? none) reader.end(failure?.())
  }
}

/** A bounded buffer between the socket and one reader that takes messages at its own pace. */
export class Reader<In> implements AsyncIterableIterator<In> {
  readonly #source: InboxSource<In>
  readonly #bounds: ReaderBounds
  readonly #stopListening: () => void
  readonly #ended: () => void
  #messages = new Fifo<{ readonly message: In; readonly size: number }>()
  #bytes = 0
  /** The source's size when it last called. */
  #seen: number
  readonly #waiting = new Fifo<
    (result: IteratorResult<In, undefined> | Promise<IteratorResult<In, undefined>>) => void
  >()
  #resume: (() => void) | undefined
  #overflow: ReaderOverflow
  #over = false
  /** Why no message will come any more, until a reader was told. */
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

  /** Reactive state takes it for an object of the platform, and leaves it as it is. */
  get [Symbol.toStringTag](): string {
    return 'Messages'
  }

  next(): Promise<IteratorResult<In, undefined>> {
    const entry = this.#shift()
    if (entry !== undefined) {
      // Half empty before we read again: a pause for each message would cost more than it saves.
      if (this.#holds(this.#bounds.limit / 2, this.#bounds.bytes / 2)) this.#read()
      return Promise.resolve({ done: false, value: entry.message })
    }
    if (!this.#over) return new Promise((resolve) => this.#waiting.push(resolve))
    const failure = this.#failure
    this.#failure = undefined
    return failure === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(failure)
  }

  /** The reader is gone: nothing more is kept for it. */
  return(): Promise<IteratorResult<In, undefined>> {
    this.#messages = new Fifo()
    this.#failure = undefined
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** No message will come any more; what is here can still be read. After that a failure is told once, as generators do. */
  end(failure?: Error): void {
    if (this.#over) return
    this.#over = true
    this.#failure = failure
    this.#stopListening()
    this.#ended()
    this.#read()
    for (let reader; (reader = this.#waiting.shift());) reader(this.next())
  }

  /** A new socket reads; whether we want it to is asked again when the next message finds no room. */
  forgetPause(): void {
    this.#resume = undefined
    this.#overflow = this.#bounds.overflow
    if (this.#full) this.#pause()
  }

  /**
   * We close, and the server's goodbye comes behind all that it still has to send: nobody stops the socket any more. What then
   * finds no room is the newest, so that what is read has no gap.
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
      // Frames that the runtime had parsed before it stopped still come; they were not lost on the wire, so they are kept.
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
