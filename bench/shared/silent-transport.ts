import type { BinaryType, Socket, SocketSink, Target, Transport } from '../../dist/src/index.js'

/** A socket that accepts everything and does nothing, so that only the connection is measured. */
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
  /** The socket of the latest attempt. */
  socket: SilentSocket | undefined

  connect(_: Target, sink: SocketSink): Socket {
    this.socket = new SilentSocket(sink)
    return this.socket
  }

  /** Waits for the next attempt and opens it. */
  async open(): Promise<SilentSocket> {
    this.socket = undefined
    // As many microtask turns as the connection needs.
    while (this.socket === undefined) await Promise.resolve()
    const { socket } = this as { socket: SilentSocket }
    socket.sink.opened({ protocol: '', extensions: '' })
    await Promise.resolve()
    return socket
  }
}
