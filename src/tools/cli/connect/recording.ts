import { once } from 'node:events'
import type { WriteStream } from 'node:fs'
import type { Connection } from '../../../index.js'
import { observe } from '../../inspect/index.js'
import { openPrivate } from '../private-file.js'

/** Between samples of the counters: a day of it is to be a file that one can open. Milliseconds. */
const every = 1_000

/** What an inspector is told of a connection, as lines of JSON in a file. Nothing that the connection carries is in it. */
export class Recording {
  readonly #file: WriteStream
  #off: (() => void) | undefined
  #failure: string | undefined

  /** What was there before is gone. Rejects when the file cannot be written, or is none of ours. */
  static readonly open = async (path: string): Promise<Recording> => {
    return new Recording((await openPrivate(path)).createWriteStream())
  }

  private constructor(file: WriteStream) {
    this.#file = file
    file.on('error', ({ message }) => {
      this.#failure ??= `the recording is not complete: ${message}`
      this.#off?.()
    })
  }

  /** Why it is not complete, if it is not. */
  get failure(): string | undefined {
    return this.#failure
  }

  follow(connection: Connection): void {
    this.#off = observe(connection, (message) => void this.#file.write(`${JSON.stringify(message)}\n`), { every })
  }

  async close(): Promise<void> {
    this.#off?.()
    if (this.#failure !== undefined) return
    this.#file.end()
    await once(this.#file, 'close').catch(() => {})
  }
}
