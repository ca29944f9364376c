import { ConnectionError } from '../errors.js'
import type { Data, Frame, Socket } from '../transports/transport.js'
import type { FrameTaker } from './inbound.js'

/** The raw socket as the `prepare` hook sees it: before the queue is flushed and before any listener hears a message. */
export interface Link {
  readonly protocol: string
  /** Sends at once, past queue and codec. Throws `ERR_ENDED` when the attempt is over. */
  send(data: Data): void
  /** The next frame, raw. Rejects with `ERR_ENDED` when the attempt is over. Frames left unread go to the listeners. */
  read(): Promise<Frame>
}

/** The link of one attempt, and the frames it has not read. */
export class PreparingLink implements Link, FrameTaker {
  readonly protocol: string
  #socket: Socket | undefined
  #frames: Frame[] = []
  #readers: { resolve: (frame: Frame) => void; reject: (error: ConnectionError) => void }[] = []

  constructor(socket: Socket, protocol: string) {
    this.#socket = socket
    this.protocol = protocol
  }

  send(data: Data): void {
    if (this.#socket === undefined) throw this.#over()
    this.#socket.send(data)
  }

  read(): Promise<Frame> {
    if (this.#frames.length > 0) return Promise.resolve(this.#frames.shift()!)
    if (this.#socket === undefined) return Promise.reject(this.#over())
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }))
  }

  take(frame: Frame): void {
    const reader = this.#readers.shift()
    if (reader) reader.resolve(frame)
    else this.#frames.push(frame)
  }

  /** `prepare` is done, or the attempt is: what was not read is handed over. */
  end(): Frame[] {
    this.#socket = undefined
    for (const reader of this.#readers.splice(0)) reader.reject(this.#over())
    return this.#frames.splice(0)
  }

  #over(): ConnectionError {
    return new ConnectionError('ERR_ENDED', 'the link (of an attempt that is over) must not be used after prepare')
  }
}
