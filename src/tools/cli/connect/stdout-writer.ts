/** What is handed over at once at most, before we ask whether it is taken. Bytes and characters. */
const batch = 65_536

/** Messages on their way to stdout: those of one turn of the loop in one write, and none faster than they are read. */
export class StdoutWriter {
  readonly #out: NodeJS.WritableStream
  readonly #around: (write: () => void) => void
  readonly #signal: AbortSignal
  #pieces: (string | Uint8Array)[] = []
  #size = 0
  #scheduled: NodeJS.Immediate | undefined
  #blocked = false

  /** `around` is given what writes, and calls it; with the signal nobody is waited for any more. */
  constructor(out: NodeJS.WritableStream, around: (write: () => void) => void, signal: AbortSignal) {
    this.#out = out
    this.#around = around
    this.#signal = signal
    out.on('drain', () => (this.#blocked = false))
  }

  /** The reader is behind. */
  get blocked(): boolean {
    return this.#blocked
  }

  push(piece: string | Uint8Array): void {
    this.#pieces.push(piece)
    this.#size += piece.length
    this.#scheduled ??= setImmediate(() => this.flush())
  }

  /** Whether there is room for more; at once, or when there is. False: nobody will read it. */
  async room(): Promise<boolean> {
    if (this.#size >= batch) this.flush()
    if (this.#blocked) await this.#taken()
    return !(this.#blocked && this.#signal.aborted)
  }

  /** Hands everything over. */
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

/** Neighbours of one kind in one piece. */
function joined(pieces: readonly (string | Uint8Array)[]): readonly (string | Uint8Array)[] {
  if (pieces.every((piece) => typeof piece === 'string')) return [pieces.join('')]
  return [Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)))]
}
