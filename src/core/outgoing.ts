import { quickSize, snapshot } from './bytes.js'
import { isConnectionError, makeError, type ConnectionError } from './errors.js'
import type { SendData } from './transport.js'
import type { Attempt } from './attempt.js'
import type { Core } from './core.js'
import type { Entry } from './feature.js'

/** How far a flush came. `more`: one slice is out and the next may follow at once. `full`: the socket takes no more for now. */
export type Flushed = 'done' | 'more' | 'full'

/** What leaves the queue in one go; between two of these the event loop gets its turn. Bytes of binary, characters of text. */
const slice = { messages: 1_024, size: 1 << 20 }

/** From the app to the socket: straight through when it is open, by way of the queue when it is not. */
export class Outgoing {
  /** Messages handed to sockets so far. */
  sent = 0
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  /** The socket of this attempt takes messages, as far as we know. */
  get link(): Attempt | undefined {
    const { attempt } = this.#core
    return attempt?.ready === true ? attempt : undefined
  }

  /** Throws `ERR_DATA`, `ERR_ENCODE` or `ERR_QUEUE_FULL`; then nothing was accepted. */
  send(message: unknown, options: object | undefined): 'sent' | 'queued' | 'dropped' {
    const core = this.#core
    core.mustAccept('send()')
    if (options !== undefined) for (const part of core.parts) part.onSend?.(options)
    const data = this.encode(message)
    // `encode` belongs to the app, and may have closed the connection.
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
    // What expires on the way is reported when this message has its place, because a listener may close.
    this.#core.turn(() => {
      const link = this.open
      const written = link !== undefined && this.write(link, message, data, options)
      if (written === true) result = 'sent'
      else if (written === false) result = this.keep(message, data, options)
      else throw written
    })
    return result
  }

  /** The link, if a message may go straight to it: nothing waits, and there is room. */
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
    // What was accepted is given back, not what the app has made of it since.
    const result = core.queue.push({ data, message: core.codec === undefined ? data : message, options })
    if (this.link !== undefined) core.pressure?.start()
    return result
  }

  /** Sends what waits, as far as the socket has room, and no more than a slice, unless nothing would go on with the next one. */
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

  /** Accepted, and given up. It is told when the turn is over. */
  drop({ message, options }: Pick<Entry, 'message' | 'options'>, reason: string): void {
    const core = this.#core
    core.tell(() => {
      if (options !== undefined) core.each('onDropped', (part) => part.onDropped!(message, options, reason))
      core.events.emit('dropped', { data: message, reason })
    })
  }

  encode(message: unknown): SendData {
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

  /** False: the socket is not open. An error: it is, and does not take this message. */
  write(link: Attempt, message: unknown, data: SendData, options: object | undefined): boolean | ConnectionError {
    const core = this.#core
    const { framing } = core
    const size = quickSize(data)
    // Before it is sent, because the socket may close as it takes the message.
    link.messages++
    link.bytes += size
    try {
      // What a framing has numbered it keeps, and sends again.
      if (framing === undefined) link.socket!.send(data)
      else link.sendNow(framing.outgoing(data))
    } catch (thrown) {
      link.messages--
      link.bytes -= size
      if (!isConnectionError(thrown)) {
        return makeError('ERR_DATA', 'data-refused', [], { cause: thrown })
      }
      // Of a framing.
      if (thrown.code !== 'ERR_TRANSPORT') return thrown
      // It has closed and we have not heard of it yet; the message waits for the next one.
      link.ready = false
      return false
    }
    this.sent++
    if (options !== undefined) core.each('onWritten', (part) => part.onWritten!(message, options, link))
    return true
  }
}
