import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** The direction of bytes: `up` is to the server. */
export type Direction = 'up' | 'down'

/** A proxy for TCP whose links can be cut, and can lose what was sent before the cut, as a network does. */
export class Cutter implements AsyncDisposable {
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  readonly #lost = new Set<Direction>()
  /** Called for each new link. Returns after how many bytes, both directions together, it is cut. */
  lifetime: () => number = () => Infinity
  /** Refuses new links. */
  closed = false
  /** The number of links so far. */
  links = 0

  private constructor(port: number) {
    this.#server = createServer((client) => this.#join(client, connect(port, '127.0.0.1')))
  }

  /** Starts one before a server, and returns it with its URL. */
  static async start(target: string): Promise<Cutter> {
    const cutter = new Cutter(Number(new URL(target).port))
    cutter.#server.listen(0, '127.0.0.1')
    await once(cutter.#server, 'listening')
    return cutter
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** From now on bytes of this direction are lost, although the links look fine. Until the cut. */
  lose(...directions: Direction[]): void {
    for (const direction of directions) this.#lost.add(direction)
  }

  /** Cuts all links. */
  cut(): void {
    this.#lost.clear()
    for (const pair of this.#pairs) this.#end(pair)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    await new Promise((resolve) => void this.#server.close(resolve))
  }

  #join(client: Socket, server: Socket): void {
    if (this.closed) {
      client.resetAndDestroy()
      server.destroy()
      return
    }
    const pair = [client, server] as const
    this.#pairs.add(pair)
    this.links++
    let left = this.lifetime()
    const pass = (from: Socket, to: Socket, direction: Direction): void => {
      from.setNoDelay(true)
      from.on('data', (bytes) => {
        if (this.#lost.has(direction)) return
        const passed = bytes.subarray(0, Math.min(left, bytes.length))
        left -= passed.length
        // What is written is flushed before the end, so a link may end within a frame.
        if (!to.write(passed)) from.pause()
        if (left <= 0) this.#end(pair)
      })
      to.on('drain', () => from.resume())
      from.on('close', () => this.#end(pair))
      from.on('error', () => {})
    }
    pass(client, server, 'up')
    pass(server, client, 'down')
  }

  #end(pair: readonly [Socket, Socket]): void {
    if (!this.#pairs.delete(pair)) return
    for (const socket of pair) socket.destroySoon()
  }
}
