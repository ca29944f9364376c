import { quickSize } from '../bytes.js'
import type { Link, Preparing } from '../feature.js'
import { makeError, type ConnectionError } from '../errors.js'
import type { SendData, MessageData, Socket } from '../transport.js'
import { Fifo } from '../lists.js'

/** The limits of unread messages while `prepare` runs. `size` counts bytes of binary messages plus characters of text. */
const bounds = { messages: 1_000, size: 1_048_576 }
/** Messages that a runtime may already have parsed when it is paused: 64 KiB of the smallest. */
const surplus = 32_768

/** The link of one attempt with its unread messages. */
export class PreparingLink implements Link, Preparing {
  readonly protocol: string
  readonly #overflowed: (error: ConnectionError) => void
  #socket: Socket | undefined
  readonly #frames = new Fifo<MessageData>()
  #size = 0
  #paused = false
  readonly #readers = new Fifo<{ resolve: (frame: MessageData) => void; reject: (error: ConnectionError) => void }>()

  /** `overflowed` is called if the server sends too much and the socket can't be paused. */
  constructor(socket: Socket, protocol: string, overflowed: (error: ConnectionError) => void) {
    this.#socket = socket
    this.protocol = protocol
    this.#overflowed = overflowed
  }

  /** With a tag, reactive state treats it as a platform object and doesn't wrap it. */
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
      // Resume at half: pausing for each message would cost too much.
      if (this.#frames.size <= bounds.messages / 2 && this.#size <= bounds.size / 2) this.#resume()
      return Promise.resolve(frame)
    }
    if (this.#socket === undefined) return Promise.reject(this.#over())
    const next = new Promise<MessageData>((resolve, reject) => this.#readers.push({ resolve, reject }))
    // `prepare` may have abandoned the promise, which must not be an unhandled rejection.
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

  /** `prepare` or the attempt is done. Returns the unread messages. */
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
