import { duration } from '../../../core/checks.js'
import type { FrameKind } from './frames.js'
import type { Direction } from './lane.js'

/** The kinds of log entries, and the details of each. */
export interface LogDetails {
  /** The server started listening. */
  listening: { port: number }
  /** The server stopped listening; open connections stay. */
  stopped: Record<never, never>
  /** A TCP connection was accepted. */
  accepted: { port: number }
  /** A request head arrived. */
  requested: { method: string; path: string }
  /** The received bytes are not an HTTP request. */
  malformed: { bytes: number }
  /** A rule matched the request. */
  rule: { faults: string }
  /** The endpoint's 101 response was written to the client. */
  upgraded: { protocol: string }
  /** The request was answered with another status than 101. */
  answered: { status: number }
  /** A complete frame reached the endpoint. */
  'frame.in': { kind: FrameKind; bytes: number; final: boolean }
  /** A complete frame was written to the client. */
  'frame.out': { kind: FrameKind; bytes: number; final: boolean }
  /** A frame was dropped by `drop`. */
  'frame.dropped': { direction: Direction; kind: FrameKind; bytes: number }
  /** Bytes were swallowed: held or lost. */
  swallowed: { direction: Direction; bytes: number; lost: boolean }
  /** A fault of an existing link was applied or removed. */
  act: { name: string; detail: string }
  /** The client's TCP connection ended, even if the endpoint is not notified. `us`: the fault server ended it. */
  'client.gone': { how: 'end' | 'reset' | 'us' }
  /** The endpoint's side ended, even if the client is not notified. `us`: the fault server ended it. */
  'endpoint.gone': { how: 'end' | 'reset' | 'us'; error?: string }
  /** Both sides of the link have ended. `after`: milliseconds since it was accepted. */
  closed: { after: number }
}

/** The kind of a log entry. */
export type LogWhat = keyof LogDetails

/** One log entry: a union discriminated by `what`. */
export type LogEntry<W extends LogWhat = LogWhat> = {
  [K in W]: {
    /** Counts from 0, without gaps. */
    readonly seq: number
    /** Milliseconds since the server was created, on a monotonic clock. */
    readonly at: number
    /** The id of the link, if the entry belongs to one. */
    readonly link: number | undefined
    readonly what: K
    readonly detail: Readonly<LogDetails[K]>
  }
}[W]

/** What `until` waits for: a kind of entry, or a predicate. */
export type Until<E extends LogEntry> = E['what'] | ((entry: LogEntry) => boolean)

/** Options of `until`. */
export interface UntilOptions {
  /** Waits for the nth matching entry in the log, from 1. @default 1 */
  readonly nth?: number | undefined
  /** Ignores entries up to and including this one. @default the whole log, including past entries */
  readonly after?: LogEntry | undefined
  /** Milliseconds. @default 5_000 */
  readonly timeout?: number | undefined
}

interface Waiter {
  see(entry: LogEntry): void
  fail(why: string): void
}

function show({ at, link, what, detail }: LogEntry): string {
  return `${at.toFixed(1).padStart(9)} ${link === undefined ? '  ' : `#${link}`} ${what} ${JSON.stringify(detail)}`
}

/** The log of events, in order. */
export class EventLog {
  readonly #entries: LogEntry[] = []
  readonly #listeners = new Set<(entry: LogEntry) => void>()
  readonly #waiters = new Set<Waiter>()
  readonly #start = performance.now()
  readonly #limit: number
  #seq = 0

  /** Keeps the last `limit` entries. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get entries(): readonly LogEntry[] {
    return this.#entries
  }

  /** Milliseconds since the log was started. */
  now(): number {
    return performance.now() - this.#start
  }

  add<W extends LogWhat>(what: W, link: number | undefined, detail: LogDetails[W]): void {
    const entry = { seq: this.#seq++, at: this.now(), link, what, detail } as unknown as LogEntry
    this.#entries.push(entry)
    // Trimmed in batches; shifting a long array for every entry is slow.
    if (this.#entries.length > this.#limit * 1.25) this.#entries.splice(0, this.#entries.length - this.#limit)
    for (const waiter of [...this.#waiters]) waiter.see(entry)
    for (const listener of [...this.#listeners]) {
      try {
        listener(entry)
      } catch (error) {
        // Rethrown as an uncaught error, outside the socket's callback.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  on(listener: (entry: LogEntry) => void): () => void {
    const own = (entry: LogEntry): void => listener(entry)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  until<E extends LogEntry>(what: Until<E>, { nth = 1, after, timeout = 5_000 }: UntilOptions = {}): Promise<E> {
    duration('timeout', timeout, { max: 2 ** 31 - 1 })
    const matches = typeof what === 'function' ? what : (entry: LogEntry) => entry.what === what
    return new Promise((resolve, reject) => {
      let left = nth
      const settle = (): void => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
      }
      const waiter: Waiter = {
        see: (entry) => {
          try {
            if (left === 0 || (after !== undefined && entry.seq <= after.seq) || !matches(entry)) return
            left -= 1
            if (left > 0) return
            settle()
            resolve(entry as E)
          } catch (error) {
            settle()
            reject(error)
          }
        },
        fail: (why) => {
          settle()
          const wanted = typeof what === 'function' ? 'an entry that matches' : `'${what}'`
          const seen = this.#entries.slice(-20).map(show).join('\n')
          reject(new Error(`${why} while waiting for ${wanted} (${nth - left} of ${nth} seen). The log ends:\n${seen}`))
        },
      }
      const timer = setTimeout(() => waiter.fail(`Waited ${timeout} ms`), timeout)
      this.#waiters.add(waiter)
      for (const entry of [...this.#entries]) waiter.see(entry)
    })
  }

  /** Rejects pending waits. */
  close(): void {
    for (const waiter of [...this.#waiters]) waiter.fail('The server was closed')
    this.#listeners.clear()
  }
}
