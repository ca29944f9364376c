import { quickSize } from '../bytes.js'
import type { Link, Preparing } from '../feature.js'
import { makeError, type ConnectionError } from '../errors.js'
import type { SendData, MessageData, Socket } from '../transport.js'
import { Fifo } from '../lists.js'

/** What may wait to be read while `prepare` runs: messages, and bytes of binary ones plus characters of text. */
const bounds = { messages: 1_000, size: 1_048_576 }
/** Frames that a runtime had parsed from one read before it stopped: 64 KiB of the smallest. */
const surplus = 32_768

/** The link of one attempt, and the frames it has not read. */
export class PreparingLink implements Link, Preparing {
  readonly protocol: string
  readonly #overflowed: (error: ConnectionError) => void
  #socket: Socket | undefined
  readonly #frames = new Fifo<MessageData>()
  #size = 0
  #paused = false
  readonly #readers = new Fifo<{ resolve: (frame: MessageData) => void; reject: (error: ConnectionError) => void }>()

  /** `overflowed`: the server sends more than is read, and the socket cannot be paused. */
  constructor(socket: Socket, protocol: string, overflowed: (error: ConnectionError) => void) {
    this.#socket = socket
    this.protocol = protocol
    this.#overflowed = overflowed
  }

  /** Reactive state takes it for an object of the platform, and leaves it as it is. */
  get [Symbol.toStringTag](): string {
    return 'Link'
  }

  send(data: SendData): void {
    if (this.#socket === undefined) throw this.#over()
    this.#socket.send(data)
  }

  read(): Promise<MessageData> {
    const frame = this.#frames.shift()
    if (frame !== undefined) {
      this.#size -= quickSize(frame)
      // Half empty before it is read again: a pause for each message would cost more than it saves.
      if (this.#frames.size <= bounds.messages / 2 && this.#size <= bounds.size / 2) this.#resume()
      return Promise.resolve(frame)
    }
    if (this.#socket === undefined) return Promise.reject(this.#over())
    const next = new Promise<MessageData>((resolve, reject) => this.#readers.push({ resolve, reject }))
    // `prepare` may have given up on it, in a race or by a throw. That must not be an unhandled rejection.
    next.catch(() => {})
    return next
  }

  take(frame: MessageData): void {
    const reader = this.#readers.shift()
    if (reader) {
      reader.resolve(frame)
      return
    }
    this.#frames.push(frame)
    this.#size += quickSize(frame)
    if (this.#frames.size < bounds.messages && this.#size < bounds.size) return
    this.#pause()
    const { size } = this.#frames
    if (this.#paused && size < bounds.messages + surplus) return
    this.#overflowed(makeError('ERR_PREPARE', 'prepare-unread', [size]))
  }

  /** `prepare` is done, or the attempt is: what was not read is handed over. */
  end(): MessageData[] {
    this.#resume()
    this.#socket = undefined
    for (let reader; (reader = this.#readers.shift());) reader.reject(this.#over())
    const unread: MessageData[] = []
    for (let frame; (frame = this.#frames.shift()) !== undefined;) unread.push(frame)
    this.#size = 0
    return unread
  }

  #pause(): void {
    const socket = this.#socket
    if (this.#paused || socket?.pause === undefined || socket.resume === undefined) return
    this.#paused = true
    socket.pause()
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket?.resume?.()
  }

  #over(): ConnectionError {
    return makeError('ERR_ENDED', 'link-over', [])
  }
}
