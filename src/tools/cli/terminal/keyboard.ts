import type { ReadStream } from 'node:tty'
import { charactersOf } from './text.js'

export type OnKey = (key: string) => void

/** The characters of Ctrl-C and Ctrl-D in raw mode. */
export const ctrlC = '\u0003'
export const ctrlD = '\u0004'

/** The characters in terminal input, without escape sequences such as arrow keys. */
export function keysIn(chunk: string): string[] {
  // oxlint-disable-next-line no-control-regex -- sequences start with ESC
  return charactersOf(chunk.replace(/\u001b(?:\[[\d;?]*[ -/]*[@-~]|O.|.)?/g, ''))
}

/** Reads single keys from a terminal, without echo, until `stop`. */
export class Keyboard {
  readonly #in: ReadStream
  readonly #onKey: OnKey
  readonly #gone: () => void
  readonly #restore = (): void => this.stop()
  #stopped = false

  /** `gone` is called when the terminal closes. */
  constructor(input: ReadStream, onKey: OnKey, gone: () => void) {
    this.#in = input
    this.#onKey = onKey
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
    // Fails after a hang-up, when there is no terminal to restore.
    if (!this.#in.destroyed) {
      try {
        this.#in.setRawMode(false)
      } catch {
        // The terminal is gone.
      }
    }
    this.#in.pause()
    // In some versions of Node, even a paused terminal keeps the process alive.
    this.#in.unref()
  }

  readonly #onData = (chunk: string | Buffer): void => {
    for (const key of keysIn(String(chunk))) if (!this.#stopped) this.#onKey(key)
  }
}
