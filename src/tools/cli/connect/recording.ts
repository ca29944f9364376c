import { once } from 'node:events'
import type { WriteStream } from 'node:fs'
import type { Connection } from '../../../index.js'
import { observe, type InspectionMessage, type ObservableSession } from '../../inspect/index.js'
import { openPrivate } from '../private-file.js'

/** The sampling interval, long enough that the file of a day stays manageable. Milliseconds. */
const every = 1_000

/** Writes inspection messages of a connection to a file as JSON Lines, without its messages. */
export class Recording {
  readonly #file: WriteStream
  #off: (() => void) | undefined
  #failure: string | undefined

  /** Overwrites an existing file. Rejects if the file cannot be written or belongs to another user. */
  static readonly open = async (path: string): Promise<Recording> => {
    return new Recording((await openPrivate(path)).createWriteStream())
  }

  private constructor(file: WriteStream) {
    this.#file = file
    file.on('error', ({ message }) => {
      this.#failure ??= `the recording is incomplete: ${message}`
      this.#off?.()
    })
  }

  /** Why the recording is incomplete, if it is. */
  get failure(): string | undefined {
    return this.#failure
  }

  follow(connection: Connection, session?: ObservableSession): void {
    const write = (message: InspectionMessage): void => void this.#file.write(`${JSON.stringify(message)}\n`)
    this.#off = observe(connection, write, { every, session })
  }

  async close(): Promise<void> {
    this.#off?.()
    if (this.#failure !== undefined) return
    this.#file.end()
    await once(this.#file, 'close').catch(() => {})
  }
}
