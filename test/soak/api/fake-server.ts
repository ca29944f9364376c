import type { SendData, SocketSink, Target } from '../../../src/index.js'
import { FakeTransport, type FakeSocket } from '../../../src/tools/testing/index.js'

/** One socket of the fake transport, and its server's state. */
export interface Line {
  readonly socket: FakeSocket
  /** Logged messages sent since the server was last heard. */
  unproven: number
  /** The next `send` throws. */
  balks: boolean
  /** Its close event was reported. */
  reported: boolean
}

/** A fake transport whose sockets report what is written to them. */
export class FakeServer extends FakeTransport {
  readonly lines: Line[] = []
  readonly #written: (data: SendData, line: Line) => boolean
  readonly #breach: (what: string) => void

  constructor(
    capabilities: { ping: boolean; pause: boolean },
    written: (data: SendData, line: Line) => boolean,
    breach: (what: string) => void,
  ) {
    super({ capabilities })
    this.#written = written
    this.#breach = breach
  }

  override connect(target: Target, sink: SocketSink): FakeSocket {
    const socket = super.connect(target, sink) as FakeSocket
    if (this.alive > 1) this.#breach('a second socket is made')
    const line: Line = { socket, unproven: 0, balks: false, reported: false }
    this.lines.push(line)
    const send = socket.send.bind(socket)
    socket.send = (data) => {
      if (line.balks && socket.open) {
        line.balks = false
        throw new TypeError('this socket does not take it')
      }
      send(data)
      if (this.#written(data, line)) line.unproven++
    }
    return socket
  }

  /** The socket that is neither closed nor abandoned. */
  get line(): Line | undefined {
    const line = this.lines.at(-1)
    return line?.socket.over === false ? line : undefined
  }

  /** Does something that the current socket reports. */
  speak(act: (socket: FakeSocket) => void): void {
    const { line } = this
    if (line === undefined || !line.socket.open) return
    line.unproven = 0
    act(line.socket)
  }
}
