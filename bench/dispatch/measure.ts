import type { SocketLike } from './contenders.js'

export interface Order {
  readonly messages: number
  readonly size: number
}

/** An open socket with one listener, which reads the message and counts it. */
export class Listening {
  readonly #socket: SocketLike
  #received = 0
  #awaited = Infinity
  #done = (): void => {}

  private constructor(socket: SocketLike) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      if (typeof data !== 'string') throw new TypeError('not what was sent')
      if (++this.#received === this.#awaited) this.#done()
    })
  }

  static async on(socket: SocketLike): Promise<Listening> {
    const listening = new Listening(socket)
    await new Promise<void>((resolve) => {
      socket.addEventListener('open', () => resolve())
    })
    return listening
  }

  /** Nanoseconds of this process's processor time per message, including system time, excluding the peer. */
  async receive({ messages, size }: Order): Promise<number> {
    this.#awaited = this.#received + messages
    const done = new Promise<void>((resolve) => (this.#done = resolve))
    const before = process.cpuUsage()
    this.#socket.send(`${messages} ${size}`)
    await done
    const { user, system } = process.cpuUsage(before)
    return ((user + system) * 1_000) / messages
  }

  close(): void {
    this.#socket.close()
  }
}
