import { duration } from '../../../core/checks.js'
import type { FrameKind } from './frames.js'
import type { Direction } from './lane.js'

/** What the server can have seen or done, and what each entry tells about it. */
export interface LogDetails {
  /** The listener is up. */
  listening: { port: number }
  /** The listener is down; connections that were open stay open. */
  stopped: Record<never, never>
  /** A TCP connection was accepted. */
  accepted: { port: number }
  /** A request head came in. */
  requested: { method: string; path: string }
  /** What came in is not an HTTP request. */
  malformed: { bytes: number }
  /** A rule matched the request. */
  rule: { faults: string }
  /** The endpoint's 101 was written to the client. */
  upgraded: { protocol: string }
  /** The request was answered by something else than 101. */
  answered: { status: number }
  /** A whole frame reached the endpoint. */
  'frame.in': { kind: FrameKind; bytes: number; final: boolean }
  /** A whole frame was written to the client. */
  'frame.out': { kind: FrameKind; bytes: number; final: boolean }
  /** A frame was left out, because `drop` said so. */
  'frame.dropped': { direction: Direction; kind: FrameKind; bytes: number }
  /** Bytes were swallowed: held back, or lost. */
  swallowed: { direction: Direction; bytes: number; lost: boolean }
  /** A fault was set or lifted on a link that exists, or done to it. */
  act: { name: string; detail: string }
  /** The client's TCP connection ended, whether or not the endpoint has been told. */
  'client.gone': { how: 'end' | 'reset' | 'us' }
  /** The endpoint's side ended, whether or not the client has been told. */
  'endpoint.gone': { how: 'end' | 'reset' | 'us'; error?: string }
  /** Both sides of the link have ended. */
  closed: { after: number }
}

export type LogWhat = keyof LogDetails

/** One line of the log. A union on `what`. */
export type LogEntry<W extends LogWhat = LogWhat> = {
  [K in W]: {
    /** Counts from 0, without gaps. */
    readonly seq: number
    /** Milliseconds since the server was created, on a clock that never jumps. */
    readonly at: number
    /** The id of the link it is about, if it is about one. */
    readonly link: number | undefined
    readonly what: K
    readonly detail: Readonly<LogDetails[K]>
  }
}[W]

/** What `until` waits for. */
export type Until<E extends LogEntry> = E['what'] | ((entry: LogEntry) => boolean)

export interface UntilOptions {
  /** Which of the matching entries to wait for, from 1, among those that the log still holds. @default 1 */
  readonly nth?: number | undefined
  /** Looks only at what came after this entry. @default the whole log, the past included */
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

/** Everything that happened, in order. */
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
    // In one go now and then: shifting a long array for every entry would make the log the slowest part.
    if (this.#entries.length > this.#limit * 1.25) this.#entries.splice(0, this.#entries.length - this.#limit)
    for (const waiter of [...this.#waiters]) waiter.see(entry)
    for (const listener of [...this.#listeners]) {
      try {
        listener(entry)
      } catch (error) {
        // Loud, but not in the middle of a socket's own callback.
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

  /** Lets nobody wait for what will not come. */
  close(): void {
    for (const waiter of [...this.#waiters]) waiter.fail('The server was closed')
    this.#listeners.clear()
  }
}
