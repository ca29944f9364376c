import { defaults, type CloseEvent, type Connection } from '../../../index.js'
import type { Happening } from '../status/journal.js'
import { Ledger } from './ledger.js'
import type { Count } from './protocol.js'
import { settings } from './settings.js'

/** Running totals. */
export interface Totals {
  readonly out: number
  readonly in: number
  readonly lost: number
}

/** A connection to a server that echoes, a stream of numbered messages through it, and what became of each. In Node as in a page. */
export class Traffic implements AsyncDisposable {
  readonly connection: Connection
  readonly ledger = new Ledger()
  /** The round trip of the last message that came back. Milliseconds. */
  rtt: number | undefined
  /** The most messages that waited at once since somebody set this to 0. */
  mostQueued = 0
  readonly #began = performance.now()
  readonly #log: Happening[] = []
  readonly #listeners = new Set<(happening: Happening) => void>()
  readonly #watchers = new Set<() => void>()
  readonly #ticker: ReturnType<typeof setInterval>
  #isOpen = false
  #heardAt = 0
  #closed: Promise<void> | undefined

  constructor(connection: Connection) {
    this.connection = connection
    connection.on('open', ({ attempt }) => {
      this.#isOpen = true
      this.#heardAt = this.now()
      const flushed = this.ledger.flushed(connection.counters.queued, this.now())
      this.#tell({ at: this.now(), what: 'open', attempt, flushed })
    })
    connection.on('message', (data) => {
      this.#heardAt = this.now()
      this.rtt = this.ledger.echoed(Number(data), this.now()) ?? this.rtt
      this.#look()
    })
    connection.on('close', (event) => this.#ended(event))
    connection.on('dropped', ({ data }) => this.ledger.dropped(Number(data)))
    connection.on('drain', () => {
      // The queue goes out just before `open` is told, and that listener counts it.
      if (this.#isOpen) this.ledger.flushed(0, this.now())
    })
    connection.on('state', () => this.#look())
    this.#ticker = setInterval(() => this.#send(), settings.pace)
  }

  /** Milliseconds since the lab began. */
  now(): number {
    return performance.now() - this.#began
  }

  /** For how long an open link has been silent. Milliseconds. */
  get silence(): number {
    return this.#isOpen ? this.now() - this.#heardAt : 0
  }

  get totals(): Totals {
    const { sent, received } = this.connection.counters
    return { out: sent, in: received, lost: this.ledger.lost }
  }

  /** The same, for a page. */
  get count(): Count {
    const { connection, totals, rtt } = this
    const { queued } = connection.counters
    const { out, in: received, lost } = totals
    return { state: connection.state, sent: out, received, queued, lost, ...(rtt !== undefined && { rtt }) }
  }

  /** What happened to the connection since then. */
  since(at: number): readonly Happening[] {
    return this.#log.filter((happening) => happening.at >= at)
  }

  /** Calls back with everything that happens to the connection. */
  on(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Resolves to what `find` finds; it is asked again whenever anything moves. `undefined` when the time is up first. */
  until<T>(find: () => T | undefined, within: number, signal: AbortSignal): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.#watchers.delete(look)
        signal.removeEventListener('abort', aborted)
      }
      const look = (): void => {
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
      this.#watchers.add(look)
      look()
    })
  }

  /** Leaves nothing behind. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    clearInterval(this.#ticker)
    await this.connection.close(1000, 'the lab is over')
  }

  #send(): void {
    const { connection, ledger } = this
    if (connection.state === 'closing' || connection.state === 'ended') return
    // The library would refuse the message; a sender that looks first is what it is made for.
    if (connection.counters.queued >= defaults.queue.messages) return
    ledger.accepted(connection.send(String(ledger.next)), this.now())
    this.mostQueued = Math.max(this.mostQueued, connection.counters.queued)
  }

  #ended(event: CloseEvent): void {
    const { status } = this.connection
    const what = this.#isOpen ? 'lost' : 'failed'
    this.#isOpen = false
    const lost = this.ledger.linkLost()
    this.#tell({ at: this.now(), what, event, lost, hinted: status.state === 'backoff' && status.hinted })
  }

  #tell(happening: Happening): void {
    this.#log.push(happening)
    if (this.#log.length > logLimit) this.#log.shift()
    for (const listener of [...this.#listeners]) listener(happening)
    this.#look()
  }

  #look(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}

/** How many happenings are kept. */
const logLimit = 1_000
