import { byteLength } from '../core/bytes.js'
import type { SendData } from '../index.js'

/** What was accepted and will not be sent, unless its sender asks: the standard goes on counting its bytes. */
export class Unsent {
  /** What still waited at the end: it may go out in another life, or be taken back. */
  #kept: SendData[] = []
  #keptBytes = 0
  #discardedBytes = 0

  get bytes(): number {
    return this.#keptBytes + this.#discardedBytes
  }

  keep(data: SendData): void {
    this.#kept.push(data)
    this.#keptBytes += byteLength(data)
  }

  /** Sent after the end. The standard counts it for ever, which here is until the next life. */
  discard(data: SendData): void {
    this.#discardedBytes += byteLength(data)
  }

  forgetDiscarded(): void {
    this.#discardedBytes = 0
  }

  take(): SendData[] {
    this.#keptBytes = 0
    return this.#kept.splice(0)
  }
}
