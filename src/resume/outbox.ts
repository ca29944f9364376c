import { quickSize } from '../core/bytes.js'
import type { Fate } from '../core/features/delivery.js'
import type { SendData } from '../core/transport.js'
import { encodeData, readFrame } from './protocol.js'

type OnFate = (fate: Fate) => void

/** The numbered messages that the server has not acknowledged, as frames. */
export class Outbox {
  /** The number of the last message. */
  tx = 0
  /** Messages up to this number are acknowledged. */
  acked = 0
  /** Of the frames. Bytes of binary ones, characters of text. */
  bytes = 0
  /** The number before the first frame. Above `acked` after a reload that did not keep the messages. */
  base = 0
  #frames: (string | Uint8Array<ArrayBuffer> | undefined)[] = []
  #head = 0
  /** The app's messages by number, if a codec has encoded them. */
  #messages: Map<number, unknown> | undefined
  /** Few messages have one. */
  #fates: Map<number, OnFate> | undefined

  get size(): number {
    return this.tx - this.acked
  }

  /** Numbers a message, and keeps it. `message`: what to list if it is not delivered; `undefined` if that is the payload. */
  add(payload: string | Uint8Array, message: unknown): string | Uint8Array<ArrayBuffer> {
    const number = ++this.tx
    const frame = encodeData(number, payload)
    this.keep(frame)
    if (message !== undefined) (this.#messages ??= new Map<number, unknown>()).set(number, message)
    return frame
  }

  keep(frame: string | Uint8Array<ArrayBuffer>): void {
    this.#frames.push(frame)
    this.bytes += quickSize(frame)
  }

  follow(onFate: OnFate): void {
    ;(this.#fates ??= new Map<number, OnFate>()).set(this.tx, onFate)
  }

  /** The frame of this number, if it is kept. */
  frame(number: number): string | Uint8Array<ArrayBuffer> | undefined {
    return this.#frames[this.#head + number - this.base - 1]
  }

  /** Forgets the messages up to this number. Calls `tell` with the `onFate` of each. */
  acknowledge(number: number, tell: (onFate: OnFate) => void): void {
    const fates = this.#fates
    while (this.acked < number) {
      const next = ++this.acked
      if (next <= this.base) continue
      this.bytes -= quickSize(this.#frames[this.#head]!)
      this.#frames[this.#head++] = undefined
      this.base = next
      this.#messages?.delete(next)
      const onFate = fates?.get(next)
      if (onFate === undefined) continue
      fates!.delete(next)
      tell(onFate)
    }
    // Compacted once half is empty, so each frame is moved at most once on average.
    if (this.#head * 2 <= this.#frames.length) return
    this.#frames = this.#frames.slice(this.#head)
    this.#head = 0
  }

  /** After a reload that did not keep the messages: these numbers have arrived, and the next one follows them. */
  continueAfter(number: number): void {
    this.tx = this.base = number
    this.#frames = []
    this.#head = this.bytes = 0
  }

  /** The size of the kept frames up to this number. */
  sizeOf(to: number): number {
    let size = 0
    for (let number = this.base + 1; number <= to; number++) size += quickSize(this.frame(number)!)
    return size
  }

  /** The kept messages after `from` and up to `to`, as the app sent them. Calls `tell` with the `onFate` of each. */
  list(from: number, to: number, tell: (onFate: OnFate) => void): unknown[] {
    const messages: unknown[] = []
    for (let number = Math.max(from, this.base) + 1; number <= to; number++) {
      messages.push(this.#messages?.has(number) === true ? this.#messages.get(number) : payloadOf(this.frame(number)!))
      const onFate = this.#fates?.get(number)
      if (onFate !== undefined) tell(onFate)
    }
    return messages
  }
}

/** The payload of one of these frames. */
export function payloadOf(frame: string | Uint8Array<ArrayBuffer>): SendData {
  const { payload } = readFrame(frame)
  return typeof payload === 'string' ? payload : payload.slice()
}
