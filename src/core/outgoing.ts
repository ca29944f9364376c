import { quickSize, snapshot } from './bytes.js'
import { isConnectionError, makeError, type ConnectionError } from './errors.js'
import type { SendData } from './transport.js'
import type { Attempt } from './attempt.js'
import type { Core } from './core.js'
import type { Entry } from './feature.js'

/** The result of a flush. `more`: a slice was sent and the next may follow immediately. `full`: the socket has no room. */
export type Flushed = 'done' | 'more' | 'full'

/** The most that a flush sends before the event loop continues. `size` counts bytes of binary messages, characters of text. */
const slice = { messages: 1_024, size: 1 << 20 }

/** Sends messages: directly if a socket has room, through the queue otherwise. */
export class Outgoing {
  /** Messages handed to sockets so far. */
  sent = 0
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  /** The attempt whose socket accepts messages, as far as is known. */
  get link(): Attempt | undefined {
    const { attempt } = this.#core
    return attempt?.ready === true ? attempt : undefined
  }

  /** Throws `ERR_ENDED`, `ERR_DATA`, `ERR_ENCODE` or `ERR_QUEUE_FULL` if it didn't accept the message. */
  send(message: unknown, options: object | undefined): 'sent' | 'queued' | 'dropped' {
    const core = this.#core
    core.mustAccept('send()')
    if (options !== undefined) for (const part of core.parts) part.onSend?.(options)
    const data = this.encode(message)
    // `encode` is app code and may have closed the connection.
    if (core.codec !== undefined) core.mustAccept('send()')
    if (core.queue.size === 0) {
      const link = this.link
      if (link !== undefined && !this.isFull) {
        const written = this.write(link, message, data, options)
        if (written === true) return 'sent'
        if (written !== false) throw written
      }
    }
    return this.#wait(message, data, options)
  }

  #wait(message: unknown, data: SendData, options: object | undefined): 'sent' | 'queued' | 'dropped' {
    let result: 'sent' | 'queued' | 'dropped' = 'queued'
    // In a turn, so expired messages are reported after this one is placed: a listener may close the connection.
    this.#core.run(() => {
      const link = this.open
      const written = link !== undefined && this.write(link, message, data, options)
      if (written === true) result = 'sent'
      else if (written === false) result = this.keep(message, data, options)
      else throw written
    })
    return result
  }

  /** The link, if nothing is queued and its socket has room. */
  get open(): Attempt | undefined {
    const { queue } = this.#core
    if (queue.size > 0 && queue.size <= slice.messages && !this.isFull) this.flush()
    return queue.size > 0 || this.isFull ? undefined : this.link
  }

  get isFull(): boolean {
    const { link } = this
    return link !== undefined && this.#core.isFull(link)
  }

  keep(message: unknown, given: SendData, options: object | undefined): 'queued' | 'dropped' {
    const core = this.#core
    const data = snapshot(given)
    // Withdrawn messages are as accepted, even if the app changed the data since.
    const result = core.queue.push({ data, message: core.codec === undefined ? data : message, options })
    if (this.link !== undefined) core.pressure?.start()
    return result
  }

  /** Sends queued messages while the socket has room; at most a slice, if flow control continues with the next one. */
  flush(): Flushed {
    const { queue, pressure } = this.#core
    let [messages, size] = [0, 0]
    for (let entry = queue.peek(); entry !== undefined; entry = queue.peek()) {
      const { link } = this
      if (link === undefined || this.isFull) return 'full'
      if (pressure !== undefined && (messages >= slice.messages || size >= slice.size)) return 'more'
      const written = this.write(link, entry.message, entry.data, entry.options)
      if (written === false) return 'full'
      messages++
      size += quickSize(entry.data)
      queue.shift()
      if (written !== true) this.drop(entry, 'refused')
    }
    return 'done'
  }

  /** Drops an accepted message; reported at the end of the turn. */
  drop({ message, options }: Pick<Entry, 'message' | 'options'>, reason: string): void {
    const core = this.#core
    core.schedule(() => {
      if (options !== undefined) core.each('onDropped', (part) => part.onDropped!(message, options, reason))
      core.events.emit('dropped', { data: message, reason })
    })
  }

  encode(message: unknown): SendData {
    const data = this.#encoded(message)
    this.#core.framing?.check?.(data)
    return data
  }

  #encoded(message: unknown): SendData {
    const { codec } = this.#core
    if (codec === undefined) return this.#core.check(message)
    let data: unknown
    try {
      data = codec.encode(message as never)
    } catch (cause) {
      throw makeError('ERR_ENCODE', 'encode-threw', [], { cause })
    }
    return this.#core.check(data)
  }

  /** Returns false if the socket is not open, and an error if the open socket rejects the message. */
  write(link: Attempt, message: unknown, data: SendData, options: object | undefined): boolean | ConnectionError {
    const core = this.#core
    const { framing } = core
    const size = quickSize(data)
    // Counted before sending, because the socket may close while taking the message.
    link.messages++
    link.bytes += size
    try {
      // A framing keeps and resends what it has numbered.
      if (framing === undefined) link.socket!.send(data)
      else link.sendNow(framing.outgoing(data, message))
    } catch (thrown) {
      link.messages--
      link.bytes -= size
      if (!isConnectionError(thrown)) {
        return makeError('ERR_DATA', 'data-refused', [], { cause: thrown })
      }
      // From a framing.
      if (thrown.code !== 'ERR_TRANSPORT') return thrown
      // The socket has closed and its close event is pending; the message waits for the next one.
      link.ready = false
      return false
    }
    this.sent++
    if (options !== undefined) core.each('onWritten', (part) => part.onWritten!(message, options, link))
    return true
  }
}
