import { Duplex } from 'node:stream'

/** The most bytes that a socket delivers at once. */
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

  /** In socket-sized pieces, so that a reader can pause in the middle of a large chunk. */
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
      // As on a network, data written before the end can still be read.
      peer.once('end', () => peer.destroy())
      return done(error)
    }
    // The end that is destroyed closes last, so the endpoint has been notified when the link is over.
    peer.once('close', () => setImmediate(done, error))
    setImmediate(() => peer.destroy())
  }
}

/**
 * Returns two connected streams: an in-process socket pair.
 *
 * Node's `duplexPair` is not used: for years, one side did not notice the other's `destroy`.
 */
export function streamPair(): [Duplex, Duplex] {
  return End.pair()
}
