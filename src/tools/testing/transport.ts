import { ConnectionError } from '../../index.js'
import type {
  BinaryType,
  CloseInfo,
  SendData,
  FailureDetail,
  MessageData,
  Socket,
  SocketSink,
  Target,
  Throughput,
  Transport,
} from '../../core/transport.js'

/** Options of `FakeTransport`. */
export interface FakeTransportOptions {
  /** Optional capabilities of the sockets. @default all of them */
  capabilities?: { ping?: boolean | undefined; pause?: boolean | undefined } | undefined
  /** Called for each new socket, after `connect` has returned. Script the server here. */
  onSocket?: ((socket: FakeSocket) => void) | undefined
}

/** A call that the connection made on a fake socket. */
export type FakeAction =
  | { readonly type: 'send'; readonly data: SendData }
  | { readonly type: 'close' | 'abandon'; readonly code: number | undefined; readonly reason: string | undefined }
  | { readonly type: 'ping' | 'pause' | 'resume' }

/** A transport without a network. The test plays the server through `sockets` and `last`. */
export class FakeTransport implements Transport {
  /** All sockets created so far, oldest first. */
  readonly sockets: FakeSocket[] = []
  readonly #options: FakeTransportOptions

  constructor(options: FakeTransportOptions = {}) {
    this.#options = options
  }

  /** A tag, so that reactive frameworks treat it as a platform object and do not wrap it. */
  get [Symbol.toStringTag](): string {
    return 'FakeTransport'
  }

  /** Called by the connection for each attempt. */
  connect(target: Target, sink: SocketSink): Socket {
    const socket = new FakeSocket(target, sink, this.#options.capabilities ?? {})
    this.sockets.push(socket)
    const { onSocket } = this.#options
    // A promise, because fake timers may replace `queueMicrotask`.
    if (onSocket) void Promise.resolve().then(() => onSocket(socket))
    return socket
  }

  /** The latest socket. Throws if nothing has been dialed. */
  get last(): FakeSocket {
    const socket = this.sockets[this.sockets.length - 1]
    if (socket === undefined) throw new Error('nothing has been dialed yet')
    return socket
  }

  /** The number of sockets that are not over. A connection never has more than one. */
  get alive(): number {
    return this.sockets.filter((socket) => !socket.over).length
  }
}

/**
 * One fake socket. The connection calls the `Socket` methods; the test calls the server-side methods and inspects
 * `actions`.
 */
export class FakeSocket implements Socket {
  readonly target: Target
  /** All calls of the connection, in order. */
  readonly actions: FakeAction[] = []
  bufferedAmount = 0
  binaryType: BinaryType
  ping?: () => void
  pause?: () => void
  resume?: () => void
  /** What `throughput()` returns. Set it to simulate transfer progress. */
  bytes: Throughput | undefined
  /** Whether the socket was closed or abandoned. */
  over = false
  /** Whether the handshake is complete and the socket is not closing. */
  open = false
  readonly #sink: SocketSink

  constructor(
    target: Target,
    sink: SocketSink,
    { ping = true, pause = true }: NonNullable<FakeTransportOptions['capabilities']>,
  ) {
    this.target = target
    this.binaryType = target.binaryType
    this.#sink = sink
    if (ping) this.ping = () => this.#note({ type: 'ping' })
    if (pause) {
      this.pause = () => this.#note({ type: 'pause' })
      this.resume = () => this.#note({ type: 'resume' })
    }
  }

  /** A tag, so that reactive frameworks treat it as a platform object and do not wrap it. */
  get [Symbol.toStringTag](): string {
    return 'FakeSocket'
  }

  send(data: SendData): void {
    if (!this.open) throw new ConnectionError('ERR_TRANSPORT', 'the socket is not open')
    this.#note({ type: 'send', data })
  }

  close(code?: number, reason?: string): void {
    this.open = false
    this.#note({ type: 'close', code, reason })
  }

  abandon(code?: number, reason?: string): void {
    this.open = false
    this.over = true
    this.#note({ type: 'abandon', code, reason })
  }

  throughput(): Throughput | undefined {
    return this.bytes
  }

  /** The messages sent, in order. */
  get sent(): SendData[] {
    return this.actions.flatMap((action) => (action.type === 'send' ? [action.data] : []))
  }

  /** The number of calls of this type. */
  count(type: FakeAction['type']): number {
    return this.actions.filter((action) => action.type === type).length
  }

  // Server-side methods. They have no effect once the socket is over.

  /** Completes the handshake. */
  accept(info: { protocol?: string | undefined; extensions?: string | undefined } = {}): void {
    // A socket closed while connecting never opens.
    if (this.over || this.open || this.count('close') > 0) return
    this.open = true
    this.#sink.opened({ protocol: info.protocol ?? '', extensions: info.extensions ?? '' })
  }

  /** Delivers a message from the server. */
  message(data: MessageData): void {
    if (!this.over) this.#sink.message(data)
  }

  /** Answers a ping. */
  pong(): void {
    if (!this.over) this.#sink.alive('pong')
  }

  /** Delivers a ping from the server. */
  serverPing(): void {
    if (!this.over) this.#sink.alive('ping')
  }

  /** Delivers an unsolicited pong. */
  strayPong(): void {
    if (!this.over) this.#sink.alive('stray')
  }

  /**
   * Closes the socket. After `close()`, a clean close with the same code or 1000 counts as the peer's reply. @default
   * code 1006, unclean
   */
  end(close: Partial<CloseInfo> = {}, detail?: FailureDetail): void {
    if (this.over) return
    this.over = true
    this.open = false
    if (detail) this.#sink.failed(detail)
    const { code = 1006, reason = '', wasClean = code !== 1006 } = close
    const closeCall = this.actions.find(({ type }) => type === 'close') as { readonly code?: number } | undefined
    const isReply = closeCall !== undefined && (code === 1000 || code === (closeCall.code ?? 1005))
    this.#sink.closed({ code, reason, wasClean }, wasClean && isReply)
  }

  /** Fails the handshake. */
  refuse(detail: Partial<FailureDetail> = {}): void {
    this.end({}, { error: new Error('refused'), ...detail })
  }

  /** The sink, for simulating a misbehaving runtime that calls it after the end. */
  get lateSink(): SocketSink {
    return this.#sink
  }

  #note(action: FakeAction): void {
    this.actions.push(action)
  }
}
