import { Progress } from '../../test/storm/progress.js'
import { grouped } from '../../test/storm/table.js'

const width = 24

/** A live line on a terminal; otherwise a line per twentieth. */
export class ProgressBar {
  done = 0
  readonly #stream: NodeJS.WriteStream
  readonly #live: Progress
  #shown = 0

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    this.#live = new Progress(stream)
  }

  show(done: number, of: number, note: string): void {
    this.done = done
    const { isTTY } = this.#stream
    // At most ten updates per second; a slow terminal would slow the run.
    const step = isTTY ? Math.floor(performance.now() / 100) : Math.floor((20 * done) / of)
    if (step === this.#shown) return
    this.#shown = step
    const full = Math.round((done / of) * width)
    const bar = '█'.repeat(full) + '░'.repeat(width - full)
    const text = `${bar} ${grouped(done)} of ${grouped(of)}, ${note}`
    if (isTTY) this.#live.show(text.slice(0, (this.#stream.columns ?? 80) - 1))
    else this.#stream.write(`${text}\n`)
  }

  clear(): void {
    this.#live.clear()
  }
}
