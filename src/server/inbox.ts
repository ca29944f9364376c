import { makeError } from '../core/errors.js'
import { isThenable } from '../core/guards.js'
import { Fifo } from '../core/lists.js'
import type { ServerNode } from './node.js'
import { Ownership, type Owner } from './ownership.js'
import type { NumberedMessage } from './server.types.js'
import type { Payload } from './stores/store.js'

/** The handler of a session. */
export interface Handler {
  /** It gets an array of messages. */
  readonly isBatch: boolean
  /** The most messages per call. */
  readonly limit: number
  readonly call: (given: unknown, context: HandlerContext) => unknown
}

/** What a handler gets besides its message, or its messages. */
interface HandlerContext {
  /** The number of the message, or of the first of a batch. */
  readonly number?: number
  readonly first?: number
  readonly signal: AbortSignal
}

/** What an inbox tells its session. */
export interface InboxOwner extends Owner {
  /** Messages up to `inbox.done` are handled. */
  handled(): void
  /** The handler threw at these messages, of which `first` is the first. Returns true to count them as handled. */
  failed(first: number, thrown: unknown): boolean
  /** The socket that is paused while the inbox is full. */
  readonly link: { pause(): void; resume(): void } | undefined
}

/** Messages of one session on this node: each is handled once and in order. */
export class Inbox {
  /** The last message that arrived. */
  seen: number
  /** The last message that was handled. */
  done: number
  readonly #node: ServerNode
  readonly #owner: InboxOwner
  /** Lapses of the node's lease when the session was taken. */
  readonly #lapses: number
  // Made when needed: most sessions are idle.
  #ownership: Ownership | undefined
  #waiting: Fifo<Payload> | undefined
  #bytes = 0
  #paused = false
  #handler: Handler | undefined
  /** The last message whose handling was begun here. */
  #begun: number
  /** The last message that an owner that died may have handled. */
  readonly #mark: number
  #running = false
  #stopped = false
  #abort: AbortController | undefined
  #idle: (() => void)[] | undefined

  /**
   * `done`: the last message that was handled before, on any node. `mark`: the last message that an owner that died may have handled.
   */
  constructor(node: ServerNode, done: number, mark: number, owner: InboxOwner) {
    this.#node = node
    this.#owner = owner
    this.seen = this.done = this.#begun = done
    this.#mark = mark
    this.#lapses = node.store.lapses
  }

  /** The last message that may have been handled, here or before. */
  get tried(): number {
    return Math.max(this.#begun, this.#mark)
  }

  /** Whether there is a handler. */
  get taken(): boolean {
    return this.#handler !== undefined
  }

  /** Takes a message from the socket. */
  take(number: number, data: Payload): 'taken' | 'duplicate' | 'gap' {
    if (number <= this.seen) return 'duplicate'
    if (number > this.seen + 1) return 'gap'
    this.seen = number
    this.#waiting ??= new Fifo()
    this.#waiting.push(data)
    this.#bytes += data.length
    this.#run()
    const { messages, bytes } = this.#node.settings.inbox
    if (!this.#paused && (this.#size >= messages || this.#bytes >= bytes)) {
      this.#paused = true
      this.#owner.link?.pause()
    }
    return 'taken'
  }

  /** A new link: nothing is paused on it yet. */
  attached(): void {
    if (this.#paused) this.#owner.link?.pause()
  }

  handle(handler: Handler): () => void {
    this.#handler = handler
    this.#run()
    return () => {
      if (this.#handler === handler) this.#handler = undefined
    }
  }

  /** Handles nothing more. Aborts the signal of the running handler. */
  stop(): void {
    this.#stopped = true
    this.#abort?.abort()
  }

  /** Resolves once no handler runs. */
  whenIdle(): Promise<void> {
    return this.#running ? new Promise((resolve) => (this.#idle ??= []).push(resolve)) : Promise.resolve()
  }

  #run(): void {
    if (this.#running) return
    this.#running = true
    this.#continue()
  }

  /** Synchronous as long as the handler is, because a promise per message would cost more than the message. */
  #continue(): void {
    for (let handler = this.#ready(); handler !== undefined; handler = this.#ready()) {
      const batch = this.#next(handler.limit)
      const first = this.done + 1
      this.#begun = this.done + batch.length
      try {
        const answer = this.#call(handler, this.#decode(batch), first)
        if (isThenable(answer)) {
          answer.then(
            () => {
              this.#handled()
              this.#continue()
            },
            (thrown: unknown) => {
              if (this.#failed(first, thrown)) this.#continue()
              else this.#rest()
            },
          )
          return
        }
      } catch (thrown) {
        if (!this.#failed(first, thrown)) break
        continue
      }
      this.#handled()
    }
    this.#rest()
  }

  /** The handler, if it may be called now. */
  #ready(): Handler | undefined {
    if (this.#handler === undefined || this.#stopped || this.#size === 0) return undefined
    this.#ownership ??= new Ownership(this.#node, this.#owner, this.#lapses, () => this.#run())
    return this.#ownership.holds() ? this.#handler : undefined
  }

  #handled(): void {
    this.done = this.#begun
    this.#owner.handled()
  }

  #failed(first: number, thrown: unknown): boolean {
    const counts = this.#owner.failed(first, thrown)
    if (counts) this.#handled()
    return counts
  }

  #rest(): void {
    this.#running = false
    for (const resolve of this.#idle?.splice(0) ?? []) resolve()
  }

  get #size(): number {
    return this.#waiting?.size ?? 0
  }

  #call({ isBatch, call }: Handler, messages: unknown[], first: number): unknown {
    const signal = this.#signal
    return isBatch ? call(messages, { first, signal }) : call(messages[0], { number: first, signal })
  }

  get #signal(): AbortSignal {
    this.#abort ??= new AbortController()
    return this.#abort.signal
  }

  #next(limit: number): Payload[] {
    const batch: Payload[] = []
    for (let data; batch.length < limit && (data = this.#waiting?.shift()) !== undefined;) {
      this.#bytes -= data.length
      batch.push(data)
    }
    this.#resume()
    return batch
  }

  #decode(batch: Payload[]): unknown[] {
    const { codec } = this.#node.settings
    return codec === undefined ? batch : batch.map((data) => codec.decode(data) as unknown)
  }

  /** At half: resuming for each message would cost too much. */
  #resume(): void {
    const { messages, bytes } = this.#node.settings.inbox
    if (!this.#paused || this.#size > messages / 2 || this.#bytes > bytes / 2) return
    this.#paused = false
    this.#owner.link?.resume()
  }
}

/** Iterates over an inbox. A message counts as handled when the next one is asked for, or the iteration ends. */
export class InboxReader<In> implements AsyncIterableIterator<NumberedMessage<In>> {
  readonly #inbox: Inbox
  #handled: (() => void) | undefined
  #waiting: ((result: IteratorResult<NumberedMessage<In>, undefined>) => void) | undefined
  #release: (() => void) | undefined
  #over = false

  constructor(inbox: Inbox) {
    this.#inbox = inbox
  }

  get over(): boolean {
    return this.#over
  }

  next(): Promise<IteratorResult<NumberedMessage<In>, undefined>> {
    this.#finish()
    if (this.#over) return Promise.resolve({ done: true, value: undefined })
    // A second `next` before the first has settled would have no message of its own to finish.
    if (this.#waiting !== undefined) return Promise.reject(makeError('ERR_ENDED', 'reading', []))
    return new Promise((resolve) => {
      this.#waiting = resolve
      // A handler for one message only, so that none is taken before it is asked for.
      this.#release = this.#inbox.handle({
        isBatch: false,
        limit: 1,
        call: (data, { number = 0 }) => {
          this.#release?.()
          this.#waiting = undefined
          resolve({ done: false, value: { data: data as In, number } })
          return new Promise<void>((handled) => (this.#handled = handled))
        },
      })
    })
  }

  return(): Promise<IteratorResult<NumberedMessage<In>, undefined>> {
    this.#finish()
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** The session moved or ended. A message that was handed out is still being handled. */
  end(): void {
    this.#over = true
    this.#release?.()
    this.#waiting?.({ done: true, value: undefined })
    this.#waiting = undefined
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #finish(): void {
    const handled = this.#handled
    this.#handled = undefined
    handled?.()
  }
}
