import type { ReadStream, WriteStream } from 'node:tty'
import { Prompt } from '../terminal/prompt.js'
import { Screen } from '../terminal/screen.js'
import { styleFor } from '../terminal/style.js'
import { paintLine, type Line } from '../terminal/text.js'

/** Shows the status on stderr. */
export interface Reporter {
  /** The typed lines, if the reporter controls the keyboard. */
  readonly typed: AsyncIterable<readonly string[]> | undefined
  /** Reports a change. `stays`: keep it visible above the status row. */
  changed(text: string, stays: boolean): void
  /** Redraws the current status. */
  refresh(): void
  /** Runs `write`, which may print lines to the same terminal. */
  aside(write: () => void): void
  /** Restores the terminal. Can be called more than once. */
  stop(): void
}

/** Prints one line per change, or nothing. */
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

/** Shows a row that updates in place, with lasting lines above it. */
export class Live implements Reporter {
  readonly typed: AsyncIterable<readonly string[]> | undefined
  readonly #out: WriteStream
  #rows: Pick<Screen, 'aside' | 'refresh' | 'stop'>

  /** With `keyboard`, an input line is shown below the row. */
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
