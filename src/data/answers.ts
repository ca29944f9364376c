import { quickSize } from '../bytes.js'
import type { Data, Socket } from '../transports/transport.js'

/** How much may be answered while the socket is over its high-water mark. A healthy link that is busy needs a few answers. Bytes. */
const allowance = 65_536

/**
 * Answers to the pings of a server. They go past the queue, so that a backlog doesn't make a healthy link look dead. A server that
 * pings and reads nothing gets no more of them than the allowance: it would not read them either.
 */
export class Answers {
  readonly #highWaterMark: number
  #overMark = 0

  constructor(highWaterMark: number) {
    this.#highWaterMark = highWaterMark
  }

  send(socket: Socket, answer: Data): void {
    if (socket.bufferedAmount < this.#highWaterMark) this.#overMark = 0
    else {
      this.#overMark += quickSize(answer)
      if (this.#overMark > allowance) return
    }
    try {
      socket.send(answer)
    } catch {
      // It has closed, and its close event is pending.
    }
  }
}
