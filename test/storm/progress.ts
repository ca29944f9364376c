/** One line on a terminal, overwritten; prints nothing without a terminal. */
export class Progress {
  readonly #stream: NodeJS.WriteStream

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  show(text: string): void {
    if (this.#stream.isTTY) this.#stream.write(`\r\u001B[2K${text}`)
  }

  clear(): void {
    this.show('')
  }
}
