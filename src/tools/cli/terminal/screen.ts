import type { WriteStream } from 'node:tty'
import { columns, wrap, type Paint, type Tone } from './text.js'

/** Where a command writes: lines that stay and, on a terminal, some rows below them that show the present. */
export interface Output {
  readonly width: number
  readonly paint: Paint
  /** Rows that stay. Each is a line of its own, and may hold colours. */
  print(...rows: readonly string[]): void
  /** Text that stays, broken to the width; all rows but the first are indented. */
  say(text: string, how?: { readonly indent?: number; readonly tone?: Tone }): void
  /** The present has changed. */
  refresh(): void
  /** Gives the terminal back. May be called twice. */
  stop(): void
}

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
const eraseBelow = '\u001b[J'

/** A terminal whose last rows are drawn anew in place, whatever is printed above them. */
export class Screen implements Output {
  readonly paint: Paint
  readonly #out: WriteStream
  readonly #render: (width: number) => readonly string[]
  readonly #restore = (): void => this.stop()
  readonly #resized = (): void => this.#draw('')
  #drawn: readonly string[] = []
  #drawnWidth = 0
  #stopped = false

  /** `render` gives the rows of the present, none of them wider than it is told. */
  constructor(out: WriteStream, paint: Paint, render: (width: number) => readonly string[]) {
    this.#out = out
    this.paint = paint
    this.#render = render
    // Also when something throws that nobody catches: a terminal without a cursor outlives us.
    process.once('exit', this.#restore)
    out.on('resize', this.#resized)
    out.write(hideCursor)
  }

  get width(): number {
    // The last column stays free: some terminals wrap as soon as it is written to.
    return Math.max(1, (this.#out.columns || 80) - 1)
  }

  print(...rows: readonly string[]): void {
    if (this.#stopped) this.#out.write(rows.map((row) => `${row}\n`).join(''))
    else this.#draw(rows.map((row) => `${row}\r\n`).join(''))
  }

  say(text: string, { indent = 0, tone = 'plain' }: { indent?: number; tone?: Tone } = {}): void {
    this.print(...wrap(text, this.width, indent).map((row) => this.paint(row, tone)))
  }

  /** Lets somebody write to the same terminal through another stream: whole rows, at once. */
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

  /** One write, so that nobody sees the rows missing. */
  #draw(above: string): void {
    const { width } = this
    const rows = this.#render(width)
    if (above === '' && width === this.#drawnWidth && rows.join('\n') === this.#drawn.join('\n')) return
    this.#out.write(this.#erasure() + above + rows.join('\r\n'))
    this.#drawn = rows
    this.#drawnWidth = width
  }

  #erasure(): string {
    // A terminal that became narrower has broken what is on it; the rows are then more than we wrote.
    const { width } = this
    const height = this.#drawn.reduce((sum, row) => sum + Math.max(1, Math.ceil(visible(row) / (width + 1))), 0)
    return `\r${height > 1 ? `\u001b[${height - 1}A` : ''}${eraseBelow}`
  }
}

/** A pipe or a file: only what stays. */
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
  // oxlint-disable-next-line no-control-regex -- the colours of `style.ts`
  return columns(row.replace(/\u001b\[[\d;]*m/g, ''))
}
