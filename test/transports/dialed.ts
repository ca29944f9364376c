import { expect, vi } from 'vitest'
import { ConnectionError, type ErrorCode } from '../../src/core/errors.js'
import type {
  CloseInfo,
  ControlFrame,
  SendData,
  FailureDetail,
  MessageData,
  Socket,
  SocketSink,
  Target,
  Transport,
} from '../../src/core/transport.js'

type Entry =
  | { readonly type: 'opened'; readonly protocol: string; readonly extensions: string }
  | { readonly type: 'message'; readonly data: MessageData }
  | { readonly type: 'alive'; readonly frame: ControlFrame }
  | { readonly type: 'failed'; readonly detail: FailureDetail }
  | { readonly type: 'closed'; readonly close: CloseInfo }

/** A socket under test, with everything its sink received and every violation of the contract. */
export class Dialed {
  readonly socket: Socket
  readonly log: Entry[] = []
  readonly breaches: string[] = []
  /** Whether the peer's Close answered the client's, as far as the transport knows. */
  answered: boolean | undefined
  onEntry: ((entry: Entry) => void) | undefined
  #calling: string | undefined = 'connect'
  #abandoned = false

  constructor(transport: Transport, target: Partial<Target> & { url: string }) {
    const sink: SocketSink = {
      opened: (info) => this.#note({ type: 'opened', ...info }),
      message: (data) => this.#note({ type: 'message', data }),
      alive: (frame) => this.#note({ type: 'alive', frame }),
      failed: (detail) => this.#note({ type: 'failed', detail }),
      closed: (close, answered) => {
        this.answered = answered
        this.#note({ type: 'closed', close })
      },
    }
    this.socket = transport.connect({ protocols: [], headers: {}, binaryType: 'arraybuffer', ...target }, sink)
    this.#calling = undefined
  }

  #note(entry: Entry): void {
    const last = this.log.at(-1)?.type
    if (this.#calling !== undefined) this.breaches.push(`${entry.type} inside ${this.#calling}`)
    if (this.#abandoned) this.breaches.push(`${entry.type} after abandon`)
    if (last === 'closed') this.breaches.push(`${entry.type} after closed`)
    if (last === 'failed' && entry.type !== 'closed') this.breaches.push(`${entry.type} between failed and closed`)
    if (entry.type === 'opened' && last !== undefined) this.breaches.push(`opened after ${last}`)
    this.log.push(entry)
    this.onEntry?.(entry)
  }

  #during(name: 'send' | 'close' | 'abandon' | 'ping' | 'pause' | 'resume', act: () => void): void {
    const outer = this.#calling
    this.#calling = name
    try {
      act()
    } finally {
      this.#calling = outer
    }
  }

  send(data: SendData): void {
    this.#during('send', () => this.socket.send(data))
  }
  close(...args: [code?: number, reason?: string]): void {
    this.#during('close', () => this.socket.close(...args))
  }
  abandon(...args: [code?: number, reason?: string]): void {
    this.#during('abandon', () => this.socket.abandon(...args))
    this.#abandoned = true
  }
  ping(): void {
    this.#during('ping', () => this.socket.ping?.())
  }
  pause(): void {
    this.#during('pause', () => this.socket.pause?.())
  }
  resume(): void {
    this.#during('resume', () => this.socket.resume?.())
  }

  of<T extends Entry['type']>(type: T): Extract<Entry, { type: T }>[] {
    return this.log.filter((entry): entry is Extract<Entry, { type: T }> => entry.type === type)
  }
  get types(): string[] {
    return this.log.map((entry) => entry.type)
  }
  get messages(): MessageData[] {
    return this.of('message').map(({ data }) => data)
  }
  /** Waits for the end and returns it. */
  async closed(): Promise<CloseInfo & { readonly detail: FailureDetail | undefined }> {
    await until(() => expect(this.types).toContain('closed'))
    return { ...this.of('closed')[0]!.close, detail: this.of('failed')[0]?.detail }
  }
  async opened(): Promise<this> {
    await until(() => expect(this.types[0]).toBe('opened'))
    return this
  }
  async received(count: number): Promise<MessageData[]> {
    await until(() => expect(this.messages.length).toBeGreaterThanOrEqual(count))
    return this.messages
  }
}

let patience = 3_000

/** How long each following wait may take before it fails. Milliseconds. */
export function bePatient(duration: number): void {
  patience = duration
}

/** Retries until it no longer throws. Bounded, and never a fixed delay. */
export function until<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: patience, interval: 5 })
}

export async function bytesOf(data: MessageData | ArrayBufferView): Promise<number[]> {
  if (typeof data === 'string') throw new TypeError('expected binary, got text')
  if (data instanceof Blob) return [...new Uint8Array(await data.arrayBuffer())]
  return data instanceof ArrayBuffer
    ? [...new Uint8Array(data)]
    : [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]
}

export function codeOf(detail: FailureDetail | undefined): ErrorCode | undefined {
  return detail?.error instanceof ConnectionError ? detail.error.code : undefined
}
