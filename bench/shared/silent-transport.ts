import type { BinaryType, Socket, SocketSink, Target, Transport } from '../../dist/src/index.js'

/** A socket that takes everything and does nothing: what is left to measure is ours. */
export class SilentSocket implements Socket {
  readonly sink: SocketSink
  readonly bufferedAmount = 0
  binaryType: BinaryType = 'arraybuffer'
  sent = 0
  pings = 0

  constructor(sink: SocketSink) {
    this.sink = sink
  }

  send(): void {
    this.sent++
  }

  close(): void {}
  abandon(): void {}

  ping(): void {
    this.pings++
  }

  pause(): void {}
  resume(): void {}
}

export class SilentTransport implements Transport {
  /** Of the latest attempt. */
  socket: SilentSocket | undefined

  connect(_: Target, sink: SocketSink): Socket {
    this.socket = new SilentSocket(sink)
    return this.socket
  }

  /** Opens the next attempt that is made. */
  async open(): Promise<SilentSocket> {
    this.socket = undefined
    // One turn of microtasks after another, as many as the connection needs.
    while (this.socket === undefined) await Promise.resolve()
    const { socket } = this as { socket: SilentSocket }
    socket.sink.opened({ protocol: '', extensions: '' })
    await Promise.resolve()
    return socket
  }
}
