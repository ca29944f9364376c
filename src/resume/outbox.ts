import { quickSize } from '../core/bytes.js'
import type { Fate } from '../core/features/delivery.js'
import type { SendData } from '../core/transport.js'
import { encodeData, readFrame } from './protocol.js'

export type KeptFrame = string | Uint8Array
type OnFate = (fate: Fate) => void

/** The place of a message whose payload is the message. */
export const itself = Symbol('itself')

/** The numbered messages that the server has not acknowledged, as frames. */
export class Outbox {
  /** The number of the last message. */
  tx = 0
  /** Messages up to this number are acknowledged. */
  acked = 0
  /** The number before the first kept frame. Above `acked` after a reload that didn't keep the messages. */
  base = 0
  /** The size of the kept frames. Bytes of binary ones, characters of text. */
  bytes = 0
  #frames: (KeptFrame | undefined)[] = []
  /** Parallel to the frames, if there is a codec. */
  #messages: unknown[] | undefined
  #head = 0
  /** Few messages have one. */
  #fates: Map<number, OnFate> | undefined

  get size(): number {
    return this.tx - this.acked
  }

  /** Numbers a message and keeps it. `message`: what to list if it isn't delivered. */
  add(payload: string | Uint8Array, message: unknown): KeptFrame {
    const frame = encodeData(this.tx + 1, payload)
    this.keep(frame, message)
    return frame
  }

  keep(frame: KeptFrame, message: unknown): void {
    this.tx++
    this.bytes += quickSize(frame)
    if (message !== itself) this.#messages ??= this.#frames.map(() => itself)
    this.#frames.push(frame)
    this.#messages?.push(message)
  }

  /** The fate of the last message. */
  follow(onFate: OnFate): void {
    ;(this.#fates ??= new Map<number, OnFate>()).set(this.tx, onFate)
  }

  /** The frame of this number, which is after `base`. */
  frame(number: number): KeptFrame {
    return this.#frames[this.#head + number - this.base - 1]!
  }

  /** Forgets the messages up to this number. Calls `tell` with the `onFate` of each. */
  acknowledge(number: number, tell: (onFate: OnFate) => void): void {
    this.#tell(this.acked, number, tell)
    for (; this.base < number; this.base++) {
      this.bytes -= quickSize(this.#frames[this.#head]!)
      if (this.#messages !== undefined) this.#messages[this.#head] = undefined
      this.#frames[this.#head++] = undefined
    }
    this.acked = Math.max(this.acked, number)
    // Compacted once half is empty, so each frame is moved at most once on average.
    if (this.#head * 2 <= this.#frames.length) return
    this.#frames = this.#frames.slice(this.#head)
    this.#messages = this.#messages?.slice(this.#head)
    this.#head = 0
  }

  /** Drops what is kept: the messages up to this number need not be sent again, and the next one follows them. */
  continueAfter(number: number): void {
    this.tx = this.base = number
    this.#frames = []
    this.#messages = undefined
    this.#head = this.bytes = 0
  }

  /** The kept messages after `from` up to `to`, as the app sent them. Calls `tell` with the `onFate` of each. */
  list(
    from: number,
    to: number,
    tell: (onFate: OnFate) => void,
  ): { readonly messages: unknown[]; readonly bytes: number } {
    const messages: unknown[] = []
    let bytes = 0
    for (let number = Math.max(from, this.base) + 1; number <= to; number++) {
      const frame = this.frame(number)
      const message = this.#messages === undefined ? itself : this.#messages[this.#head + number - this.base - 1]
      messages.push(message === itself ? payloadOf(frame) : message)
      bytes += quickSize(frame)
    }
    this.#tell(from, to, tell)
    return { messages, bytes }
  }

  #tell(from: number, to: number, tell: (onFate: OnFate) => void): void {
    const fates = this.#fates
    if (fates === undefined || fates.size === 0) return
    for (let number = from + 1; number <= to; number++) {
      const onFate = fates.get(number)
      if (onFate === undefined) continue
      fates.delete(number)
      tell(onFate)
    }
  }
}

/** The payload of a kept frame. Bytes are a copy. */
function payloadOf(frame: KeptFrame): SendData {
  const { payload } = readFrame(frame)
  return typeof payload === 'string' ? payload : payload.slice()
}
