import { Duplex } from 'node:stream'

class End extends Duplex {
  #peer: End | undefined
  #written: (() => void) | undefined

  static pair(): [End, End] {
    const a = new End({ allowHalfOpen: true })
    const b = new End({ allowHalfOpen: true })
    a.#peer = b
    b.#peer = a
    return [a, b]
  }

  override _read(): void {
    const peer = this.#peer
    if (peer === undefined) return
    const written = peer.#written
    peer.#written = undefined
    written?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const peer = this.#peer
    if (peer === undefined || peer.destroyed || peer.push(chunk)) done()
    else this.#written = done
  }

  override _final(done: () => void): void {
    if (this.#peer?.destroyed === false) this.#peer.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    done(error)
    const peer = this.#peer
    if (peer === undefined) return
    // As on a network: what one end said before it ended may still be read, however late.
    if (this.writableFinished && !peer.readableEnded) peer.once('end', () => peer.destroy())
    else setImmediate(() => peer.destroy())
  }
}

/**
 * Two streams, each the other's far end: a socket pair inside the process.
 *
 * Node has its own `duplexPair`, but there one side's `destroy` was for years not noticed by the other.
 */
export function streamPair(): [Duplex, Duplex] {
  return End.pair()
}
