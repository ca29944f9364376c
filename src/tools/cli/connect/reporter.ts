import type { ReadStream, WriteStream } from 'node:tty'
import { Prompt } from '../terminal/prompt.js'
import { Screen } from '../terminal/screen.js'
import { styleFor } from '../terminal/style.js'
import { paintLine, type Line } from '../terminal/text.js'

/** Who tells on stderr how the connection is. */
export interface Reporter {
  /** What is typed, where the reporter has the keyboard as well. */
  readonly typed: AsyncIterable<readonly string[]> | undefined
  /** Something has changed, in words. `stays`: it is worth reading later, when the present is another one. */
  changed(text: string, stays: boolean): void
  /** The present may have changed. */
  refresh(): void
  /** Lets somebody write rows to what may be the same terminal. */
  aside(write: () => void): void
  /** Gives the terminal back. May be called twice. */
  stop(): void
}

/** A line for each change, or nothing at all. */
export class Lines implements Reporter {
  readonly typed = undefined
  readonly #out: NodeJS.WritableStream | undefined

  constructor(out: NodeJS.WritableStream | undefined) {
    this.#out = out
  }

  changed(text: string): void {
    this.#out?.write(`statewire: ${text}\n`)
  }

  refresh(): void {}

  aside(write: () => void): void {
    write()
  }

  stop(): void {}
}

/** One row that changes in place, and above it what stays. */
export class Live implements Reporter {
  readonly typed: AsyncIterable<readonly string[]> | undefined
  readonly #out: WriteStream
  #rows: Pick<Screen, 'aside' | 'refresh' | 'stop'>

  /** With `keyboard`, there is a line to type in below the row. */
  constructor(
    out: WriteStream,
    row: (width: number) => Line,
    keyboard: { readonly input: ReadStream; readonly interrupt: () => void } | undefined,
  ) {
    this.#out = out
    const paint = styleFor(out)
    const render = (width: number): string => paintLine(row(width), paint)
    const screen = (): Screen => new Screen(out, paint, (width) => [render(width)])
    if (keyboard === undefined) {
      this.#rows = screen()
      return
    }
    const { input, interrupt } = keyboard
    const prompt = new Prompt(input, out, { render, interrupt, closed: () => (this.#rows = screen()) })
    this.#rows = prompt
    this.typed = prompt.lines()
  }

  changed(text: string, stays: boolean): void {
    if (stays) this.aside(() => this.#out.write(`statewire: ${text}\n`))
    else this.#rows.refresh()
  }

  refresh(): void {
    this.#rows.refresh()
  }

  aside(write: () => void): void {
    this.#rows.aside(write)
  }

  stop(): void {
    this.#rows.stop()
  }
}
