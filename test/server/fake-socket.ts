import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import { encodeData, encodeNumber, readFrame, type Hello } from '../../src/resume/protocol.js'

/** The server's side of a socket, as `ws` gives it to a session server, with the client's side to script. */
export class FakeSocket extends EventEmitter {
  readonly OPEN = 1
  readonly CLOSED = 3
  readyState = 1
  binaryType = ''
  bufferedAmount = 0
  paused = false
  pings = 0
  /** What the server has sent. */
  readonly sent: (string | Uint8Array)[] = []
  /** The close frame of the server. */
  closed: { code: number; reason: string } | undefined
  terminated = false
  /** Writes that are not done yet, while `slow`. */
  readonly #unwritten: (() => void)[] = []
  slow = false
  /** Whether the client answers a close frame at once. */
  answers = true

  readonly protocol: string

  constructor(protocol = 'resume.v1') {
    super()
    this.protocol = protocol
  }

  get asSocket(): WebSocket {
    return this as unknown as WebSocket
  }

  send(frame: string | Uint8Array, _options: object, written?: () => void): void {
    this.sent.push(frame)
    if (!this.slow) {
      if (written !== undefined) queueMicrotask(written)
      return
    }
    this.bufferedAmount += frame.length
    this.#unwritten.push(() => {
      this.bufferedAmount -= frame.length
      written?.()
    })
  }

  /** The network takes what was sent. */
  write(): void {
    for (const done of this.#unwritten.splice(0)) done()
  }

  ping(): void {
    this.pings++
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  close(code: number, reason: string): void {
    if (this.readyState !== 1) return
    this.closed = { code, reason }
    this.readyState = this.answers ? 3 : 2
    if (this.answers) queueMicrotask(() => this.emit('close'))
  }

  terminate(): void {
    this.terminated = true
    this.drop()
  }

  // The client.

  /** The link is gone, without a close frame. */
  drop(): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.emit('close')
  }

  receive(frame: string | Uint8Array): void {
    if (this.readyState !== 1) return
    this.emit('message', Buffer.from(frame as Uint8Array), typeof frame !== 'string')
  }

  hello(hello: Partial<Hello>): void {
    this.receive(`h${JSON.stringify({ v: 1, gen: 1, rx: 0, ...hello })}`)
  }

  message(number: number, payload: string | Uint8Array = `m${number}`): void {
    this.receive(encodeData(number, payload))
  }

  acknowledge(number: number): void {
    this.receive(encodeNumber('a', number))
  }

  /** The frames of one kind that the server has sent. */
  frames(kind: string): { number: number; payload: string | Uint8Array; json: Record<string, unknown> }[] {
    return this.sent.flatMap((each) => {
      const frame = readFrame(each)
      if (frame.kind !== kind) return []
      const { number, payload } = frame
      const json = ['welcome', 'refusal', 'joined'].includes(kind) ? (JSON.parse(payload as string) as never) : {}
      return [{ number, payload: typeof payload === 'string' ? payload : payload.slice(), json }]
    })
  }

  /** The numbers of the messages that it has got. */
  get numbers(): number[] {
    return this.frames('data').map(({ number }) => number)
  }

  get welcome(): Record<string, unknown> | undefined {
    return this.frames('welcome').at(-1)?.json
  }

  get refusal(): Record<string, unknown> | undefined {
    return this.frames('refusal').at(-1)?.json
  }

  /** The last acknowledgment. */
  get acknowledged(): number | undefined {
    return this.frames('ack').at(-1)?.number
  }
}

export const request = { headers: {}, socket: { cork() {}, uncork() {} } } as IncomingMessage
