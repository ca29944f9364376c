/** What a full inbox does: stops the socket where the transport can, or lets the oldest or the newest go. */
export type InboxOverflow = 'pause' | 'drop-oldest' | 'drop-newest'

/** As many frames as a runtime can have parsed from one read (64 KiB of the smallest) before it stops. */
const surplus = 32_768

export interface InboxSource<In> {
  /** Every message from now on. */
  listen(callback: (message: In) => void): () => void
  /** Stops reading until the returned function is called; `undefined` where the transport cannot. */
  pause(): (() => void) | undefined
  /** A message that found no room. */
  unread(message: In): void
}

/** The buffers of all readers of one connection. */
export class Inboxes<In> {
  readonly #source: InboxSource<In>
  readonly #inboxes = new Set<Inbox<In>>()

  constructor(source: InboxSource<In>) {
    this.#source = source
  }

  create(limit: number, overflow: InboxOverflow, signal: AbortSignal | undefined): Inbox<In> {
    const leave = (): void => void inbox.return()
    const inbox = new Inbox(this.#source, limit, overflow, () => {
      this.#inboxes.delete(inbox)
      signal?.removeEventListener('abort', leave)
    })
    this.#inboxes.add(inbox)
    if (signal?.aborted) leave()
    else signal?.addEventListener('abort', leave)
    return inbox
  }

  /** A new socket reads until somebody stops it. */
  forgetPauses(): void {
    for (const inbox of this.#inboxes) inbox.forgetPause()
  }

  end(): void {
    for (const inbox of [...this.#inboxes]) inbox.end()
  }
}

/** A bounded buffer between the socket and one reader that takes messages at its own pace. */
export class Inbox<In> implements AsyncIterableIterator<In> {
  readonly #source: InboxSource<In>
  readonly #limit: number
  readonly #overflow: InboxOverflow
  readonly #stopListening: () => void
  readonly #ended: () => void
  #messages: In[] = []
  #waiting: ((result: IteratorResult<In, undefined>) => void)[] = []
  #resume: (() => void) | undefined
  #over = false

  constructor(source: InboxSource<In>, limit: number, overflow: InboxOverflow, ended: () => void) {
    this.#ended = ended
    this.#source = source
    this.#limit = limit
    this.#overflow = overflow
    this.#stopListening = source.listen((message) => this.#receive(message))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<In, undefined>> {
    if (this.#messages.length > 0) {
      const value = this.#messages.shift()!
      // Half empty before we read again: a pause for each message would cost more than it saves.
      if (this.#messages.length <= this.#limit / 2) this.#read()
      return Promise.resolve({ done: false, value })
    }
    if (this.#over) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** The reader is gone: nothing more is kept for it. */
  return(): Promise<IteratorResult<In, undefined>> {
    this.#messages = []
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** No message will come any more; what is here can still be read. */
  end(): void {
    if (this.#over) return
    this.#over = true
    this.#stopListening()
    this.#ended()
    this.#read()
    for (const resolve of this.#waiting.splice(0)) resolve({ done: true, value: undefined })
  }

  /** A new socket reads; whether we want it to is asked again when the next message finds no room. */
  forgetPause(): void {
    this.#resume = undefined
    if (this.#messages.length >= this.#limit) this.#pause()
  }

  #receive(message: In): void {
    const reader = this.#waiting.shift()
    if (reader) {
      reader({ done: false, value: message })
      return
    }
    if (this.#messages.length < this.#limit) {
      this.#messages.push(message)
      if (this.#messages.length === this.#limit) this.#pause()
      return
    }
    this.#overrun(message)
  }

  #overrun(message: In): void {
    // Frames that the runtime had parsed before it stopped still come; they were not lost on the wire, so they are kept.
    if (this.#resume && this.#messages.length < this.#limit + surplus) {
      this.#messages.push(message)
    } else if (this.#overflow === 'drop-newest') {
      this.#source.unread(message)
    } else {
      this.#source.unread(this.#messages.shift()!)
      this.#messages.push(message)
    }
  }

  #pause(): void {
    if (this.#overflow === 'pause' && !this.#over) this.#resume ??= this.#source.pause()
  }

  #read(): void {
    this.#resume?.()
    this.#resume = undefined
  }
}
