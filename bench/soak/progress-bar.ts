import { Progress } from '../storm/progress.js'
import { grouped } from '../storm/table.js'

const width = 24

/** A live line where somebody watches; elsewhere a plain line for each tenth. */
export class ProgressBar {
  done = 0
  readonly #stream: NodeJS.WriteStream
  readonly #live: Progress
  readonly #total: number
  #started: number | undefined
  #shown = 0
  #tenth = 0

  constructor(stream: NodeJS.WriteStream, total: number) {
    this.#stream = stream
    this.#live = new Progress(stream)
    this.#total = total
    this.#live.show('warming up')
  }

  show(done: number, heap: number): void {
    const now = performance.now()
    this.#started ??= now
    this.done = done
    if (this.#stream.isTTY) {
      // More often than that nobody sees, and a slow terminal would slow us.
      if (now - this.#shown < 100) return
      this.#shown = now
      this.#live.show(this.#text(now - this.#started, heap))
    } else if (Math.floor((10 * done) / this.#total) > this.#tenth) {
      this.#tenth = Math.floor((10 * done) / this.#total)
      this.#stream.write(`${this.#text(now - this.#started, heap)}\n`)
    }
  }

  clear(): void {
    this.#live.clear()
  }

  #text(elapsed: number, heap: number): string {
    const part = Math.min(1, this.done / this.#total)
    const full = Math.round(part * width)
    const rate = this.done / (elapsed / 1_000)
    const left = Number.isFinite(rate) && rate > 0 ? `${Math.ceil((this.#total - this.done) / rate)} s left` : ''
    const bar = '█'.repeat(full) + '░'.repeat(width - full)
    return `${bar} ${grouped(this.done)} of ${grouped(this.#total)}, ${rate.toFixed(0)}/s, heap ${(heap / 1e6).toFixed(1)} MB, ${left}`
  }
}
