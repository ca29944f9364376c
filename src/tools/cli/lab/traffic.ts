import { defaults, type CloseEvent, type Connection } from '../../../index.js'
import type { Happening } from '../status/journal.js'
import { attempt, because } from '../status/present.js'
import { Ledger } from './ledger.js'
import type { Count } from './protocol.js'
import { settings } from './settings.js'

/** Running totals of messages. */
export interface Totals {
  readonly sent: number
  readonly echoed: number
  readonly uncertain: number
}

/** A connection to an echo server, a stream of numbered messages, and the fate of each message. Runs in Node and in browsers. */
export class Traffic implements AsyncDisposable {
  readonly connection: Connection
  readonly ledger = new Ledger()
  /** The round trip of the last echoed message. Milliseconds. */
  rtt: number | undefined
  /** The longest the queue has been since you set this to 0. */
  mostQueued = 0
  readonly #began = performance.now()
  readonly #log: Happening[] = []
  readonly #listeners = new Set<(happening: Happening) => void>()
  readonly #watchers = new Set<() => void>()
  readonly #ticker: ReturnType<typeof setInterval>
  readonly #survives: boolean
  #isOpen = false
  #receivedAt = 0
  #closed: Promise<void> | undefined

  /** `survives`: a session keeps messages beyond their link. */
  constructor(connection: Connection, { survives = false }: { readonly survives?: boolean } = {}) {
    this.connection = connection
    this.#survives = survives
    connection.on('open', ({ attempt }) => {
      this.#isOpen = true
      this.#receivedAt = this.now()
      const flushed = this.ledger.flush(connection.counters.queued, this.now())
      this.#tell({ at: this.now(), what: 'open', attempt, flushed })
    })
    connection.on('message', (data) => {
      this.#receivedAt = this.now()
      this.rtt = this.ledger.echo(numberIn(data), this.now()) ?? this.rtt
      this.#check()
    })
    connection.on('close', (event) => this.#ended(event))
    connection.on('dropped', ({ data }) => this.ledger.drop(Number(data)))
    connection.on('drain', () => {
      // Before `open` fires, its listener counts the flush.
      if (this.#isOpen) this.ledger.flush(0, this.now())
    })
    connection.on('state', () => this.#check())
    this.#ticker = setInterval(() => this.#send(), settings.pace)
  }

  /** Milliseconds since the lab started. */
  now(): number {
    return performance.now() - this.#began
  }

  /** How long an open link has been silent. Milliseconds. */
  get silence(): number {
    return this.#isOpen ? this.now() - this.#receivedAt : 0
  }

  get totals(): Totals {
    const { sent, received } = this.connection.counters
    return { sent, echoed: received, uncertain: this.ledger.uncertain }
  }

  /** The same for the page, with the status in words. */
  get count(): Count {
    const { connection, totals, rtt, ledger } = this
    const { status } = connection
    const isWaiting = status.state === 'backoff' || status.state === 'suspended'
    const next = attempt(status, Date.now())
    return {
      state: status.state,
      why: because(status) + next.why,
      next: isWaiting ? next.when : '',
      ...totals,
      queued: connection.counters.queued,
      dropped: ledger.dropped,
      ...(rtt !== undefined && { rtt }),
    }
  }

  /** What happened to the connection since that time. */
  since(at: number): readonly Happening[] {
    return this.#log.filter((happening) => happening.at >= at)
  }

  /** Calls `listener` when a link opens, and when a link or an attempt ends. Returns an unsubscribe function. */
  on(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Calls `find` after every change until it returns a value. Resolves to `undefined` after `within` milliseconds. */
  until<T>(find: () => T | undefined, within: number, signal: AbortSignal): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.#watchers.delete(check)
        signal.removeEventListener('abort', aborted)
      }
      const check = (): void => {
        const found = find()
        if (found === undefined) return
        settle()
        resolve(found)
      }
      const aborted = (): void => {
        settle()
        reject(signal.reason)
      }
      const timer = setTimeout(() => {
        settle()
        resolve(find())
      }, within)
      if (signal.aborted) return aborted()
      signal.addEventListener('abort', aborted)
      this.#watchers.add(check)
      check()
    })
  }

  /** Closes the connection. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    clearInterval(this.#ticker)
    await this.connection.close(1000, 'lab closed')
  }

  #send(): void {
    const { connection, ledger } = this
    if (connection.state === 'closing' || connection.state === 'ended') return
    // A full queue would refuse the message.
    if (connection.counters.queued >= defaults.queue.messages) return
    ledger.accept(connection.send(String(ledger.next)), this.now())
    this.mostQueued = Math.max(this.mostQueued, connection.counters.queued)
  }

  #ended(event: CloseEvent): void {
    const { status } = this.connection
    const what = this.#isOpen ? 'lost' : 'failed'
    this.#isOpen = false
    const unechoed = this.#survives ? 0 : this.ledger.linkLost()
    this.#tell({ at: this.now(), what, event, unechoed, hinted: status.state === 'backoff' && status.hinted })
  }

  #tell(happening: Happening): void {
    this.#log.push(happening)
    if (this.#log.length > logLimit) this.#log.shift()
    for (const listener of [...this.#listeners]) listener(happening)
    this.#check()
  }

  #check(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}

/** The number of an echo; a session server adds what it has handled. */
const numberIn = (data: unknown): number => Number(String(data).split(' ')[0])

/** Older entries are forgotten. */
const logLimit = 1_000
