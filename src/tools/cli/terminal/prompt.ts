import { createInterface, type Interface, type Key } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'

const mark = '> '
const up = (rows: number): string => (rows > 0 ? `\u001b[${rows}A` : '')
const down = (rows: number): string => (rows > 0 ? `\u001b[${rows}B` : '')
const eraseBelow = '\u001b[J'

export interface PromptOptions {
  /** Returns the status row, at most `width` columns wide. */
  readonly render: (width: number) => string
  /** Called on Ctrl-C, which raw mode delivers as a key. */
  readonly interrupt: () => void
  /** Called on Ctrl-D, when input has ended and the terminal is restored. */
  readonly closed: () => void
}

/**
 * A status row with an input line below it. Other output appears above both.
 * `node:readline` provides editing and history. For it, the status row is part of the prompt.
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
  /** Rows above the cursor when a line was finished. */
  #height = 0
  #stopped = false

  constructor(input: ReadStream, out: WriteStream, { render, interrupt, closed }: PromptOptions) {
    this.#input = input
    this.#out = out
    this.#render = render
    // Before readline handles it: by then the terminal has wrapped the drawn text differently.
    out.prependListener('resize', this.#onResize)
    // Before readline handles it, while the line is still there.
    input.on('keypress', this.#onKey)
    this.#interface = createInterface({ input, output: out, terminal: true, historySize: 100 })
    out.on('resize', this.#onResized)
    this.#interface.on('SIGINT', interrupt)
    // The terminal has closed.
    input.on('error', () => this.#interface.close())
    this.#interface.on('close', () => {
      if (this.#stopped) return
      this.#erase()
      this.#stopped = true
      closed()
    })
    this.refresh()
  }

  /** Typed lines, until Ctrl-D. */
  async *lines(): AsyncGenerator<readonly string[]> {
    for await (const line of this.#interface) {
      this.#keep(line)
      // Skips empty lines.
      if (line !== '') yield [line]
    }
  }

  /** Calls `write`, which must write whole rows to the same terminal synchronously. */
  aside(write: () => void): void {
    if (this.#stopped) return write()
    const rows = this.#erase()
    write()
    // readline moves up to where it expects the prompt.
    this.#out.write('\n'.repeat(rows))
    this.#draw()
  }

  refresh(): void {
    if (!this.#stopped && this.#row() !== this.#shown) this.#draw()
  }

  /** Restores the terminal. May be called twice. */
  stop(): void {
    this.#input.off('keypress', this.#onKey)
    this.#out.off('resize', this.#onResize)
    this.#out.off('resize', this.#onResized)
    if (!this.#stopped) this.#erase()
    this.#stopped = true
    this.#interface.close()
    this.#input.unref()
  }

  /** Erases the row and the line. Returns how many rows the cursor moved up. */
  #erase(): number {
    const { rows } = this.#interface.getCursorPos()
    this.#out.write(`\r${up(rows)}${eraseBelow}`)
    return rows
  }

  /** Moves the cursor to where readline expects it, after the terminal has wrapped the text differently. */
  #reflow(): void {
    if (this.#stopped) return
    // Undocumented, with no alternative. Without it, parts of a row stay on the screen.
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

  /** Keeps the finished line, and erases the status row above it. */
  #keep(line: string): void {
    this.#out.write(`\r${up(this.#height + 1)}${eraseBelow}${line === '' ? '' : `${mark}${line}\n`}`)
    this.#height = 0
    this.#draw()
  }
}
