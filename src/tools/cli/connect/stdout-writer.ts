/** How much to buffer before checking for backpressure. Bytes or characters. */
const batch = 65_536

/** Writes messages to stdout: one write per turn of the event loop, with backpressure. */
export class StdoutWriter {
  readonly #out: NodeJS.WritableStream
  readonly #around: (write: () => void) => void
  readonly #signal: AbortSignal
  #pieces: (string | Uint8Array)[] = []
  #size = 0
  #scheduled: NodeJS.Immediate | undefined
  #blocked = false

  /** `around` receives the write function and calls it. After `signal` aborts, nothing waits for the reader. */
  constructor(out: NodeJS.WritableStream, around: (write: () => void) => void, signal: AbortSignal) {
    this.#out = out
    this.#around = around
    this.#signal = signal
    out.on('drain', () => (this.#blocked = false))
  }

  /** Whether stdout has not drained yet. */
  get blocked(): boolean {
    return this.#blocked
  }

  push(piece: string | Uint8Array): void {
    this.#pieces.push(piece)
    this.#size += piece.length
    this.#scheduled ??= setImmediate(() => this.flush())
  }

  /** Waits until there is room. Resolves to false if the data will not be read. */
  async room(): Promise<boolean> {
    if (this.#size >= batch) this.flush()
    if (this.#blocked) await this.#taken()
    return !(this.#blocked && this.#signal.aborted)
  }

  /** Writes everything buffered. */
  flush(): void {
    clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    const pieces = this.#pieces
    if (pieces.length === 0) return
    this.#pieces = []
    this.#size = 0
    this.#around(() => {
      for (const piece of joined(pieces)) this.#blocked = !this.#out.write(piece) || this.#blocked
    })
  }

  #taken(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#out.off('drain', done)
        this.#signal.removeEventListener('abort', done)
        resolve()
      }
      if (this.#signal.aborted) return resolve()
      this.#out.once('drain', done)
      this.#signal.addEventListener('abort', done)
    })
  }
}

/** Joins the pieces into one. */
function joined(pieces: readonly (string | Uint8Array)[]): readonly (string | Uint8Array)[] {
  if (pieces.every((piece) => typeof piece === 'string')) return [pieces.join('')]
  return [Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)))]
}
