import { Duplex } from 'node:stream'

/** As much as a socket gives in one go. */
const pieceSize = 65_536

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
    this.#pass(chunk, 0, done)
  }

  /** In pieces like those of a socket, so that a reader who has had enough can stop in the middle of a big one. */
  #pass(chunk: Buffer, from: number, done: () => void): void {
    const peer = this.#peer
    for (let at = from; at < chunk.length; at += pieceSize) {
      if (peer === undefined || peer.destroyed) break
      if (peer.push(chunk.subarray(at, at + pieceSize))) continue
      this.#written = () => this.#pass(chunk, at + pieceSize, done)
      return
    }
    done()
  }

  override _final(done: () => void): void {
    if (this.#peer?.destroyed === false) this.#peer.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const peer = this.#peer
    if (peer === undefined || peer.destroyed) return done(error)
    if (this.writableFinished && !peer.readableEnded) {
      // As on a network: what one end said before it ended may still be read, however late.
      peer.once('end', () => peer.destroy())
      return done(error)
    }
    // Who destroys closes last: when the link is over, the endpoint has been told.
    peer.once('close', () => setImmediate(done, error))
    setImmediate(() => peer.destroy())
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
