import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocket, type ClientOptions } from 'ws'

/** Resolves when `check` holds, checking after every turn of the loop; the test's own timeout is the bound. */
export async function eventually(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 2))
}

/** A `ws` client that records everything that happens to it. */
export class Client {
  readonly socket: WebSocket
  readonly events: string[] = []
  readonly messages: (string | Buffer)[] = []
  readonly errors: Error[] = []
  status: number | undefined
  closeCode: number | undefined
  closeReason: string | undefined
  readonly #open: Promise<void>
  readonly #closed: Promise<void>

  constructor(url: string, options: ClientOptions & { protocols?: string[] } = {}) {
    const { protocols = [], ...rest } = options
    const socket = new WebSocket(url, protocols, rest)
    this.socket = socket
    onTestFinished(() => socket.terminate())
    this.#open = new Promise((resolve) => socket.once('open', resolve))
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('open', () => this.events.push('open'))
    socket.on('message', (data: Buffer, binary: boolean) => {
      this.events.push('message')
      this.messages.push(binary ? data : data.toString())
    })
    socket.on('ping', () => this.events.push('ping'))
    socket.on('pong', () => this.events.push('pong'))
    socket.on('error', (error) => {
      this.events.push('error')
      this.errors.push(error)
      this.status = Number(/response: (\d+)/.exec(error.message)?.[1] ?? NaN)
    })
    socket.on('close', (code, reason) => {
      this.events.push('close')
      this.closeCode = code
      this.closeReason = reason.toString()
    })
  }

  async opened(): Promise<this> {
    await this.#open
    return this
  }

  async closed(): Promise<this> {
    await this.#closed
    return this
  }

  /** Waits until this many messages have arrived in total. */
  async received(count: number): Promise<this> {
    await eventually(() => this.messages.length >= count)
    return this
  }
}

/** A raw TCP client. */
export class RawClient {
  readonly socket: Socket
  readonly chunks: Buffer[] = []
  error: string | undefined
  ended = false
  readonly #closed: Promise<void>

  constructor(port: number) {
    const socket = connect(port, '127.0.0.1')
    this.socket = socket
    onTestFinished(() => void socket.destroy())
    socket.on('data', (chunk: Buffer) => this.chunks.push(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code))
    socket.on('end', () => (this.ended = true))
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1')
  }

  upgrade(path = '/', headers: Record<string, string> = {}): this {
    const lines = Object.entries({
      Host: 'localhost',
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`)
    this.socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
    return this
  }

  async closed(): Promise<this> {
    await this.#closed
    return this
  }
}
