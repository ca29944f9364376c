import type { Connection, ConnectionError, MessageData } from '../../../index.js'
import { harmless } from '../terminal/untrusted.js'
import { lineOf, messageEvent, onEvents, type EventLine } from './events.js'
import type { StdoutWriter } from './stdout-writer.js'
import type { BinaryForm } from './settings.js'
import type { BinaryFiles } from './binary-files.js'

export interface IncomingOptions {
  readonly json: boolean
  readonly binary: BinaryForm
  /** Where binary messages go instead. */
  readonly vault: BinaryFiles | undefined
  /** Somebody looks at a terminal. */
  readonly careful: boolean
}

/** How many events may wait behind messages that nobody reads. */
const eventLimit = 10_000

/** From the connection to stdout. While stdout is not read, the socket is not read either. */
export class Incoming {
  readonly #connection: Connection
  readonly #outlet: StdoutWriter
  readonly #options: IncomingOptions
  /** Events, each behind as many messages as had come before it. */
  readonly #events: { readonly behind: number; readonly event: EventLine }[] = []
  #skipped = 0
  #arrived = 0
  #written = 0
  #lastAt = performance.now()

  constructor(connection: Connection, outlet: StdoutWriter, options: IncomingOptions) {
    this.#connection = connection
    this.#outlet = outlet
    this.#options = options
    connection.on('message', () => this.#arrived++)
    // Never to be written, so nothing waits behind it.
    connection.on('dropped', ({ reason }) => reason === 'unread' && this.#arrived--)
    if (options.json) onEvents(connection, (event) => this.#tell(event))
  }

  /** Messages that are on stdout. */
  get written(): number {
    return this.#written
  }

  /** For how long there was nothing to write. Milliseconds. */
  get quiet(): number {
    return this.#outlet.blocked || this.#written < this.#arrived ? 0 : performance.now() - this.#lastAt
  }

  /** Time counts from now. */
  stir(): void {
    this.#lastAt = performance.now()
  }

  /** Writes messages, until `enough` of them are, or none will come any more, or nobody reads. */
  async write(enough: number): Promise<void> {
    try {
      await this.#writeAll(enough)
    } catch (error) {
      // The connection was refused for good. Its events say so.
      if ((error as Partial<ConnectionError> | null)?.code !== 'ERR_ENDED') throw error
    }
    this.#outlet.flush()
  }

  async #writeAll(enough: number): Promise<void> {
    // Made once, and told to go by breaking off.
    for await (const frame of this.#connection.messages()) {
      this.#outlet.push(await this.#show(frame))
      this.#written++
      this.stir()
      this.#flushEvents()
      if (this.#written >= enough || !(await this.#outlet.room())) break
      this.#flushEvents()
    }
  }

  /** The last events, once the connection has ended. */
  finish(): void {
    this.#arrived = this.#written
    for (const { event } of this.#events.splice(0)) this.#outlet.push(lineOf(event))
    this.#outlet.flush()
  }

  async #show(frame: MessageData): Promise<string | Uint8Array> {
    const { json, binary, vault, careful } = this.#options
    if (typeof frame === 'string') {
      return json ? lineOf(messageEvent(frame, undefined)) : `${careful ? harmless(frame) : frame}\n`
    }
    const bytes = Buffer.from(frame as ArrayBuffer)
    const file = await vault?.save(bytes)
    if (json) return lineOf(messageEvent(frame, file))
    if (file !== undefined) return `${file}\n`
    return binary === 'raw' ? bytes : `${bytes.toString(binary)}\n`
  }

  #tell(event: EventLine): void {
    if (this.#events.length === 0 && this.#written >= this.#arrived && !this.#outlet.blocked) {
      this.#outlet.push(lineOf(event))
    } else if (this.#events.length < eventLimit) {
      this.#events.push({ behind: this.#arrived, event })
    } else {
      this.#skipped++
    }
  }

  #flushEvents(): void {
    let due = 0
    while (due < this.#events.length && this.#events[due]!.behind <= this.#written) due++
    for (const { event } of this.#events.splice(0, due)) this.#outlet.push(lineOf(event))
    if (this.#events.length > 0 || this.#skipped === 0) return
    this.#outlet.push(lineOf({ type: 'skipped', at: Date.now(), count: this.#skipped }))
    this.#skipped = 0
  }
}
