import type { ReadStream } from 'node:tty'
import { charactersOf } from './text.js'

export type KeyHeard = (key: string) => void

/** The keys that Ctrl-C and Ctrl-D make: in raw mode they are characters like any other. */
export const ctrlC = '\u0003'
export const ctrlD = '\u0004'

/** The characters of what a terminal sent; arrows and the like, which come as sequences, are left out. */
export function keysIn(chunk: string): string[] {
  // oxlint-disable-next-line no-control-regex -- ESC is what sequences begin with
  return charactersOf(chunk.replace(/\u001b(?:\[[\d;?]*[ -/]*[@-~]|O.|.)?/g, ''))
}

/** A terminal's keys, one by one and unechoed, until `stop`. */
export class Keyboard {
  readonly #in: ReadStream
  readonly #heard: KeyHeard
  readonly #gone: () => void
  readonly #restore = (): void => this.stop()
  #stopped = false

  /** `gone`: the terminal was taken away. */
  constructor(input: ReadStream, heard: KeyHeard, gone: () => void) {
    this.#in = input
    this.#heard = heard
    this.#gone = gone
    process.once('exit', this.#restore)
    input.setEncoding('utf8')
    input.setRawMode(true)
    input.on('data', this.#onData)
    input.on('end', this.#gone)
    input.on('error', this.#gone)
    input.resume()
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    process.off('exit', this.#restore)
    this.#in.off('data', this.#onData)
    this.#in.off('end', this.#gone)
    // A hang-up makes it fail, and there is nobody left to restore anything for.
    if (!this.#in.destroyed) {
      try {
        this.#in.setRawMode(false)
      } catch {
        // So it was.
      }
    }
    this.#in.pause()
    // Reading keeps the process alive; a paused terminal does too, in some versions of Node.
    this.#in.unref()
  }

  readonly #onData = (chunk: string | Buffer): void => {
    for (const key of keysIn(String(chunk))) if (!this.#stopped) this.#heard(key)
  }
}
