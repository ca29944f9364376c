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

export interface FakeTransportOptions {
  /** What the sockets can do besides what every socket can. @default all of it */
  capabilities?: { ping?: boolean | undefined; pause?: boolean | undefined } | undefined
  /** Called for each new socket, when `connect` has returned: script the server here. */
  onSocket?: ((socket: FakeSocket) => void) | undefined
}

/** What was done to a fake socket. */
export type FakeAction =
  | { readonly type: 'send'; readonly data: SendData }
  | { readonly type: 'close' | 'abandon'; readonly code: number | undefined; readonly reason: string | undefined }
  | { readonly type: 'ping' | 'pause' | 'resume' }

/** A transport without a network: the test is the server. */
export class FakeTransport implements Transport {
  /** Every socket made so far. */
  readonly sockets: FakeSocket[] = []
  readonly #options: FakeTransportOptions

  constructor(options: FakeTransportOptions = {}) {
    this.#options = options
  }

  /** Reactive state takes it for an object of the platform, and leaves it as it is. */
  get [Symbol.toStringTag](): string {
    return 'FakeTransport'
  }

  connect(target: Target, sink: SocketSink): Socket {
    const socket = new FakeSocket(target, sink, this.#options.capabilities ?? {})
    this.sockets.push(socket)
    const { onSocket } = this.#options
    // By a promise: a test that fakes all of time has replaced `queueMicrotask`.
    if (onSocket) void Promise.resolve().then(() => onSocket(socket))
    return socket
  }

  /** The latest socket. */
  get last(): FakeSocket {
    const socket = this.sockets[this.sockets.length - 1]
    if (socket === undefined) throw new Error('nothing has been dialled yet')
    return socket
  }

  /** Sockets that were neither closed nor abandoned. A connection never has two. */
  get alive(): number {
    return this.sockets.filter((socket) => !socket.over).length
  }
}

/** One fake socket: the public methods of a socket on one side, the server's on the other. */
export class FakeSocket implements Socket {
  readonly target: Target
  readonly actions: FakeAction[] = []
  bufferedAmount = 0
  binaryType: BinaryType
  ping?: () => void
  pause?: () => void
  resume?: () => void
  /** What `throughput()` says: how far the socket has come, if the test says so. */
  bytes: Throughput | undefined
  /** Closed or abandoned. */
  over = false
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

  /** Reactive state takes it for an object of the platform, and leaves it as it is. */
  get [Symbol.toStringTag](): string {
    return 'FakeSocket'
  }

  send(data: SendData): void {
    if (!this.open) throw new ConnectionError('ERR_TRANSPORT', 'send needs an open socket, and this one is not')
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

  /** What was sent, in order. */
  get sent(): SendData[] {
    return this.actions.flatMap((action) => (action.type === 'send' ? [action.data] : []))
  }

  /** How often something was done. */
  count(type: FakeAction['type']): number {
    return this.actions.filter((action) => action.type === type).length
  }

  // The server's side. Like a real one it is not heard once the socket is over.

  /** Completes the handshake. */
  accept(info: { protocol?: string | undefined; extensions?: string | undefined } = {}): void {
    // One that was told to close while it was connecting never opens.
    if (this.over || this.open || this.count('close') > 0) return
    this.open = true
    this.#sink.opened({ protocol: info.protocol ?? '', extensions: info.extensions ?? '' })
  }

  message(data: MessageData): void {
    if (!this.over) this.#sink.message(data)
  }

  pong(): void {
    if (!this.over) this.#sink.alive('pong')
  }

  serverPing(): void {
    if (!this.over) this.#sink.alive('ping')
  }

  /** A pong that answers no ping. */
  strayPong(): void {
    if (!this.over) this.#sink.alive('stray')
  }

  /** The socket closes, from either side. After `close()`, a clean end with its code or 1000 is the peer's answer. */
  end(close: Partial<CloseInfo> = {}, detail?: FailureDetail): void {
    if (this.over) return
    this.over = true
    this.open = false
    if (detail) this.#sink.failed(detail)
    const { code = 1006, reason = '', wasClean = code !== 1006 } = close
    const farewell = this.actions.find(({ type }) => type === 'close') as { readonly code?: number } | undefined
    const answers = farewell !== undefined && (code === 1000 || code === (farewell.code ?? 1005))
    this.#sink.closed({ code, reason, wasClean }, wasClean && answers)
  }

  /** The handshake fails. */
  refuse(detail: Partial<FailureDetail> = {}): void {
    this.end({}, { error: new Error('refused'), ...detail })
  }

  /** What a misbehaving runtime would do: call the sink although the socket is over. */
  get lateSink(): SocketSink {
    return this.#sink
  }

  #note(action: FakeAction): void {
    this.actions.push(action)
  }
}
