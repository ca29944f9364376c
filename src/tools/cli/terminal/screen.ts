import type { WriteStream } from 'node:tty'
import { columns, wrap, type Paint, type Tone } from './text.js'

/** The output of a command: permanent lines and, on a terminal, status rows below them. */
export interface Output {
  readonly width: number
  readonly paint: Paint
  /** Prints permanent rows. They may contain colors. */
  print(...rows: readonly string[]): void
  /** Prints permanent text, wrapped to the width. Rows after the first are indented. */
  say(text: string, how?: { readonly indent?: number; readonly tone?: Tone }): void
  /** Redraws the status rows. */
  refresh(): void
  /** Restores the terminal. May be called twice. */
  stop(): void
}

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
const eraseBelow = '\u001b[J'

/** A terminal whose last rows show a status that is redrawn in place. */
export class Screen implements Output {
  readonly paint: Paint
  readonly #out: WriteStream
  readonly #render: (width: number) => readonly string[]
  readonly #restore = (): void => this.stop()
  readonly #resized = (): void => this.#draw('')
  #drawn: readonly string[] = []
  #drawnWidth = 0
  #stopped = false

  /** `render` returns the status rows, each at most `width` columns wide. */
  constructor(out: WriteStream, paint: Paint, render: (width: number) => readonly string[]) {
    this.#out = out
    this.paint = paint
    this.#render = render
    // Also after an uncaught exception: the cursor would stay hidden.
    process.once('exit', this.#restore)
    out.on('resize', this.#resized)
    out.write(hideCursor)
  }

  get width(): number {
    // Some terminals wrap as soon as the last column is written to.
    return Math.max(1, (this.#out.columns || 80) - 1)
  }

  print(...rows: readonly string[]): void {
    if (this.#stopped) this.#out.write(rows.map((row) => `${row}\n`).join(''))
    else this.#draw(rows.map((row) => `${row}\r\n`).join(''))
  }

  say(text: string, { indent = 0, tone = 'plain' }: { indent?: number; tone?: Tone } = {}): void {
    this.print(...wrap(text, this.width, indent).map((row) => this.paint(row, tone)))
  }

  /** Calls `write`, which must write whole rows to the same terminal synchronously. */
  aside(write: () => void): void {
    if (this.#stopped) return write()
    this.#out.write(this.#erasure())
    this.#drawn = []
    write()
    this.#draw('')
  }

  refresh(): void {
    if (!this.#stopped) this.#draw('')
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    process.off('exit', this.#restore)
    this.#out.off('resize', this.#resized)
    this.#out.write(this.#erasure() + showCursor)
  }

  /** In one write, so that the rows do not flicker. */
  #draw(above: string): void {
    const { width } = this
    const rows = this.#render(width)
    if (above === '' && width === this.#drawnWidth && rows.join('\n') === this.#drawn.join('\n')) return
    this.#out.write(this.#erasure() + above + rows.join('\r\n'))
    this.#drawn = rows
    this.#drawnWidth = width
  }

  #erasure(): string {
    // A narrower terminal has wrapped the drawn rows, so they take more rows than before.
    const { width } = this
    const height = this.#drawn.reduce((sum, row) => sum + Math.max(1, Math.ceil(visible(row) / (width + 1))), 0)
    return `\r${height > 1 ? `\u001b[${height - 1}A` : ''}${eraseBelow}`
  }
}

/** A pipe or a file: permanent lines only. */
export class Paper implements Output {
  readonly width = 80
  readonly paint: Paint = (text) => text
  readonly #out: NodeJS.WritableStream

  constructor(out: NodeJS.WritableStream) {
    this.#out = out
  }

  print(...rows: readonly string[]): void {
    this.#out.write(rows.map((row) => `${row}\n`).join(''))
  }

  say(text: string, { indent = 0 }: { indent?: number } = {}): void {
    this.print(...wrap(text, this.width, indent))
  }

  refresh(): void {}

  stop(): void {}
}

function visible(row: string): number {
  // oxlint-disable-next-line no-control-regex -- the colors of `style.ts`
  return columns(row.replace(/\u001b\[[\d;]*m/g, ''))
}
