import type { Connection, ConnectionError, MessageData } from '../../../index.js'
import type { ResumeSession } from '../../../resume/index.js'
import { harmless } from '../terminal/untrusted.js'
import { onContinuity } from './continuity.js'
import { lineOf, messageEvent, onEvents, type EventLine } from './events.js'
import type { StdoutWriter } from './stdout-writer.js'
import type { BinaryForm } from './settings.js'
import type { BinaryFiles } from './binary-files.js'

export interface IncomingOptions {
  readonly json: boolean
  readonly binary: BinaryForm
  /** Saves binary messages instead of printing them. */
  readonly binaryFiles: BinaryFiles | undefined
  /** Whether stdout is a terminal, so control characters must be escaped. */
  readonly escapes: boolean
  /** The session, with `--resume`. */
  readonly resumed?: ResumeSession | undefined
}

/** The maximum number of events waiting behind unread messages. */
const eventLimit = 10_000

/** How often to look whether it is quiet. Milliseconds. */
const quietInterval = 100

/** Writes messages to stdout. While stdout is blocked, the socket is not read. */
export class Incoming {
  readonly #connection: Connection
  readonly #stdout: StdoutWriter
  readonly #options: IncomingOptions
  /** Events, each with the number of messages that arrived before it. */
  readonly #events: { readonly behind: number; readonly event: EventLine }[] = []
  #skipped = 0
  #arrived = 0
  #written = 0
  #lastAt = performance.now()

  constructor(connection: Connection, stdout: StdoutWriter, options: IncomingOptions) {
    this.#connection = connection
    this.#stdout = stdout
    this.#options = options
    connection.on('message', () => this.#arrived++)
    // Never written, so events must not wait for it.
    connection.on('dropped', ({ reason }) => reason === 'unread' && this.#arrived--)
    if (!options.json) return
    const { resumed } = options
    onEvents(connection, (event) => this.#report(event), resumed)
    if (resumed !== undefined) onContinuity(resumed, (event) => this.#report(event))
  }

  /** The number of messages written to stdout. */
  get written(): number {
    return this.#written
  }

  /** How long there was nothing to write. Milliseconds. */
  get quiet(): number {
    return this.#stdout.blocked || this.#written < this.#arrived ? 0 : performance.now() - this.#lastAt
  }

  /** Resolves once there was nothing to write for this long, and everything sent has left the socket. Milliseconds. */
  async becomeQuiet(wait: number): Promise<void> {
    this.#resetQuiet()
    for (let quiet = 0; quiet < wait || this.#connection.bufferedAmount > 0; quiet = this.quiet) {
      // Unsent messages cannot have been answered.
      if (this.#connection.bufferedAmount > 0) this.#resetQuiet()
      await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(wait - quiet, 10), quietInterval)))
    }
  }

  #resetQuiet(): void {
    this.#lastAt = performance.now()
  }

  /** Writes messages until `enough` are written, the connection has ended, or stdout is closed. */
  async write(enough: number): Promise<void> {
    try {
      await this.#writeAll(enough)
    } catch (error) {
      // The connection has ended; its events give the reason.
      if ((error as Partial<ConnectionError> | null)?.code !== 'ERR_ENDED') throw error
    }
    this.#stdout.flush()
  }

  async #writeAll(enough: number): Promise<void> {
    // `break` ends the iterator.
    for await (const message of this.#connection.messages()) {
      this.#stdout.push(await this.#format(message))
      this.#written++
      this.#resetQuiet()
      this.#flushEvents()
      if (this.#written >= enough || !(await this.#stdout.room())) break
      this.#flushEvents()
    }
  }

  /** Writes the last events after the connection has ended. */
  finish(): void {
    this.#arrived = this.#written
    for (const { event } of this.#events.splice(0)) this.#stdout.push(lineOf(event))
    this.#stdout.flush()
  }

  async #format(message: MessageData): Promise<string | Uint8Array> {
    const { json, binary, binaryFiles, escapes } = this.#options
    if (typeof message === 'string') {
      return json ? lineOf(messageEvent(message, undefined)) : `${escapes ? harmless(message) : message}\n`
    }
    const bytes = Buffer.from(message as ArrayBuffer)
    const file = await binaryFiles?.save(bytes)
    if (json) return lineOf(messageEvent(message, file))
    if (file !== undefined) return `${file}\n`
    return binary === 'raw' ? bytes : `${bytes.toString(binary)}\n`
  }

  #report(event: EventLine): void {
    if (this.#events.length === 0 && this.#written >= this.#arrived && !this.#stdout.blocked) {
      this.#stdout.push(lineOf(event))
    } else if (this.#events.length < eventLimit) {
      this.#events.push({ behind: this.#arrived, event })
    } else {
      this.#skipped++
    }
  }

  #flushEvents(): void {
    let due = 0
    while (due < this.#events.length && this.#events[due]!.behind <= this.#written) due++
    for (const { event } of this.#events.splice(0, due)) this.#stdout.push(lineOf(event))
    if (this.#events.length > 0 || this.#skipped === 0) return
    this.#stdout.push(lineOf({ type: 'skipped', at: Date.now(), count: this.#skipped }))
    this.#skipped = 0
  }
}
