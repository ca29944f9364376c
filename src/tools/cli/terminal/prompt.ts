import { createInterface, type Interface, type Key } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'

const mark = '> '
const up = (rows: number): string => (rows > 0 ? `\u001b[${rows}A` : '')
const down = (rows: number): string => (rows > 0 ? `\u001b[${rows}B` : '')
const eraseBelow = '\u001b[J'

export interface PromptOptions {
  /** Gives the row, no wider than it is told. */
  readonly render: (width: number) => string
  /** Ctrl-C, which in raw mode is a key like any other. */
  readonly interrupt: () => void
  /** Ctrl-D: nothing will be typed any more, and the terminal is as it was. */
  readonly closed: () => void
}

/**
 * A row that shows the present and, below it, a line that is being typed; whatever is printed appears above both.
 * Editing and history are those of `node:readline`, to which the row is a part of the prompt.
 */
export class Prompt {
  readonly #interface: Interface
  readonly #input: ReadStream
  readonly #out: WriteStream
  readonly #render: (width: number) => string
  readonly #onKey = (_: string | undefined, key: Key): void => this.#measure(key)
  readonly #onResize = (): void => this.#reflow()
  readonly #onResized = (): void => this.refresh()
  #shown = ''
  /** Rows above the cursor at the moment that a line was finished. */
  #height = 0
  #stopped = false

  constructor(input: ReadStream, out: WriteStream, { render, interrupt, closed }: PromptOptions) {
    this.#input = input
    this.#out = out
    this.#render = render
    // readline goes by what it has drawn; the terminal has broken that anew by then, or put it together again.
    out.prependListener('resize', this.#onResize)
    // Heard before readline hears it, while the line is still there.
    input.on('keypress', this.#onKey)
    this.#interface = createInterface({ input, output: out, terminal: true, historySize: 100 })
    out.on('resize', this.#onResized)
    this.#interface.on('SIGINT', interrupt)
    // The terminal was taken away: nothing will be typed any more.
    input.on('error', () => this.#interface.close())
    this.#interface.on('close', () => {
      if (this.#stopped) return
      this.#erase()
      this.#stopped = true
      closed()
    })
    this.refresh()
  }

  /** What is typed, line by line, until Ctrl-D. */
  async *lines(): AsyncGenerator<readonly string[]> {
    for await (const line of this.#interface) {
      this.#keep(line)
      // At a prompt an empty line is an accident.
      if (line !== '') yield [line]
    }
  }

  /** Lets somebody write to the same terminal: whole rows, at once. */
  aside(write: () => void): void {
    if (this.#stopped) return write()
    const rows = this.#erase()
    write()
    // readline goes up to where it believes the prompt begins.
    this.#out.write('\n'.repeat(rows))
    this.#draw()
  }

  refresh(): void {
    if (!this.#stopped && this.#row() !== this.#shown) this.#draw()
  }

  /** Gives the terminal back. May be called twice. */
  stop(): void {
    this.#input.off('keypress', this.#onKey)
    this.#out.off('resize', this.#onResize)
    this.#out.off('resize', this.#onResized)
    if (!this.#stopped) this.#erase()
    this.#stopped = true
    this.#interface.close()
    this.#input.unref()
  }

  /** Takes row and line away, and tells how many rows the cursor went up. */
  #erase(): number {
    const { rows } = this.#interface.getCursorPos()
    this.#out.write(`\r${up(rows)}${eraseBelow}`)
    return rows
  }

  /** Puts the cursor where readline believes it to be, by as many rows as there are more above it now, or fewer. */
  #reflow(): void {
    if (this.#stopped) return
    // Not documented, and nowhere else to be had; without it the rests of a row stay, no more.
    const { prevRows } = this.#interface as { prevRows?: number }
    const more = prevRows === undefined ? 0 : this.#interface.getCursorPos().rows - prevRows
    this.#out.write(up(more) + down(-more))
  }

  #row(): string {
    return this.#render(Math.max(1, (this.#out.columns || 80) - 1))
  }

  #draw(): void {
    this.#shown = this.#row()
    this.#interface.setPrompt(`${this.#shown}\n${mark}`)
    this.#interface.prompt(true)
  }

  #measure({ name }: Key): void {
    if (name !== 'return' && name !== 'enter') return
    this.#interface.write(null, { ctrl: true, name: 'e' })
    this.#height = this.#interface.getCursorPos().rows
  }

  /** The finished line stays; the row above it, which is past, does not. */
  #keep(line: string): void {
    this.#out.write(`\r${up(this.#height + 1)}${eraseBelow}${line === '' ? '' : `${mark}${line}\n`}`)
    this.#height = 0
    this.#draw()
  }
}
